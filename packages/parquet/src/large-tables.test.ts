import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createColumnMemory, floatValues, integerValues, makeTable, nullFlags } from '@lake/core'
import { Field, Float64, Int64, Schema, type Table } from 'apache-arrow'
import fc from 'fast-check'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, expect, test } from 'vitest'
import { createParquetWriter, createTableMemory, readParquet } from './index.ts'

/*
 * Tables of several pages, whose numbers repeat as seldom or as often as decides between a dictionary and plain numbers,
 * and between compressed pages and such as are left alone. Read by ourselves and by hyparquet.
 */
const schema = new Schema([
  new Field('id', new Int64(), true),
  new Field('price', new Float64(), false),
  new Field('size', new Float64(), true),
])

const shape = fc.record({
  rows: fc.integer({ min: 16_380, max: 40_000 }),
  rowGroupRows: fc.constantFrom(7000, 16_384, 20_000, 131_072),
  compression: fc.constantFrom('snappy', 'zstd', 'none'),
  /** So many different numbers are drawn from, for prices and for sizes. */
  prices: fc.constantFrom(1, 30, 3000, 12_000, 20_000, 1e9),
  sizes: fc.constantFrom(2, 5000, 1e9),
  /** Every number but one of so many is that of the row before. */
  runs: fc.constantFrom(1, 1, 4, 500),
  nullsOf: fc.constantFrom(0, 3, 1000),
  step: fc.constantFrom(0, 1, 60_000_000, -7, 2 ** 40),
  seed: fc.integer(),
})

const folder = mkdtempSync(join(tmpdir(), 'lake-large-tables-'))
const path = join(folder, 'table.parquet')
const memory = createColumnMemory()
const tables = createTableMemory()

afterAll(() => {
  rmSync(folder, { recursive: true })
})

test('tables of many pages come back value for value, whatever repeats in them', async () => {
  await fc.assert(
    fc.asyncProperty(shape, async ({ rowGroupRows, compression, ...rest }) => {
      const table = tableOf(rest)
      const chunks: Uint8Array[] = []
      const sink = (chunk: Uint8Array): void => void chunks.push(chunk)
      const writer = createParquetWriter({ schema, rowGroupRows, compression, sink })
      await writer.write(table)
      await writer.close()
      const bytes = new Uint8Array(Buffer.concat(chunks))
      const expected = valuesOf(table)
      const fromMemory = await readParquet(bytes)
      expect(differences(valuesOf(fromMemory), expected)).toEqual([])
      expect(nullCounts(fromMemory)).toEqual(nullCounts(table))
      // By its path, into the memory of the table before.
      writeFileSync(path, bytes)
      const fromFile = await readParquet(path, { memory })
      expect(differences(valuesOf(fromFile), expected)).toEqual([])
      expect(nullCounts(fromFile)).toEqual(nullCounts(table))
      memory.reuse()
      // And where the kernels decode it.
      const inKernels = await readParquet(path, { memory: tables })
      expect(differences(valuesOf(inKernels), expected)).toEqual([])
      expect(nullCounts(inKernels)).toEqual(nullCounts(table))
      tables.reuse()
      if (compression === 'zstd') return
      const objects = await parquetReadObjects({ file: bytes.buffer })
      const others = Object.fromEntries(
        Object.keys(expected).map((name) => [name, objects.map((row): unknown => row[name])]),
      )
      expect(differences(others, expected)).toEqual([])
    }),
    { numRuns: 8 },
  )
}, 60_000)

interface Shape {
  readonly rows: number
  readonly prices: number
  readonly sizes: number
  readonly runs: number
  readonly nullsOf: number
  readonly step: number
  readonly seed: number
}

function tableOf({ rows, prices, sizes, runs, nullsOf, step, seed }: Shape): Table {
  const random = randomNumbers(seed)
  const isNull = (): boolean => nullsOf > 0 && random() < 1 / nullsOf
  const walk = (different: number): Float64Array => {
    const numbers = new Float64Array(rows)
    for (let row = 0; row < rows; row++) {
      const repeats = row > 0 && random() * runs > 1
      numbers[row] = repeats ? (numbers[row - 1] ?? 0) : Math.floor(random() * different) / 100 - different / 300
    }
    return numbers
  }
  const ids = BigInt64Array.from({ length: rows }, (_, row) => BigInt(row * step) + BigInt(Math.floor(random() * 9)))
  const nulls = Uint8Array.from({ length: rows }, () => (isNull() ? 1 : 0))
  const size = walk(sizes).map((value) => (isNull() ? Number.NaN : value))
  return makeTable(schema, { id: { values: ids, nulls }, price: walk(prices), size })
}

function valuesOf(table: Table): Record<string, unknown[]> {
  const nulls = nullFlags(table, 'id')
  return {
    id: Array.from(integerValues(table, 'id'), (value, row) => (nulls?.[row] === 1 ? null : value)),
    price: [...floatValues(table, 'price')],
    size: Array.from(floatValues(table, 'size'), (value) => (Number.isNaN(value) ? null : value)),
  }
}

function nullCounts(table: Table): number[] {
  return table.schema.names.map((name) => table.getChild(name)?.nullCount ?? -1)
}

/** Where columns are not the same to the bit. */
function differences(found: Record<string, unknown[]>, expected: Record<string, unknown[]>): string[] {
  return Object.entries(expected).flatMap(([name, values]) => {
    const column = found[name] ?? []
    if (column.length !== values.length) return [`${name} has ${column.length} rows`]
    const row = values.findIndex((value, row) => !Object.is(value, column[row] ?? null))
    return row < 0 ? [] : [`${name} in row ${row}: ${String(column[row])} for ${String(values[row])}`]
  })
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
