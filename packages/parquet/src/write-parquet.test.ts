import { createHash } from 'node:crypto'
import { constantWord, decimalColumn, makeTable, tableSchema } from '@lake/core'
import {
  Decimal,
  Field,
  Int32,
  Int64,
  makeVector,
  Schema,
  Table,
  TimestampMillisecond,
  vectorFromArray,
} from 'apache-arrow'
import { parquetMetadata, readColumnIndex, readOffsetIndex } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import { readParquetMetadata, writeParquet } from './index.ts'

describe('writeParquet', () => {
  test('gives these very bytes, so that a release cannot change them unnoticed', () => {
    const bytes = writeParquet(trades(1000), { rowGroupRows: 300, metadata: { table: 'trades', revision: '1' } })
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      'c2ae15df0e5025568923b89d0f7cb61d2f7d0af2f83c9541bc5bc2674fc0c7c9',
    )
  })

  test('describes the columns so that every engine reads them the same way', () => {
    const { schema, created_by } = parquetMetadata(writeParquet(trades(10)))
    expect(created_by).toBe('lake')
    const described = schema.slice(1).map(({ name, type, repetition_type, converted_type, logical_type }) => {
      return [name, type, repetition_type, converted_type, logical_type]
    })
    const time = ['INT64', 'REQUIRED', 'TIMESTAMP_MICROS', { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' }]
    const text = ['BYTE_ARRAY', 'REQUIRED', 'UTF8', { type: 'STRING' }]
    expect(described).toEqual([
      ['ts_event', ...time],
      ['ts_available', ...time],
      ['source', ...text],
      ['trade_id', 'INT64', 'REQUIRED', undefined, undefined],
      ['price', 'DOUBLE', 'REQUIRED', undefined, undefined],
      ['size', 'DOUBLE', 'REQUIRED', undefined, undefined],
      ['quote_size', 'DOUBLE', 'OPTIONAL', undefined, undefined],
      ['side', ...text],
      ['is_best_match', 'BOOLEAN', 'OPTIONAL', undefined, undefined],
    ])
  })

  test('encodes times and ids as deltas, words as a dictionary, numbers as whichever is smaller', () => {
    const [rowGroup] = parquetMetadata(writeParquet(trades(5000))).row_groups
    const encodings = rowGroup?.columns.map(({ meta_data }) => [
      meta_data?.path_in_schema[0],
      meta_data?.encodings,
      meta_data?.codec,
    ])
    expect(encodings).toEqual([
      ['ts_event', ['DELTA_BINARY_PACKED', 'RLE'], 'SNAPPY'],
      ['ts_available', ['DELTA_BINARY_PACKED', 'RLE'], 'SNAPPY'],
      ['source', ['PLAIN', 'RLE_DICTIONARY', 'RLE'], 'SNAPPY'],
      ['trade_id', ['DELTA_BINARY_PACKED', 'RLE'], 'SNAPPY'],
      ['price', ['PLAIN', 'RLE_DICTIONARY', 'RLE'], 'SNAPPY'],
      ['size', ['PLAIN', 'RLE'], 'SNAPPY'],
      ['quote_size', ['PLAIN', 'RLE'], 'SNAPPY'],
      ['side', ['PLAIN', 'RLE_DICTIONARY', 'RLE'], 'SNAPPY'],
      ['is_best_match', ['PLAIN', 'RLE'], 'SNAPPY'],
    ])
  })

  test('has statistics and page indexes of every column', () => {
    const bytes = writeParquet(trades(40_000))
    const { schema, row_groups } = parquetMetadata(bytes, PARSERS)
    const chunks = row_groups[0]?.columns ?? []
    const bounds = chunks.map(({ meta_data }) => {
      const { min_value, max_value, null_count } = meta_data?.statistics ?? {}
      return [meta_data?.path_in_schema[0], min_value, max_value, null_count]
    })
    const time = [1704067200000000n, 1704067200000000n + 39_999n * 1000n, 0n]
    expect(bounds).toEqual([
      ['ts_event', ...time],
      ['ts_available', ...time],
      ['source', 'archive', 'archive', 0n],
      ['trade_id', 3_000_000_000n, 3_000_039_999n, 0n],
      ['price', 42_000, 42_000.19, 0n],
      ['size', 0.00001, 0.4, 0n],
      ['quote_size', 1 / 7, 40_000 / 7, 0n],
      ['side', 'buy', 'sell', 0n],
      ['is_best_match', false, true, 13_333n],
    ])
    for (const [nth, chunk] of chunks.entries()) {
      const element = schema[nth + 1] ?? expect.fail()
      const index = readColumnIndex(readerAt(bytes, chunk.column_index_offset), element, PARSERS.parsers)
      const { page_locations } = readOffsetIndex(readerAt(bytes, chunk.offset_index_offset))
      expect(page_locations.map(({ first_row_index }) => first_row_index)).toEqual([0n, 16_384n, 32_768n])
      expect(index).toMatchObject({ null_pages: [false, false, false] })
      expect([index.min_values.length, index.max_values.length]).toEqual([3, 3])
      if (nth === 0) {
        expect(index).toMatchObject({ boundary_order: 'ASCENDING', null_counts: [0n, 0n, 0n] })
        expect(index.min_values[1]).toBe(1704067200000000n + 16_384n * 1000n)
        expect(index.max_values[1]).toBe(1704067200000000n + 32_767n * 1000n)
      }
    }
  })

  test('sorts the metadata by key, so that the order in which it was put together leaves no trace', async () => {
    const one = writeParquet(trades(3), { metadata: { b: '2', a: '1', ü: '3' } })
    const other = writeParquet(trades(3), { metadata: { ü: '3', a: '1', b: '2' } })
    expect(Buffer.from(one).equals(other)).toBe(true)
    const { metadata } = await readParquetMetadata(one)
    expect(Object.entries(metadata)).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['ü', '3'],
    ])
  })

  test('keeps metadata of any size: a footer beyond the first read is read whole', async () => {
    const metadata = { long: 'x'.repeat(200_000) }
    expect(await readParquetMetadata(writeParquet(trades(3), { metadata }))).toMatchObject({ rows: 3, metadata })
  })

  test('cuts row groups of 131,072 rows', async () => {
    const { rowGroups } = await readParquetMetadata(writeParquet(trades(131_073)))
    expect(rowGroups.map(({ rows }) => rows)).toEqual([131_072, 1])
  })

  test('writes a table without rows', async () => {
    expect(await readParquetMetadata(writeParquet(trades(0)))).toMatchObject({ rows: 0, rowGroups: [], metadata: {} })
  })

  test.each([
    ['timestamp[ms]', new Field('x', new TimestampMillisecond('UTC'))],
    ['int32', new Field('x', new Int32())],
  ])('refuses a column of %s by name', (_, field) => {
    const table = new Table(new Schema([field]))
    expect(() => writeParquet(table)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED', details: { column: 'x', type: String(field.type) } }),
    )
  })

  test('stores exact decimals as sixteen bytes, or as int64 where all digits fit, with bounds', () => {
    const schema = new Schema([
      new Field('long', new Decimal(8, 38, 128), true),
      new Field('short', new Decimal(2, 18, 128), false),
    ])
    const table = makeTable(schema, {
      long: decimalColumn([10n ** 30n, null, -(10n ** 30n), 5n]),
      short: decimalColumn([-1n, 999_999_999_999_999_999n, 0n, 7n]),
    })
    const bytes = writeParquet(table)
    const { schema: elements, row_groups } = parquetMetadata(bytes)
    expect(elements.slice(1)).toMatchObject([
      { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, converted_type: 'DECIMAL', scale: 8, precision: 38 },
      { type: 'INT64', converted_type: 'DECIMAL', scale: 2, precision: 18 },
    ])
    expect(elements[1]?.logical_type).toEqual({ type: 'DECIMAL', scale: 8, precision: 38 })
    expect(row_groups[0]?.columns.map(({ meta_data }) => meta_data?.statistics)).toMatchObject([
      { min_value: -1e22, max_value: 1e22, null_count: 1n },
      { min_value: -0.01, max_value: 1e16, null_count: 0n },
    ])
  })

  test('refuses a decimal that has more digits than its column, naming column and row', () => {
    const schema = new Schema([new Field('x', new Decimal(2, 18, 128), true)])
    const table = makeTable(schema, { x: decimalColumn([null, 1n, 2n ** 63n]) })
    expect(() => writeParquet(table)).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST', details: { column: 'x', row: 2 } }),
    )
  })

  test('refuses null where the schema has none, naming column and row', () => {
    const table = new Table(new Schema([new Field('x', new Int64(), false)]), {
      x: vectorFromArray([1n, 2n, null], new Int64()),
    })
    expect(() => writeParquet(table)).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST', details: { column: 'x', row: 2 } }),
    )
  })

  test.each([0, -1, 1.5, Number.NaN])('refuses row groups of %d rows', (rowGroupRows) => {
    expect(() => writeParquet(trades(1), { rowGroupRows })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })

  test('takes a table that Arrow itself built', async () => {
    const bytes = writeParquet(new Table({ x: makeVector(new BigInt64Array([1n, 2n])) }))
    expect(await readParquetMetadata(bytes)).toMatchObject({
      rows: 2,
      columns: ['x'],
      rowGroups: [{ rows: 2, range: undefined }],
    })
  })
})

