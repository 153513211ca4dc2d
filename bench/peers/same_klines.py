"""Compares the rows of folders with Parquet files of klines, value by value, in the order of time and file.

    python same_klines.py FOLDER FOLDER...
"""

import sys

import polars as pl

COLUMNS = ["open", "high", "low", "close", "volume", "quote_volume", "taker_buy_volume", "taker_buy_quote_volume"]


def rows_of(folder):
    frame = pl.scan_parquet(f"{folder}/**/*.parquet", hive_partitioning=False)
    frame = frame.rename({"ts_event": "open_time", "trade_count": "count"}, strict=False)
    return frame.select("open_time", "close_time", "count", *COLUMNS).sort(pl.all()).collect()


first, *others = map(rows_of, sys.argv[1:])
for folder, rows in zip(sys.argv[2:], others):
    if not first.equals(rows):
        sys.exit(f"{folder} has {rows.height} other rows than the {first.height} of {sys.argv[1]}")
