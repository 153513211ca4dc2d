"""Merges two sorted frames of bars as one does it with polars, a round for each line on stdin; prints milliseconds
of the clock and of the processor.

    python polars_merge.py FIRST SECOND

FIRST and SECOND are ranges of minutes `from:to`. The answer to `merge` is the time of `merge_sorted`, which keeps the
rows that both frames have twice; to `unique` the time of `merge_sorted` and of dropping one of the two.
"""

import sys
import time

import polars as pl

FLOATS = ["open", "high", "low", "close", "volume", "quote_volume", "taker_buy_volume", "taker_buy_quote_volume"]


def bars(span, source):
    start, end = map(int, span.split(":"))
    minute = pl.int_range(start, end, eager=True)
    open_time = minute * 60_000_000

    def times(name, shift):
        return (open_time + shift).cast(pl.Datetime("us", "UTC")).alias(name)

    return pl.DataFrame(
        [times("ts_event", 0), times("ts_available", 60_000_000)]
        + [(minute % 9973 + column).cast(pl.Float64).alias(name) for column, name in enumerate(FLOATS)]
        + [(minute % 1000).alias("trade_count"), times("close_time", 59_999_000)]
    ).with_columns(pl.lit(source).cast(pl.Categorical).alias("source"))


first = bars(sys.argv[1], "archive")
second = bars(sys.argv[2], "rest")
for line in sys.stdin:
    begin, processor = time.perf_counter(), time.process_time()
    merged = first.merge_sorted(second, key="ts_event")
    if line.strip() == "unique":
        merged = merged.unique(subset="ts_event", keep="first", maintain_order=True)
    seconds, busy = time.perf_counter() - begin, time.process_time() - processor
    print(seconds * 1000, busy * 1000, merged.height, flush=True)
