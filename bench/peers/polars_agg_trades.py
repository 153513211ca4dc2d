"""A zip of aggregated trades to one Parquet file, as one does it with polars.

    python polars_agg_trades.py eager|lazy once|hot ZIP TARGET
    python polars_agg_trades.py same FILE FILE

`eager` reads the rows and writes them, `lazy` is a plan that streams into its file; both use two threads. `once` does
the job and prints the number of rows; `hot` does it for each line on stdin and answers with one line of JSON. `same`
fails unless two files, one of them the lake's, hold the same rows.
"""

import json
import sys
import time
import zipfile

import polars as pl

SCHEMA = {
    "agg_trade_id": pl.Int64,
    "price": pl.Float64,
    "size": pl.Float64,
    "first_trade_id": pl.Int64,
    "last_trade_id": pl.Int64,
    "ts_event": pl.Int64,
    "is_buyer_maker": pl.String,
    "is_best_match": pl.String,
}


def text_of(path):
    with zipfile.ZipFile(path) as archive:
        return archive.read(archive.namelist()[0])


def typed(frame):
    time = pl.col("ts_event").cast(pl.Datetime("us", "UTC"))
    flags = [(pl.col(name) == "True").alias(name) for name in ("is_buyer_maker", "is_best_match")]
    return frame.with_columns(time, *flags).sort("agg_trade_id")


def eager(path, target):
    frame = typed(pl.read_csv(text_of(path), has_header=False, schema=SCHEMA))
    frame.write_parquet(target, compression="snappy")
    return frame.height


def lazy(path, target):
    typed(pl.scan_csv(text_of(path), has_header=False, schema=SCHEMA)).sink_parquet(target, compression="snappy")
    return pl.scan_parquet(target).select(pl.len()).collect().item()


def same(lake, other):
    ours = pl.read_parquet(lake).with_columns(is_buyer_maker=pl.col("side").cast(pl.String) == "sell")
    theirs = pl.read_parquet(other)
    if not ours.select(theirs.columns).equals(theirs):
        sys.exit(f"{lake} and {other} hold different rows")


form, *rest = sys.argv[1:]
if form == "same":
    same(*rest)
    sys.exit()
mode, path, target = rest
convert = {"eager": eager, "lazy": lazy}[form]
if mode == "once":
    print(convert(path, target))
else:
    for _ in sys.stdin:
        start = time.perf_counter()
        before = time.process_time()
        rows = convert(path, target)
        cost = {"rows": rows, "seconds": time.perf_counter() - start, "cpuSeconds": time.process_time() - before}
        print(json.dumps(cost), flush=True)
