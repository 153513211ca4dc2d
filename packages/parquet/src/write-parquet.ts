import type { Table } from 'apache-arrow'
import { ByteWriter } from './byte-writer.ts'
import { createPageCompressor } from './page-compressor.ts'
import { createParquetEncoder } from './parquet-encoder.ts'

export interface WriteParquetOptions {
  /** Key-value metadata of the file, written in the order of its keys. Hold nothing here that differs between runs. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Rows of a row group; 131,072 by default. */
  readonly rowGroupRows?: number | undefined
  /** How pages are compressed; snappy by default. Zstd needs to be loaded first: see `createParquetWriter`. */
  readonly compression?: 'snappy' | 'none' | undefined
}

/**
 * The bytes of a Parquet file that holds a table.
 *
 * Equal tables and options give equal bytes, however the table is cut into batches. A column of the schema that
 * cannot hold null is REQUIRED, any other OPTIONAL; a NaN in an OPTIONAL column is null.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when a column has a type that the lake does not store, `BAD_REQUEST` when
 * a column that cannot hold null does, or when `rowGroupRows` is no positive integer.
 *
 * @example
 * await store.put(partitionKey(series, '2024-01'), writeParquet(table, { metadata: { table: 'klines' } }))
 */
export function writeParquet(table: Table, options: WriteParquetOptions = {}): Uint8Array {
  const compressor = createPageCompressor(options.compression ?? 'snappy')
  const out = spare
  out.length = 0
  const encoder = createParquetEncoder({ ...options, compressor, schema: table.schema, out })
  encoder.reserve(table.numRows)
  for (const steps of [encoder.add(table), encoder.finish()]) while (steps.next().done !== true);
  if (out.bytes.length > MOST_SPARE) spare = new ByteWriter()
  return encoder.take()
}

/**
 * Where the last file was made, which is copied from it, and the next one will be: fresh memory of many times a file's
 * size for each would keep the garbage collector at work.
 */
let spare = new ByteWriter()

const MOST_SPARE = 2 ** 24
