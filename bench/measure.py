"""Runs a program and writes what it cost as one JSON line to stderr's last line: seconds and peak memory.

    python measure.py PROGRAM ARGUMENT...

The peak is that of the largest single process, as the kernel counts it; every program here is one process.
"""

import json
import os
import sys
import time

start = time.perf_counter()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
seconds = time.perf_counter() - start
unit = 1 if sys.platform == "darwin" else 1024
cost = {
    "seconds": seconds,
    "cpuSeconds": usage.ru_utime + usage.ru_stime,
    "peakBytes": usage.ru_maxrss * unit,
    "code": os.waitstatus_to_exitcode(status),
}
print(json.dumps(cost), file=sys.stderr)
