import { LakeError } from '@lake/core'
import type { Schema, Table } from 'apache-arrow'
import { ByteWriter } from './byte-writer.ts'
import { createChunkEncoder } from './chunk-encoder.ts'
import { createColumnBuffer } from './column-buffer.ts'
import { MAGIC } from './file-format.ts'
import { createFloatDictionaries } from './float-dictionary.ts'
import type { PageCompressor } from './page-compressor.ts'
import { type EncodedRowGroup, writeFooter } from './write-footer.ts'

export interface EncoderOptions {
  readonly schema: Schema
  readonly compressor: PageCompressor
  /** Key-value metadata of the file; written in the order of its keys. Hold nothing that differs between runs. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Rows of a row group, 131,072 by default: small enough to prune a day of trades, large enough to compress. */
  readonly rowGroupRows?: number | undefined
}

/**
 * Turns tables into the bytes of one Parquet file, one row group at a time.
 *
 * From Arrow's buffers to the file's bytes there are only typed arrays: values wait for their row group in one array a
 * column, pages are made in memory that is reused, and a row group leaves as one chunk.
 */
export interface ParquetEncoder {
  /** Takes a table's rows; yields a chunk for each row group that they complete. */
  add(table: Table): Generator<Uint8Array, void, undefined>
  /** Yields the last row group and the footer. */
  finish(): Generator<Uint8Array, void, undefined>
  /** Rows taken so far. */
  rows(): number
}

const ROW_GROUP_ROWS = 131_072

/** @throws {@link LakeError} `BAD_REQUEST`, `UNSUPPORTED` */
export function createParquetEncoder(options: EncoderOptions): ParquetEncoder {
  const { rowGroupRows = ROW_GROUP_ROWS, metadata = {} } = options
  if (!Number.isSafeInteger(rowGroupRows) || rowGroupRows < 1) {
    throw new LakeError('BAD_REQUEST', `rowGroupRows is a positive integer, ${rowGroupRows} is not.`)
  }
  const { fields } = options.schema
  const findDictionary = createFloatDictionaries()
  const columns = fields.map((field) => ({ field, buffer: createColumnBuffer(field, findDictionary) }))
  const encoder = createChunkEncoder(options.compressor)
  const rowGroups: EncodedRowGroup[] = []
  const out = new ByteWriter(1 << 16)
  out.append(MAGIC)
  let base = 0
  let waiting = 0
  let rows = 0

  function encodeRowGroup(): Uint8Array {
    const chunks = columns.map(({ field, buffer }) => encoder.encode(buffer.take(), field.nullable, out, base))
    rowGroups.push({ rows: waiting, chunks })
    waiting = 0
    return takeBytes()
  }

  function takeBytes(): Uint8Array {
    const taken = out.written().slice()
    base += out.length
    out.length = 0
    return taken
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
        if (waiting === rowGroupRows) yield encodeRowGroup()
      }
      for (const { buffer } of columns) buffer.settle()
    },
    *finish() {
      if (waiting > 0) yield encodeRowGroup()
      writeFooter({ fields, rows, rowGroups, metadata }, out, base)
      yield takeBytes()
    },
    rows: () => rows,
  }
}
