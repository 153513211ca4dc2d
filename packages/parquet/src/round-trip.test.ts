import {
  type ColumnValues,
  DATA_TYPES,
  decimalColumn,
  type DecimalColumn,
  decimalValues,
  floatValues,
  integerValues,
  makeTable,
  nullFlags,
  tableSchema,
  wordValues,
} from '@lake/core'
import { DataType, Decimal, Field, Schema, Table, tableFromIPC, tableToIPC } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createParquetWriter, readParquet, writeParquet } from './index.ts'

const TABLES = [...DATA_TYPES, 'bars', 'funding'] as const
const SCHEMAS: [string, Schema][] = [
  ...TABLES.map((name): [string, Schema] => [name, tableSchema(name)]),
  ['fundingRate with exact decimals', tableSchema('fundingRate', { decimals: 'exact', scale: 12 })],
  [
    'decimals of few digits',
    new Schema([new Field('x', new Decimal(2, 18, 128), true), new Field('y', new Decimal(0, 1, 128), false)]),
  ],
]

describe('a table written and read', () => {
  test.each(SCHEMAS)('%s comes back value for value', async (_, schema) => {
    await fc.assert(
      fc.asyncProperty(arbitraryTable(schema), fc.integer({ min: 1, max: 40 }), async (table, rowGroupRows) => {
        const bytes = writeParquet(table, { rowGroupRows })
        const read = await readParquet(bytes, { schema })
        expect(valuesOf(read)).toEqual(valuesOf(table))
        expect(read.schema.fields.map(String)).toEqual(schema.fields.map(String))
        expect(valuesOf(await readParquet(bytes))).toEqual(valuesOf(table))
      }),
      { numRuns: 25 },
    )
  })

  test('gives the same bytes however its rows are batched', async () => {
    const schema = tableSchema('aggTrades')
    await fc.assert(
      fc.asyncProperty(
        arbitraryTable(schema),
        fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 30 }),
        async (table, cuts, rowGroupRows) => {
          const whole = writeParquet(table, { rowGroupRows, metadata: { b: '2', a: '1' } })
          const edges = [0, ...cuts.map((cut) => Math.min(cut, table.numRows)).sort((a, b) => a - b), table.numRows]
          const batches = edges.slice(1).map((edge, index) => table.slice(edges[index], edge))
          const chunks: Uint8Array[] = []
          const sink = (chunk: Uint8Array): void => void chunks.push(chunk)
          const writer = createParquetWriter({ schema, rowGroupRows, sink, metadata: { a: '1', b: '2' } })
          for (const batch of batches) await writer.write(batch)
          expect(await writer.close()).toEqual({ rows: table.numRows })
          expect(Buffer.concat(chunks).equals(whole)).toBe(true)
          const chunked = new Table(
            schema,
            batches.flatMap((batch) => batch.batches),
          )
          expect(Buffer.from(writeParquet(chunked, { rowGroupRows, metadata: { a: '1', b: '2' } })).equals(whole)).toBe(
            true,
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  test('keeps the sign of zero where a dictionary would lose it', async () => {
    const schema = tableSchema('bookDepth')
    const rows = 2000
    const table = makeTable(schema, {
      ts_event: new BigInt64Array(rows),
      ts_available: new BigInt64Array(rows),
      source: { codes: new Int32Array(rows), words: ['archive'] },
      percentage: Float64Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? 0 : -0)),
      depth: new Float64Array(rows),
      notional: new Float64Array(rows),
    })
    const read = floatValues(await readParquet(writeParquet(table), { schema }), 'percentage')
    expect(Object.is(read[0], 0)).toBe(true)
    expect(Object.is(read[1], -0)).toBe(true)
  })

  test('can be sent as Arrow IPC: its columns share no memory', async () => {
    const schema = tableSchema('klines')
    const [table] = fc.sample(arbitraryTable(schema, 50), { numRuns: 1, seed: 7 })
    if (table === undefined) throw new Error('no sample')
    const read = await readParquet(writeParquet(table), { schema })
    expect(valuesOf(tableFromIPC(tableToIPC(read)))).toEqual(valuesOf(table))
  })
})

/** Every value of a table, told apart to the bit, and null as null. */
function valuesOf(table: Table): Record<string, unknown> {
  return Object.fromEntries(table.schema.fields.map((field) => [field.name, columnOf(table, field)]))
}

function columnOf(table: Table, { name, type }: Field): unknown {
  const nulls = nullFlags(table, name)
  const orNull = <V>(values: readonly V[]): (V | null)[] =>
    values.map((value, row) => (nulls?.[row] === 1 ? null : value))
  const id: unknown = type
  if (DataType.isDecimal(id)) {
    const { units } = decimalValues(table, name)
    return orNull(Array.from({ length: table.numRows }, (_, row) => units.slice(4 * row, 4 * row + 4).join(' ')))
  }
  if (DataType.isFloat(id))
    return orNull(Array.from(floatValues(table, name), (value) => (Object.is(value, -0) ? '-0' : value)))
  if (DataType.isBool(id))
    return Array.from({ length: table.numRows }, (_, row): unknown => table.getChild(name)?.get(row))
  if (!DataType.isDictionary(id)) return orNull([...integerValues(table, name)])
  const { codes, words } = wordValues(table, name)
  return Array.from(codes, (code) => words[code] ?? null)
}

function arbitraryTable(given: Schema, minRows = 0): fc.Arbitrary<Table> {
  const schema = new Schema<Record<string, DataType>>(given.fields)
  return fc.integer({ min: minRows, max: 60 }).chain((rows) => {
    const columns = schema.fields.map((field) =>
      arbitraryColumn(field, rows).map((values): [string, ColumnValues | DecimalColumn] => [field.name, values]),
    )
    return fc.tuple(...columns).map((entries) => makeTable(schema, Object.fromEntries(entries)))
  })
}

const EXTREMES = [-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n, 1704067200000000n]
const FLOATS = [-0, 0, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 0.1, 42283.58, Infinity, -Infinity]

function arbitraryColumn({ type, nullable }: Field, rows: number): fc.Arbitrary<ColumnValues | DecimalColumn> {
  const exactly = { minLength: rows, maxLength: rows }
  const flags = fc.array(nullable ? fc.constantFrom(0, 0, 1) : fc.constant(0), exactly)
  const id: unknown = type
  if (DataType.isDecimal(id)) {
    const most = 10n ** BigInt(id.precision) - 1n
    const value = fc.oneof(fc.bigInt({ min: -most, max: most }), fc.constantFrom(0n, -1n, 1n, most, -most))
    return fc.array(nullable ? fc.option(value) : value, exactly).map(decimalColumn)
  }
  if (DataType.isFloat(id)) {
    const value = fc.oneof(fc.constantFrom(...FLOATS), fc.double({ noNaN: true }))
    return fc
      .array(nullable ? fc.oneof({ weight: 3, arbitrary: value }, fc.constant(Number.NaN)) : value, exactly)
      .map((list) => Float64Array.from(list))
  }
  if (DataType.isBool(id))
    return fc.array(fc.constantFrom(0, 1, nullable ? 2 : 1), exactly).map((list) => Uint8Array.from(list))
  if (DataType.isDictionary(id)) {
    const words = ['archive', 'rest', '', '币安人生USDT', 'x'.repeat(40)]
    return fc
      .array(fc.integer({ min: nullable ? -1 : 0, max: 4 }), exactly)
      .map((list) => ({ codes: Int32Array.from(list), words }))
  }
  const integers = fc.array(
    fc.oneof(fc.constantFrom(...EXTREMES), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    exactly,
  )
  return fc
    .tuple(integers, flags)
    .map(([list, nulls]) => ({ values: BigInt64Array.from(list), nulls: Uint8Array.from(nulls) }))
}
