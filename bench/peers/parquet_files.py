"""Writes the rows of a Parquet file as other programs write them: as they do by default with snappy and with zstd, and
as plain as they can.

    python parquet_files.py FILE PREFIX

The files are PREFIX-polars-snappy.parquet and so on.
"""

import sys

import duckdb
import polars as pl
import pyarrow.parquet

file, prefix = sys.argv[1:]
frame = pl.read_parquet(file)
table = pyarrow.parquet.read_table(file)
for compression in ("snappy", "zstd"):
    frame.write_parquet(f"{prefix}-polars-{compression}.parquet", compression=compression)
    pyarrow.parquet.write_table(table, f"{prefix}-pyarrow-{compression}.parquet", compression=compression)
    rows = f"(select * from read_parquet('{file}'))"
    duckdb.sql(f"copy {rows} to '{prefix}-duckdb-{compression}.parquet' (format parquet, compression {compression})")
frame.write_parquet(f"{prefix}-polars-plain.parquet", compression="uncompressed")
pyarrow.parquet.write_table(table, f"{prefix}-pyarrow-plain.parquet", compression="none", use_dictionary=False)
