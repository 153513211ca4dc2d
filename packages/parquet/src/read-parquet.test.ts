import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import {
  constantWord,
  decimalColumn,
  decimalValues,
  floatValues,
  integerValues,
  type LakeTable,
  makeTable,
  nullFlags,
  tableSchema,
  type TimeRange,
  wordValues,
} from '@lake/core'
import type { Schema } from 'apache-arrow'
import { parquetMetadata, type SchemaElement } from 'hyparquet'
import { ByteWriter, type ColumnSource, parquetWrite, parquetWriteBuffer } from 'hyparquet-writer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type RandomAccess, readParquet, readParquetMetadata, writeParquet } from './index.ts'

const schema = tableSchema('fundingRate')
const ALL: TimeRange = { from: -8e15, to: 8e15 }

describe('readParquet with a range', () => {
  test('gives exactly the rows within it, sorted file or not', async () => {
    const times = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 120 })
    const bound = fc.integer({ min: -5, max: 205 })
    await fc.assert(
      fc.asyncProperty(
        times,
        fc.boolean(),
        bound,
        bound,
        fc.integer({ min: 1, max: 50 }),
        async (list, sorted, from, to, rowGroupRows) => {
          const at = sorted ? [...list].sort((a, b) => a - b) : list
          const read = await readParquet(writeParquet(funding(at), { rowGroupRows }), { schema, range: { from, to } })
          const expected = at.map((time, row) => ({ time, row })).filter(({ time }) => time >= from && time < to)
          expect(Array.from(integerValues(read, 'ts_event'), Number)).toEqual(expected.map(({ time }) => time))
          expect(Array.from(floatValues(read, 'funding_rate'))).toEqual(expected.map(({ row }) => row / 8))
          expect(read.schema.names).toEqual(schema.names)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('reads the footer, the times of one row group, and the pages that hold the rows', async () => {
    const rows = 200_000
    const bytes = writeParquet(funding(Array.from({ length: rows }, (_, row) => row)), { rowGroupRows: 50_000 })
    const source = counting(bytes)
    const range = { from: 100_100, to: 100_200 }
    const read = await readParquet(source, { schema, columns: ['mark_price'], range })
    expect(Array.from(floatValues(read, 'mark_price'))).toEqual(
      Array.from({ length: 100 }, (_, row) => (100_100 + row) * 1.1),
    )
    expect(bytes.length).toBeGreaterThan(1_500_000)
    expect(source.bytesRead()).toBeLessThan(65_536 + 150_000)
    expect(source.reads()).toBeLessThanOrEqual(4)
  })

  test('reads the bytes of the wanted column alone', async () => {
    const bytes = writeParquet(funding(Array.from({ length: 200_000 }, (_, row) => row)), { rowGroupRows: 50_000 })
    const { row_groups: groups } = parquetMetadata(bytes)
    const sizes = groups.map(({ columns }) => Number(columns.at(-1)?.meta_data?.total_compressed_size))
    const source = counting(bytes)
    await readParquet(source, { columns: ['mark_price'] })
    expect(source.bytesRead()).toBeLessThanOrEqual(65_536 + sizes.reduce((sum, size) => sum + size))
    expect(source.bytesRead()).toBeLessThan(0.7 * bytes.length)
    expect(source.reads()).toBe(1 + groups.length)
  })

  test('reads no column at all when the range lies outside the file', async () => {
    const source = counting(writeParquet(funding([10, 20, 30])))
    const read = await readParquet(source, { schema, range: { from: 31, to: 40 } })
    expect(read.numRows).toBe(0)
    expect(source.reads()).toBe(1)
  })

  test('leaves rows without a time out', async () => {
    const bytes = foreign(
      [{ name: 'ts_event', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'OPTIONAL' }],
      {
        ts_event: [1n, null, 2n, null, 3n],
      },
    )
    const read = await readParquet(bytes, { range: ALL })
    expect([...integerValues(read, 'ts_event')]).toEqual([1000n, 2000n, 3000n])
  })

  test('filters a file without statistics', async () => {
    const writer = new ByteWriter()
    await parquetWrite({
      writer,
      statistics: false,
      schema: [
        root(1),
        { name: 'ts_event', type: 'INT64', converted_type: 'TIMESTAMP_MICROS', repetition_type: 'REQUIRED' },
      ],
      columnData: [{ name: 'ts_event', data: [5n, 6n, 7n] }],
    })
    const read = await readParquet(new Uint8Array(writer.getBuffer()), { range: { from: 6, to: 7 } })
    expect([...integerValues(read, 'ts_event')]).toEqual([6n])
  })

  test.each<[string, Readonly<Record<string, Float64Array>>, SchemaElement[]]>([
    ['absent', { x: new Float64Array(1) }, [{ name: 'x', type: 'DOUBLE', repetition_type: 'REQUIRED' }]],
    ['no time', { ts_event: new Float64Array(1) }, [{ name: 'ts_event', type: 'DOUBLE', repetition_type: 'REQUIRED' }]],
  ])('refuses a file whose ts_event is %s', async (_, data, elements) => {
    await expect(readParquet(foreign(elements, data), { range: ALL })).rejects.toMatchObject({
      code: 'CORRUPT_LAKE',
      details: { column: 'ts_event' },
    })
  })
})

describe('readParquet of files of other programs', () => {
  test.each(['v1', 'v2'])('reads what DuckDB wrote with data pages of %s', async (version) => {
    const bytes = await readFile(new URL(`../fixtures/duckdb-1.5.5-${version}.parquet`, import.meta.url))
    const read = await readParquet(bytes)
    const rows = Array.from({ length: 500 }, (_, row) => row)
    const words = (column: string): (string | null)[] => {
      const { codes, words: list } = wordValues(read, column)
      return Array.from(codes, (code) => list[code] ?? null)
    }
    expect([...integerValues(read, 'ts_event')]).toEqual(rows.map((row) => BigInt(1704067200 + row) * 1_000_000n))
    expect([...integerValues(read, 'id')]).toEqual(rows.map((row) => BigInt((row * 7919) % 1000)))
    expect([...floatValues(read, 'price')]).toEqual(rows.map((row) => (row % 3 === 0 ? Number.NaN : row / 8)))
    expect(words('side')).toEqual(rows.map((row) => (row % 5 === 0 ? null : ['buy', 'sell', 'hold'][row % 3])))
    expect(rows.map((row): unknown => read.getChild('flag')?.get(row))).toEqual(
      rows.map((row) => (row % 7 === 0 ? null : row % 2 === 0)),
    )
    expect([...floatValues(read, 'small')]).toEqual(rows)
    expect(words('text')).toEqual(rows.map((row) => `word ${row}`))
    const part = await readParquet(bytes, {
      columns: ['price'],
      range: { from: 1704067210000000, to: 1704067213000000 },
    })
    expect([...floatValues(part, 'price')]).toEqual([10 / 8, 11 / 8, Number.NaN])
  })

  test.each<[string, ColumnSource['encoding'], SchemaElement, ColumnSource['data'], readonly unknown[]]>([
    [
      'BYTE_STREAM_SPLIT',
      'BYTE_STREAM_SPLIT',
      { name: 'x', type: 'DOUBLE' },
      new Float64Array([1.5, -0.1]),
      [1.5, -0.1],
    ],
    ['INT32 deltas', 'DELTA_BINARY_PACKED', { name: 'x', type: 'INT32' }, new Int32Array([5, -5]), [5n, -5n]],
    [
      'DELTA_LENGTH_BYTE_ARRAY',
      'DELTA_LENGTH_BYTE_ARRAY',
      { name: 'x', type: 'BYTE_ARRAY', converted_type: 'ENUM' },
      [bytesOf('abc'), bytesOf('')],
      ['abc', ''],
    ],
    [
      'DELTA_BYTE_ARRAY',
      'DELTA_BYTE_ARRAY',
      { name: 'x', type: 'BYTE_ARRAY', converted_type: 'ENUM' },
      [bytesOf('abc'), bytesOf('abd')],
      ['abc', 'abd'],
    ],
  ])('reads %s', async (_, encoding, element, data, expected) => {
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        schema: [root(1), { ...element, repetition_type: 'REQUIRED' }],
        columnData: [{ name: 'x', data, ...(encoding && { encoding }) }],
      }),
    )
    expect([...((await readParquet(bytes)).getChild('x') ?? [])]).toEqual(expected)
  })

  test.each([
    ['MILLIS', [-1n, 1704067200123n], [-1000n, 1704067200123000n]],
    ['MICROS', [-1n, 1704067200123456n], [-1n, 1704067200123456n]],
    ['NANOS', [-1n, 1704067200123456789n], [-1n, 1704067200123456n]],
  ] as const)('reads times in %s as microseconds', async (unit, stored, expected) => {
    const bytes = foreign(
      [
        {
          name: 'ts_event',
          type: 'INT64',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit },
          repetition_type: 'REQUIRED',
        },
      ],
      { ts_event: [...stored] },
    )
    const read = await readParquet(bytes)
    expect([...integerValues(read, 'ts_event')]).toEqual(expected)
    expect(String(read.schema.fields[0]?.type)).toBe('Timestamp<MICROSECOND, UTC>')
    const { rowGroups } = await readParquetMetadata(bytes)
    expect(rowGroups).toEqual([{ rows: 2, range: { from: Number(expected[0]), to: Number(expected[1]) + 1 } }])
  })

  test('widens small numbers', async () => {
    const bytes = foreign(
      [
        { name: 'int', type: 'INT32', repetition_type: 'OPTIONAL' },
        { name: 'unsigned', type: 'INT32', converted_type: 'UINT_32', repetition_type: 'REQUIRED' },
        { name: 'float', type: 'FLOAT', repetition_type: 'REQUIRED' },
      ],
      { int: [-7, null], unsigned: [1, 4_294_967_295], float: new Float32Array([0.5, -2]) },
    )
    const read = await readParquet(bytes)
    expect([integerValues(read, 'int')[0], nullFlags(read, 'int')]).toEqual([-7n, new Uint8Array([0, 1])])
    expect([...integerValues(read, 'unsigned')]).toEqual([1n, 4_294_967_295n])
    expect([...floatValues(read, 'float')]).toEqual([0.5, -2])
  })

  test('reads texts that are no dictionary, and gzip', async () => {
    const words = Array.from({ length: 500 }, (_, row) => (row % 9 === 0 ? null : `word ${row % 400}`))
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        codec: 'GZIP',
        compressors: { GZIP: (plain) => new Uint8Array(gzipSync(plain)) },
        schema: [root(1), { name: 'text', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' }],
        columnData: [{ name: 'text', data: words, encoding: 'PLAIN' }],
      }),
    )
    const read = wordValues(await readParquet(bytes), 'text')
    expect(Array.from(read.codes, (code) => read.words[code] ?? null)).toEqual(words)
  })

  test.each<[string, Omit<SchemaElement, 'name'>, ColumnSource['data'], bigint[]]>([
    ['int32', { type: 'INT32' }, [-7n, 1_000_000n], [-7n, 1_000_000n]],
    ['int64', { type: 'INT64' }, [-7n, 10n ** 9n], [-7n, 10n ** 9n]],
    ['three bytes', { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 3 }, [-7n, 65_536n], [-7n, 65_536n]],
  ])('reads decimals stored as %s', async (_, element, data, units) => {
    const decimal = { converted_type: 'DECIMAL', scale: 3, precision: 9, repetition_type: 'REQUIRED' } as const
    const bytes = foreign([{ name: 'x', ...element, ...decimal }], { x: data })
    const read = await readParquet(bytes)
    expect(decimalValues(read, 'x')).toEqual({ units: decimalColumn(units).units, scale: 3, nulls: undefined })
  })

  test('refuses a decimal column of another scale than the schema has', async () => {
    const exact = (scale: number): Schema =>
      tableSchema('fundingRate', { decimals: 'exact', scale }).select(['funding_rate'])
    const bytes = writeParquet(makeTable(exact(8), { funding_rate: decimalColumn([1n]) }))
    await expect(readParquet(bytes, { schema: exact(9) })).rejects.toMatchObject({
      code: 'CORRUPT_LAKE',
      details: { column: 'funding_rate' },
    })
    expect(decimalValues(await readParquet(bytes, { schema: exact(8) }), 'funding_rate').units[0]).toBe(1)
  })

  test.each<[string, Omit<SchemaElement, 'name'>, ColumnSource['data']]>([
    ['decimals as bytes', { type: 'BYTE_ARRAY', converted_type: 'DECIMAL', scale: 2, precision: 10 }, [1n]],
    ['days', { type: 'INT32', converted_type: 'DATE' }, [1]],
    [
      'unsigned int64',
      { type: 'INT64', converted_type: 'UINT_64', logical_type: { type: 'INTEGER', bitWidth: 64, isSigned: false } },
      [1n],
    ],
    ['bare bytes', { type: 'BYTE_ARRAY' }, [new Uint8Array([1])]],
    ['fixed bytes', { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 1 }, [new Uint8Array([1])]],
  ])('refuses %s by name, and reads the columns beside them', async (_, element, data) => {
    const bytes = foreign(
      [
        { name: 'odd', ...element, repetition_type: 'REQUIRED' },
        { name: 'x', type: 'DOUBLE', repetition_type: 'REQUIRED' },
      ],
      { odd: data, x: new Float64Array([1.5]) },
    )
    await expect(readParquet(bytes)).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { column: 'odd' } })
    expect([...floatValues(await readParquet(bytes, { columns: ['x'] }), 'x')]).toEqual([1.5])
  })

  test('refuses nested columns by name, and reads the columns beside them', async () => {
    const bytes = foreign(
      [
        { name: 'nested', repetition_type: 'OPTIONAL', num_children: 1 },
        { name: 'x', type: 'INT32', repetition_type: 'OPTIONAL' },
        { name: 'y', type: 'DOUBLE', repetition_type: 'REQUIRED' },
      ],
      { nested: [{ x: 1 }, null], y: new Float64Array([1, 2]) },
      2,
    )
    await expect(readParquet(bytes, { name: 'a.parquet' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: containing('a.parquet: '),
      details: { column: 'nested', file: 'a.parquet' },
    })
    expect(await readParquetMetadata(bytes)).toMatchObject({ columns: ['nested', 'y'] })
    expect([...floatValues(await readParquet(bytes, { columns: ['y'] }), 'y')]).toEqual([1, 2])
  })

  test('refuses a compression that it does not have', async () => {
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        codec: 'LZO',
        compressors: { LZO: (plain) => plain },
        schema: [root(1), { name: 'x', type: 'DOUBLE', repetition_type: 'REQUIRED' }],
        columnData: [{ name: 'x', data: new Float64Array(3) }],
      }),
    )
    await expect(readParquet(bytes)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      details: { column: 'x', codec: 'LZO' },
    })
  })

  test('refuses a time in milliseconds that microseconds cannot hold', async () => {
    const bytes = foreign(
      [{ name: 'ts_event', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'REQUIRED' }],
      {
        ts_event: [2n ** 62n],
      },
    )
    await expect(readParquet(bytes)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
})

describe('readParquet with a schema and columns', () => {
  test('gives the columns of the schema in its order, whatever the file has besides', async () => {
    const bytes = writeParquet(
      funding([1, 2]).select([
        'mark_price',
        'source',
        'funding_rate',
        'ts_available',
        'funding_interval_hours',
        'ts_event',
      ]),
    )
    expect((await readParquet(bytes, { schema })).schema.names).toEqual(schema.names)
    const some = await readParquet(bytes, { schema, columns: ['funding_rate', 'ts_event'] })
    expect(some.schema.names).toEqual(['ts_event', 'funding_rate'])
    expect((await readParquet(bytes, { columns: ['funding_rate', 'ts_event'] })).schema.names).toEqual([
      'funding_rate',
      'ts_event',
    ])
  })

  test('names the column that the file lacks', async () => {
    const bytes = writeParquet(funding([1]).select(['ts_event', 'source']))
    await expect(readParquet(bytes, { schema, name: 'silver/x.parquet' })).rejects.toMatchObject({
      code: 'CORRUPT_LAKE',
      message: containing("silver/x.parquet: The file has no column 'ts_available'"),
      details: { column: 'ts_available', file: 'silver/x.parquet' },
    })
  })

  test('names the column that has another type', async () => {
    const bytes = foreign([{ name: 'ts_event', type: 'INT64', repetition_type: 'REQUIRED' }], { ts_event: [1n] })
    await expect(readParquet(bytes, { schema: schema.select(['ts_event']) })).rejects.toMatchObject({
      code: 'CORRUPT_LAKE',
      details: { column: 'ts_event' },
    })
  })

  test.each([
    ['ts_event', 'INT64', 'TIMESTAMP_MICROS', [1n, null]],
    ['source', 'BYTE_ARRAY', 'UTF8', ['a', null]],
    ['funding_rate', 'DOUBLE', undefined, [1, null]],
  ] as const)('refuses null in %s, which the schema forbids', async (name, type, converted_type, data) => {
    const element = { name, type, repetition_type: 'OPTIONAL', ...(converted_type && { converted_type }) } as const
    await expect(
      readParquet(foreign([element], { [name]: [...data] }), { schema: schema.select([name]) }),
    ).rejects.toMatchObject({
      code: 'CORRUPT_LAKE',
      details: { column: name },
    })
  })

  test('refuses a column that nobody has', async () => {
    await expect(readParquet(writeParquet(funding([1])), { columns: ['close'] })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      details: { column: 'close' },
    })
  })
})

