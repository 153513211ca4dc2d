"""Kline zips to Parquet files, as one does it with polars.

    python polars_klines.py each|threads|lazy SOURCE TARGET [once|hot] [month|day] [TIMES]

`each` reads one file after the other, where polars uses both cores within a file; `threads` gives two files at a
time to two threads; `lazy` does that with a plan that streams into its Parquet file. `once` prints the number of
rows; `hot` does the job for each line on stdin and answers with one line of JSON. TIMES does the same zips several
times over, into files of their own.
"""

import json
import resource
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

SCHEMA = {
    "open_time": pl.Int64,
    "open": pl.Float64,
    "high": pl.Float64,
    "low": pl.Float64,
    "close": pl.Float64,
    "volume": pl.Float64,
    "close_time": pl.Int64,
    "quote_volume": pl.Float64,
    "count": pl.Int64,
    "taker_buy_volume": pl.Float64,
    "taker_buy_quote_volume": pl.Float64,
    "ignore": pl.Int64,
}


def text_of(path):
    with zipfile.ZipFile(path) as archive:
        return archive.read(archive.namelist()[0])


def with_times(frame):
    # Files have milliseconds, spot files from 2025 on microseconds.
    def time(name):
        value = pl.col(name)
        micros = pl.when(value < 10**15).then(value * 1000).otherwise(value)
        return micros.cast(pl.Datetime("us", "UTC")).alias(name)

    return frame.with_columns(time("open_time"), time("close_time")).drop("ignore").sort("open_time")


def options_of(text):
    return {"has_header": not text[:1].isdigit(), "schema": SCHEMA}


def eagerly(path, target):
    text = text_of(path)
    frame = with_times(pl.read_csv(text, **options_of(text)))
    frame.write_parquet(f"{target}.parquet", compression="snappy")
    return frame.height


def lazily(path, target):
    text = text_of(path)
    plan = with_times(pl.scan_csv(text, **options_of(text)))
    plan.sink_parquet(f"{target}.parquet", compression="snappy")
    return pl.scan_parquet(f"{target}.parquet").select(pl.len()).collect().item()


def by_day(path, target):
    text = text_of(path)
    frame = with_times(pl.read_csv(text, **options_of(text)))
    days = frame.with_columns(day=pl.col("open_time").dt.day())
    for (day,), rows in days.partition_by("day", as_dict=True, include_key=False).items():
        rows.write_parquet(f"{target}-{day:02d}.parquet", compression="snappy")
    return frame.height


def by_day_lazily(path, target):
    text = text_of(path)
    plan = with_times(pl.scan_csv(text, **options_of(text))).with_columns(day=pl.col("open_time").dt.day())
    plan.sink_parquet(pl.PartitionBy(f"{target}-days", key="day", include_key=False), compression="snappy")
    return pl.scan_parquet(f"{target}-days/**/*.parquet").select(pl.len()).collect().item()


def main(form, source, target, mode="once", cut="month", times="1"):
    paths = sorted(Path(source).rglob("*.zip")) * int(times)
    targets = [f"{target}/{path.stem}-{number}" for number, path in enumerate(paths)]
    lazy, eager = (lazily, eagerly) if cut == "month" else (by_day_lazily, by_day)
    pool = ThreadPoolExecutor(2)

    def job():
        if form == "each":
            return sum(map(eager, paths, targets))
        return sum(pool.map(lazy if form == "lazy" else eager, paths, targets))

    if mode == "once":
        print(job())
        return
    for _ in sys.stdin:
        start = time.perf_counter()
        cpu = time.process_time()
        rows = job()
        cost = {"rows": rows, "seconds": time.perf_counter() - start, "cpuSeconds": time.process_time() - cpu}
        unit = 1 if sys.platform == "darwin" else 1024
        cost["peakBytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
        print(json.dumps(cost), flush=True)


main(*sys.argv[1:])
