import { LakeError } from '@lake/core'
import type { Field, Schema, Table } from 'apache-arrow'
import type { DecodedArray, KeyValue, SchemaElement } from 'hyparquet'
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer'
import { createColumnBuffer } from './column-buffer.ts'
import { columnKind } from './column-kind.ts'

export interface EncoderOptions {
  readonly schema: Schema
  /** Key-value metadata of the file; written in the order of its keys. Hold nothing that differs between runs. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Rows of a row group, 131,072 by default: small enough to prune a day of trades, large enough to compress. */
  readonly rowGroupRows?: number | undefined
}

/** Turns tables into the bytes of one Parquet file, one row group at a time. */
export interface ParquetEncoder {
  /** Takes a table's rows; yields a chunk for each row group that they complete. */
  add(table: Table): Generator<Uint8Array, void, undefined>
  /** Yields the last row group and the footer. */
  finish(): Generator<Uint8Array, void, undefined>
  /** Rows taken so far. */
  rows(): number
}

const ROW_GROUP_ROWS = 131_072

// A page is cut before the value that reaches this size: one byte more makes pages of exactly 16,384 numbers.
const PAGE_BYTES = 8 * 16_384 + 1

/** @throws {@link LakeError} `BAD_REQUEST`, `UNSUPPORTED` */
export function createParquetEncoder(options: EncoderOptions): ParquetEncoder {
  const { rowGroupRows = ROW_GROUP_ROWS } = options
  if (!Number.isSafeInteger(rowGroupRows) || rowGroupRows < 1) {
    throw new LakeError('BAD_REQUEST', `rowGroupRows is a positive integer, ${rowGroupRows} is not.`)
  }
  const { fields } = options.schema
  const buffers = fields.map(createColumnBuffer)
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({
    writer: bytes,
    // The encoder turns timestamps into Date or bigint objects row by row, so it is told of plain int64 columns;
    // the footer, written last, tells of timestamps.
    schema: fileSchema(fields, physicalElement),
    createdBy: 'lake',
    ...keyValues(options.metadata),
  })
  let waiting = 0
  let rows = 0

  function encodeRowGroup(): Uint8Array {
    const columnData = fields.map((field, index) => columnSource(field, buffers[index]?.take() ?? []))
    void writer.write({ columnData, rowGroupSize: waiting, pageSize: PAGE_BYTES })
    waiting = 0
    return takeBytes(bytes)
  }

  return {
    *add(table) {
      const appends = buffers.map((buffer) => buffer.load(table))
      for (let from = 0; from < table.numRows;) {
        const to = Math.min(table.numRows, from + rowGroupRows - waiting)
        for (const append of appends) append(from, to)
        waiting += to - from
        rows += to - from
        from = to
        if (waiting === rowGroupRows) yield encodeRowGroup()
      }
    },
    *finish() {
      if (waiting > 0) yield encodeRowGroup()
      writer.schema = fileSchema(fields, annotatedElement)
      void writer.finish()
      yield takeBytes(bytes)
    },
    rows: () => rows,
  }
}

function takeBytes(bytes: ByteWriter): Uint8Array {
  const taken = bytes.getBytes().slice()
  bytes.index = 0
  return taken
}

function keyValues(metadata: Readonly<Record<string, string>> = {}): { kvMetadata?: KeyValue[] } {
  // Code-unit order, not locale order: the same on every machine.
  const entries = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? {} : { kvMetadata: entries.map(([key, value]) => ({ key, value })) }
}

function fileSchema(fields: readonly Field[], elementOf: (field: Field) => SchemaElement): SchemaElement[] {
  return [{ name: 'schema', num_children: fields.length }, ...fields.map(elementOf)]
}

function physicalElement(field: Field): SchemaElement {
  const repetition_type = field.nullable ? 'OPTIONAL' : 'REQUIRED'
  switch (columnKind(field)) {
    case 'float':
      return { name: field.name, type: 'DOUBLE', repetition_type }
    case 'flag':
      return { name: field.name, type: 'BOOLEAN', repetition_type }
    case 'text':
      return {
        name: field.name,
        type: 'BYTE_ARRAY',
        repetition_type,
        converted_type: 'UTF8',
        logical_type: { type: 'STRING' },
      }
    default:
      return { name: field.name, type: 'INT64', repetition_type }
  }
}

function annotatedElement(field: Field): SchemaElement {
  const element = physicalElement(field)
  if (columnKind(field) !== 'time') return element
  return {
    ...element,
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  }
}

function columnSource(field: Field, data: DecodedArray): ColumnSource {
  const { name } = field
  switch (columnKind(field)) {
    case 'text':
      return { name, data, encoding: 'RLE_DICTIONARY' }
    case 'float':
      // A dictionary is built where it halves the column; it would take -0 and 0 for the same word.
      return hasNegativeZero(data) ? { name, data, encoding: 'PLAIN' } : { name, data }
    case 'flag':
      return { name, data }
    default:
      return { name, data, encoding: 'DELTA_BINARY_PACKED', columnIndex: name === 'ts_event' }
  }
}

function hasNegativeZero(data: DecodedArray): boolean {
  return data.some((value: unknown) => Object.is(value, -0))
}