describe('readParquet of bad bytes', () => {
  const good = writeParquet(mixed(100), { rowGroupRows: 40 })
  // More than the first read takes.
  const large = writeParquet(mixed(40_000), { rowGroupRows: 10_000 })
  const lost = new Error('connection lost')

  test.each([
    ['nothing', new Uint8Array()],
    ['a few bytes', new Uint8Array(5)],
    ['text', new TextEncoder().encode('open_time,open,high,low,close\n'.repeat(20))],
    ['a file without its end', good.subarray(0, -20)],
    ['a file without its start', good.subarray(300)],
  ])('calls %s corrupt, by name', async (_, bytes) => {
    const expected = {
      code: 'CORRUPT_LAKE',
      message: containing('x.parquet'),
      details: { file: 'x.parquet' },
    }
    await expect(readParquet(bytes, { name: 'x.parquet' })).rejects.toMatchObject(expected)
    await expect(readParquet(bytes)).rejects.toMatchObject({ code: 'CORRUPT_LAKE' })
  })

  test('gives a table or a LakeError for whatever bytes are flipped, and never hangs', async () => {
    const flip = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }))
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 8 }), fc.boolean(), async (flips, ranged) => {
        const bytes = good.slice()
        for (const [at, mask] of flips) bytes[at] = (bytes[at] ?? 0) ^ mask
        const options = ranged ? { range: { from: 10, to: 60 } } : {}
        const code = await readParquet(bytes, options).then(
          () => 'read',
          (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
        )
        expect(['read', 'CORRUPT_LAKE', 'UNSUPPORTED']).toContain(code)
      }),
      { numRuns: 250 },
    )
  })

  test('calls a source that ends early corrupt', async () => {
    const source: RandomAccess = { byteLength: good.length, slice: async (start, end) => good.slice(start, end - 1) }
    await expect(readParquet(source)).rejects.toMatchObject({ code: 'CORRUPT_LAKE' })
  })

  test('passes a failure of the source unwrapped, also when several reads fail at once', async () => {
    const failing: RandomAccess = {
      byteLength: large.length,
      slice: async (start, end) => (end === large.length ? large.slice(start, end) : Promise.reject(lost)),
    }
    await expect(readParquet(failing, { columns: ['ts_event', 'size', 'last_trade_id'] })).rejects.toBe(lost)
  })

  test('passes a failure of the source unwrapped', async () => {
    const source: RandomAccess = { byteLength: large.length, slice: async () => Promise.reject(lost) }
    await expect(readParquet(source)).rejects.toBe(lost)
    await expect(readParquetMetadata(source)).rejects.toBe(lost)
  })

  test('stops with the reason of the signal, before and between reads', async () => {
    const reason = new Error('enough')
    await expect(readParquet(good, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    let reads = 0
    const source: RandomAccess = {
      byteLength: large.length,
      async slice(start, end) {
        if (++reads === 2) controller.abort(reason)
        return large.slice(start, end)
      },
    }
    await expect(readParquet(source, { signal: controller.signal })).rejects.toBe(reason)
  })
})

