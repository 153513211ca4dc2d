import { LakeError } from '@lake/core'
import type { Schema, Table } from 'apache-arrow'
import { ByteWriter } from './byte-writer.ts'
import { createChunkEncoder } from './chunk-encoder.ts'
import { createColumnBuffer } from './column-buffer.ts'
import { MAGIC } from './file-format.ts'
import type { PageCompressor } from './page-compressor.ts'
import { type EncodedRowGroup, writeFooter } from './write-footer.ts'

export interface EncoderOptions {
  readonly schema: Schema
  readonly compressor: PageCompressor
  /** Key-value metadata of the file; written in the order of its keys. Hold nothing that differs between runs. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Rows of a row group, 131,072 by default: small enough to prune a day of trades, large enough to compress. */
  readonly rowGroupRows?: number | undefined
  /** Empty memory for the bytes of the file. */
  readonly out?: ByteWriter | undefined
}

/**
 * Turns tables into the bytes of one Parquet file, one row group at a time.
 *
 * From Arrow's buffers to the file's bytes there are only typed arrays: values wait for their row group in one array a
 * column, pages are made in memory that is reused, and the bytes are copied once, when they are taken.
 */
export interface ParquetEncoder {
  /** Takes a table's rows; pauses after each row group that they complete. */
  add(table: Table): Generator<undefined, void, undefined>
  /** Copies what is still the memory of the last table, which its owner may change from now on. */
  settle(): void
  /** Makes the last row group and the footer; pauses between them. */
  finish(): Generator<undefined, void, undefined>
  /** The bytes since the last call. */
  take(): Uint8Array
  /** Makes room for the bytes of so many rows, so that memory need not grow. */
  reserve(rows: number): void
  /** Rows taken so far. */
  rows(): number
}

const ROW_GROUP_ROWS = 131_072

const NUMBER_BYTES = 8

/** @throws {@link LakeError} `BAD_REQUEST`, `UNSUPPORTED` */
export function createParquetEncoder(options: EncoderOptions): ParquetEncoder {
  const { rowGroupRows = ROW_GROUP_ROWS, metadata = {}, out = new ByteWriter(1 << 16) } = options
  if (!Number.isSafeInteger(rowGroupRows) || rowGroupRows < 1) {
    throw new LakeError('BAD_REQUEST', `rowGroupRows is a positive integer, ${rowGroupRows} is not.`)
  }
  const { fields } = options.schema
  const columns = fields.map((field) => ({ field, buffer: createColumnBuffer(field) }))
  const encoder = createChunkEncoder(options.compressor)
  const rowGroups: EncodedRowGroup[] = []
  out.append(MAGIC)
  let base = 0
  let waiting = 0
  let rows = 0

  function encodeRowGroup(): void {
    const chunks = columns.map(({ field, buffer }) => encoder.encode(buffer.take(), field.nullable, out, base))
    rowGroups.push({ rows: waiting, chunks })
    waiting = 0
  }

  return {
    *add(table) {
      const appends = columns.map(({ buffer }) => buffer.load(table))
      for (let from = 0; from < table.numRows;) {
        const to = Math.min(table.numRows, from + rowGroupRows - waiting)
        for (const append of appends) append(from, to)
        waiting += to - from
        rows += to - from
        from = to
        if (waiting < rowGroupRows) continue
        encodeRowGroup()
        yield
      }
    },
    settle() {
      for (const { buffer } of columns) buffer.settle()
    },
    *finish() {
      if (waiting > 0) {
        encodeRowGroup()
        yield
      }
      writeFooter({ fields, rows, rowGroups, metadata }, out, base)
    },
    take() {
      const taken = out.written().slice()
      base += out.length
      out.length = 0
      return taken
    },
    reserve(rows) {
      out.reserve(rows * fields.length * NUMBER_BYTES)
    },
    rows: () => rows,
  }
}
