import { createHash } from 'node:crypto'
import { constantWord, makeTable, tableSchema } from '@lake/core'
import { Field, Int32, Int64, makeVector, Schema, Table, TimestampMillisecond, vectorFromArray } from 'apache-arrow'
import { parquetMetadata } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import { readParquetMetadata, writeParquet } from './index.ts'

describe('writeParquet', () => {
  test('gives these very bytes, so that a release cannot change them unnoticed', () => {
    const bytes = writeParquet(trades(1000), { rowGroupRows: 300, metadata: { table: 'trades', revision: '1' } })
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      'df0141db90dd2f08e7ef94182868c6aed709e6f4adb18aca86b42f0ec53b23cf',
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
      ['ts_event', ['DELTA_BINARY_PACKED'], 'SNAPPY'],
      ['ts_available', ['DELTA_BINARY_PACKED'], 'SNAPPY'],
      ['source', ['PLAIN', 'RLE_DICTIONARY'], 'SNAPPY'],
      ['trade_id', ['DELTA_BINARY_PACKED'], 'SNAPPY'],
      ['price', ['PLAIN', 'RLE_DICTIONARY'], 'SNAPPY'],
      ['size', ['PLAIN'], 'SNAPPY'],
      ['quote_size', ['PLAIN'], 'SNAPPY'],
      ['side', ['PLAIN', 'RLE_DICTIONARY'], 'SNAPPY'],
      ['is_best_match', ['RLE'], 'SNAPPY'],
    ])
  })

  test('has statistics of every column, and page indexes of the time', () => {
    const [rowGroup] = parquetMetadata(writeParquet(trades(40_000)), {
      parsers: { timestampFromMicroseconds: (value: bigint) => value },
    }).row_groups
    const statistics = rowGroup?.columns.map(({ meta_data }) => meta_data?.statistics)
    expect(statistics?.every((entry) => entry?.min_value !== undefined || entry?.null_count === 40_000n)).toBe(true)
    expect(statistics?.[0]).toMatchObject({
      min_value: 1704067200000000n,
      max_value: 1704067200000000n + 39_999n * 1000n,
    })
    const [time, ...others] = rowGroup?.columns ?? []
    expect(time?.column_index_length).toBeGreaterThan(0)
    expect(time?.offset_index_length).toBeGreaterThan(0)
    expect(others.every(({ column_index_length }) => column_index_length === undefined)).toBe(true)
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
