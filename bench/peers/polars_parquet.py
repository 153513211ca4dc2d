"""Reads and writes Parquet files as it is told: a line `read FILE`, `scan FILE`, `write FILE TARGET` or
`sink FILE TARGET` in, its words told apart by tabs, a line of JSON out. It holds the seconds, the processor's seconds
of all threads, the rows, and the bytes that were written.
"""

import json
import os
import sys
import time

import polars as pl


def measure(work):
    start = time.perf_counter()
    before = time.process_time()
    frame = work()
    cpu_seconds = time.process_time() - before
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "cpuSeconds": cpu_seconds, "rows": frame.height}


def write(job, file, target):
    frame = pl.read_parquet(file)

    def work():
        if job == "write":
            frame.write_parquet(target, compression="snappy")
        else:
            frame.lazy().sink_parquet(target, compression="snappy")
        return frame

    return {**measure(work), "bytes": os.path.getsize(target)}


for line in sys.stdin:
    job, file, *targets = line.rstrip("\n").split("\t")
    if job == "read":
        cost = measure(lambda: pl.read_parquet(file))
    elif job == "scan":
        cost = measure(lambda: pl.scan_parquet(file).collect())
    else:
        cost = write(job, file, *targets)
    print(json.dumps(cost), flush=True)