function funding(times: readonly number[]): LakeTable<'fundingRate'> {
  const rows = times.length
  const at = BigInt64Array.from(times, BigInt)
  return makeTable(schema, {
    ts_event: at,
    ts_available: at.slice(),
    source: constantWord('archive', rows),
    funding_rate: Float64Array.from({ length: rows }, (_, row) => row / 8),
    funding_interval_hours: {
      values: new BigInt64Array(rows).fill(8n),
      nulls: Uint8Array.from({ length: rows }, (_, row) => (row % 5 === 0 ? 1 : 0)),
    },
    mark_price: Float64Array.from({ length: rows }, (_, row) => row * 1.1),
  })
}

/** Every kind of column and encoding, with and without null. */
function mixed(rows: number): LakeTable<'aggTrades'> {
  const count = (step: number): BigInt64Array => BigInt64Array.from({ length: rows }, (_, row) => BigInt(row * step))
  return makeTable(tableSchema('aggTrades'), {
    ts_event: count(1),
    ts_available: count(1),
    source: constantWord('archive', rows),
    agg_trade_id: count(3),
    price: Float64Array.from({ length: rows }, (_, row) => row % 4),
    size: Float64Array.from({ length: rows }, (_, row) => Math.sin(row)),
    first_trade_id: count(-5),
    last_trade_id: count(1000),
    side: { codes: Int32Array.from({ length: rows }, (_, row) => (row * row) % 2), words: ['buy', 'sell'] },
    is_best_match: Uint8Array.from({ length: rows }, (_, row) => row % 3),
  })
}

function containing(text: string): unknown {
  return expect.stringContaining(text)
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function root(children: number): SchemaElement {
  return { name: 'root', num_children: children }
}

function foreign(
  elements: readonly SchemaElement[],
  data: Readonly<Record<string, ColumnSource['data']>>,
  children = elements.length,
): Uint8Array {
  const columnData = Object.entries(data).map(([name, values]) => ({ name, data: values }))
  return new Uint8Array(parquetWriteBuffer({ schema: [root(children), ...elements], columnData }))
}

interface CountingSource extends RandomAccess {
  reads(): number
  bytesRead(): number
}

function counting(bytes: Uint8Array): CountingSource {
  let reads = 0
  let bytesRead = 0
  return {
    byteLength: bytes.length,
    async slice(start, end) {
      reads++
      bytesRead += end - start
      return bytes.slice(start, end)
    },
    reads: () => reads,
    bytesRead: () => bytesRead,
  }
}
