"""Kline zips to one Parquet file each, as one does it with polars; prints the number of rows.

    python polars_klines.py each|threads SOURCE TARGET

`each` reads one file after the other, where polars uses both cores within a file; `threads` gives two files at a
time to two threads, each as a lazy plan that streams into its Parquet file.
"""

import sys
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


def each(path, target):
    text = text_of(path)
    frame = with_times(pl.read_csv(text, **options_of(text)))
    frame.write_parquet(target, compression="snappy")
    return frame.height


def lazily(path, target):
    text = text_of(path)
    plan = with_times(pl.scan_csv(text, **options_of(text)))
    plan.sink_parquet(target, compression="snappy")
    return pl.scan_parquet(target).select(pl.len()).collect().item()


def main(mode, source, target):
    paths = sorted(Path(source).rglob("*.zip"))
    targets = [Path(target) / f"{path.stem}.parquet" for path in paths]
    if mode == "each":
        counts = map(each, paths, targets)
    else:
        counts = ThreadPoolExecutor(2).map(lazily, paths, targets)
    print(sum(counts))


main(*sys.argv[1:])
