"""Reads or writes a Parquet file several times in one process; prints the seconds and the processor's seconds of
each time, and the bytes written.

    python polars_parquet.py read|scan|write|sink FILE TARGET TIMES
"""

import json
import os
import sys
import time

import polars as pl

mode, file, target, times = sys.argv[1:]
frame = pl.read_parquet(file) if mode in ("write", "sink") else None
seconds = []
cpu_seconds = []
for _ in range(int(times)):
    start = time.perf_counter()
    before = time.process_time()
    if mode == "read":
        rows = pl.read_parquet(file).height
    elif mode == "scan":
        rows = pl.scan_parquet(file).collect().height
    elif mode == "write":
        frame.write_parquet(target, compression="snappy")
        rows = frame.height
    else:
        frame.lazy().sink_parquet(target, compression="snappy")
        rows = frame.height
    cpu_seconds.append(time.process_time() - before)
    seconds.append(time.perf_counter() - start)
written = os.path.getsize(target) if frame is not None else 0
print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds, "bytes": written, "rows": rows}))