const PARSERS = { parsers: { timestampFromMicroseconds: (value: bigint) => value } }

function readerAt(bytes: Uint8Array, offset: bigint | undefined): { view: DataView; offset: number } {
  return { view: new DataView(bytes.buffer), offset: Number(offset) }
}

function trades(rows: number): Table {
  return makeTable(tableSchema('trades'), {
    ts_event: BigInt64Array.from({ length: rows }, (_, row) => 1704067200000000n + BigInt(row) * 1000n),
    ts_available: BigInt64Array.from({ length: rows }, (_, row) => 1704067200000000n + BigInt(row) * 1000n),
    source: constantWord('archive', rows),
    trade_id: BigInt64Array.from({ length: rows }, (_, row) => 3_000_000_000n + BigInt(row)),
    price: Float64Array.from({ length: rows }, (_, row) => 42_000 + (row % 20) / 100),
    size: Float64Array.from({ length: rows }, (_, row) => (row + 1) / 100_000),
    quote_size: Float64Array.from({ length: rows }, (_, row) => (row + 1) / 7),
    side: { codes: Int32Array.from({ length: rows }, (_, row) => ((row * 7) % 3) % 2), words: ['buy', 'sell'] },
    is_best_match: Uint8Array.from({ length: rows }, (_, row) => row % 3),
  })
}
