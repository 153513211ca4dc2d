import { DuckDBTimestampTZValue } from '@duckdb/node-api'
import { tableFromIPC, tableToIPC } from 'apache-arrow'
import { writeParquet } from '@lake/parquet'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Catalog, type JsonValue, jsonValue, openCatalog } from './index.ts'
import { temporaryLake } from './testing/temporary-lake.ts'

const VALUES: readonly [sql: string, json: JsonValue][] = [
  ['1::tinyint', 1],
  ['(-2)::integer', -2],
  ['4294967295::uinteger', 4_294_967_295],
  ['9007199254740991::bigint', 9_007_199_254_740_991],
  ['9007199254740992::bigint', '9007199254740992'],
  ['18446744073709551615::ubigint', '18446744073709551615'],
  ['12::hugeint', 12],
  ['170141183460469231731687303715884105727::hugeint', '170141183460469231731687303715884105727'],
  ['0.1::double', 0.1],
  ["'nan'::double", null],
  ["'-infinity'::double", null],
  ['0.5::float', 0.5],
  ['1234.5678::decimal(12, 4)', 1234.5678],
  ['0.1::decimal(38, 20)', '0.10000000000000000000'],
  ['-1.5::decimal(30, 1)', -1.5],
  ['true', true],
  ["'ü''\"'", 'ü\'"'],
  ["timestamptz '2024-01-01 00:00:00+01'", '2023-12-31T23:00:00Z'],
  ["timestamp '2024-01-01 00:00:00.000001'", '2024-01-01T00:00:00.000001Z'],
  ["timestamp '1969-12-31 23:59:59.5'", '1969-12-31T23:59:59.5Z'],
  ["timestamp_s '2024-01-01 00:00:01'", '2024-01-01T00:00:01Z'],
  ["timestamp_ms '2024-01-01 00:00:00.12'", '2024-01-01T00:00:00.12Z'],
  ["timestamp_ns '2024-01-01 00:00:00.123456789'", '2024-01-01T00:00:00.123456Z'],
  ["'infinity'::timestamptz", 'infinity'],
  ["'-infinity'::timestamp_ns", '-infinity'],
  ["'infinity'::timestamp_s", 'infinity'],
  ["date '2024-02-29'", '2024-02-29'],
  ["time '01:02:03'", '01:02:03'],
  ["interval '1 month'", '1 month'],
  ["'12345678-1234-1234-1234-123456789012'::uuid", '12345678-1234-1234-1234-123456789012'],
  ["'a\\xFFb'::blob", 'Yf9i'],
  ["'x'::enum('x', 'y')", 'x'],
  ["'101'::bit", '101'],
  ['[1, null, 9007199254740993]', [1, null, '9007199254740993']],
  ["[timestamptz '2024-01-01']::timestamptz[1]", ['2024-01-01T00:00:00Z']],
  [
    "{a: 1, b: {c: ['x']}, d: '\\x01'::blob, e: date '2024-01-01'}",
    { a: 1, b: { c: ['x'] }, d: 'AQ==', e: '2024-01-01' },
  ],
  ["map {'k': 1.5, 'l': null}", { k: 1.5, l: null }],
  ['map {1: true}', { 1: true }],
  ['union_value(n := 7)', 7],
  ['null::integer', null],
  ['null::bigint', null],
  ['null::timestamptz', null],
  ['null::varchar', null],
  ['null::boolean', null],
  ['null::hugeint', null],
  ['null::double[]', null],
  ['null', null],
]

describe('the JSON of a value', () => {
  test.each(VALUES)('%s', async (sql, json) => {
    await using catalog = await emptyCatalog()
    const result = await catalog.query(`select ${sql} as x union all select null`)
    expect(result.objects()).toEqual([{ x: json }, { x: null }])
    expect(JSON.parse(JSON.stringify(result.objects()))).toEqual(result.objects())
  })

  test.each(VALUES)('%s goes into Arrow and Parquet', async (sql) => {
    await using catalog = await emptyCatalog()
    const result = await catalog.query(`select ${sql} as x, ${sql} as y union all select null, null`)
    const table = result.toArrow()
    expect([table.numRows, table.schema.names]).toEqual([2, ['x', 'y']])
    expect(table.getChild('x')?.get(1)).toBeNull()
    const sent = tableFromIPC(tableToIPC(table))
    for (const name of ['x', 'y']) {
      expect(sent.getChild(name)?.toArray()).toEqual(table.getChild(name)?.toArray())
    }
    expect(writeParquet(table).length).toBeGreaterThan(100)
  })

  test('integers keep every digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n }), (value) => {
        const json = jsonValue(value)
        expect(typeof json === 'number' || typeof json === 'string').toBe(true)
        expect(BigInt(JSON.stringify(json).replaceAll('"', ''))).toBe(value)
        expect(typeof json === 'number').toBe(Number.isSafeInteger(Number(value)))
      }),
    )
  })

  test('times are what Date says, with microseconds', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n }), (micros) => {
        const text = JSON.stringify(jsonValue(new DuckDBTimestampTZValue(micros))).replaceAll('"', '')
        expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?Z$/)
        const [whole = '', decimals = ''] = text.slice(0, -1).split('.')
        expect(BigInt(Date.parse(`${whole}Z`)) * 1000n + BigInt(decimals.padEnd(6, '0'))).toBe(micros)
      }),
    )
  })

  test('plain JavaScript goes by the same rules', () => {
    const value = {
      at: new Date(0),
      list: [1n, undefined, Number.NaN],
      bytes: new Uint8Array([1]),
      call: () => 1,
      set: new Set(),
    }
    expect(jsonValue(value)).toEqual({
      at: '1970-01-01T00:00:00Z',
      list: [1, null, null],
      bytes: 'AQ==',
      call: null,
      set: '[object Set]',
    })
    expect(jsonValue(new DuckDBTimestampTZValue(2n ** 63n - 2n))).toBe('9223372036854775806 us')
  })
})

describe('the values of a result', () => {
  test('are typed arrays where there are such', async () => {
    await using catalog = await emptyCatalog()
    const { values } = await catalog.query(`
      select * from (values (1, 1.5::double, true, 'a', timestamptz '2024-01-01', 1.25, 5::hugeint, 2::bigint, [1]),
                            (2, null, null, null, timestamptz '2024-01-02', 2.5, 6::hugeint, null, null))`)
    expect(values).toEqual([
      new BigInt64Array([1n, 2n]),
      new Float64Array([1.5, Number.NaN]),
      new Uint8Array([1, 2]),
      { codes: new Int32Array([0, -1]), words: ['a'] },
      new BigInt64Array([1704067200000000n, 1704153600000000n]),
      new Float64Array([1.25, 2.5]),
      new BigInt64Array([5n, 6n]),
      { values: new BigInt64Array([2n, 0n]), nulls: new Uint8Array([0, 1]) },
      [[1], null],
    ])
  })

  test('are lists of digits where one integer is too large for 64 bits', async () => {
    await using catalog = await emptyCatalog()
    const result = await catalog.query('select * from (values (1::hugeint), (2::hugeint ** 100)) t(x)')
    expect(result.columns).toEqual([{ name: 'x', type: 'DOUBLE' }])
    const exact = await catalog.query(
      'select * from (values (1::hugeint), (1267650600228229401496703205376::hugeint)) t(x)',
    )
    expect(exact.values).toEqual([[1, '1267650600228229401496703205376']])
  })
})

async function emptyCatalog(): Promise<Catalog> {
  const { store } = await temporaryLake()
  const catalog = await openCatalog({ store })
  onTestFinished(() => catalog.close())
  return catalog
}
