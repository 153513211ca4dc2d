import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { floatValues, integerValues, makeTable, nullFlags, wordValues } from '@lake/core'
import { Dictionary, Field, Float64, Int32, Int64, Schema, type Table, Utf8 } from 'apache-arrow'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTableMemory, openReadThreads, readParquet, type ReadThreads, writeParquet } from './index.ts'
import { decodeMemory } from './decode-memory.ts'
import { withLevels } from './packed-values.ts'
import { TableMemory } from './table-memory.ts'
import { bundleWorker } from './testing/bundle-worker.ts'

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url))
const FILES = ['pyarrow-26.0.1-v1', 'polars-2.1.0-v1', 'duckdb-1.5.5-v1', 'duckdb-1.5.5-v2']

let folder: string
let threads: ReadThreads

beforeAll(async () => {
  const { worker, ...bundled } = await bundleWorker()
  folder = bundled.folder
  threads = openReadThreads({ threads: 2, worker })
})

afterAll(async () => {
  await threads[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

describe('memory of tables', () => {
  test.each(FILES)('holds what a table has in memory of its own: %s', async (name) => {
    const path = join(FIXTURES, `${name}.parquet`)
    const expected = writeParquet(await readParquet(path))
    const memory = createTableMemory()
    for (let time = 0; time < 3; time++) {
      for (const source of [path, new Uint8Array(readFileSync(path))]) {
        expect(Buffer.compare(writeParquet(await readParquet(source, { memory })), expected)).toBe(0)
        expect(Buffer.compare(writeParquet(await readParquet(source, { memory, threads })), expected)).toBe(0)
      }
      memory.reuse()
    }
  })

  test.each(['pyarrow-26.0.1-v1', 'polars-2.1.0-v1'])('holds the values of %s', async (name) => {
    const memory = createTableMemory()
    for (const used of [undefined, threads]) {
      const table = await readParquet(join(FIXTURES, `${name}.parquet`), { memory, threads: used })
      expect(integerValues(table, 'ts_event').buffer).toBeInstanceOf(SharedArrayBuffer)
      expect(floatValues(table, 'few').buffer).toBeInstanceOf(SharedArrayBuffer)
      const rows = Array.from({ length: 6000 }, (_, row) => row)
      expect(Array.from(integerValues(table, 'ts_event'))).toEqual(
        rows.map((row) => BigInt(1704067200 + row * 60) * MICROS),
      )
      expect(Array.from(integerValues(table, 'id'))).toEqual(rows.map((row) => BigInt((row * 7919) % 1_000_003)))
      expect(Array.from(floatValues(table, 'price'))).toEqual(rows.map((row) => ((row * 7919) % 100_003) / 8))
      expect(Array.from(floatValues(table, 'few'))).toEqual(rows.map((row) => ((row * row) % 7) / 4))
      const size = rows.map((row) => (row % 1000 === 999 ? Number.NaN : row / 4))
      expect(Array.from(floatValues(table, 'size'))).toEqual(size)
      expect(nullFlags(table, 'size')).toEqual(Uint8Array.from(size, (value) => Number(Number.isNaN(value))))
      expect(Array.from(floatValues(table, 'nan'))).toEqual(rows.map((row) => (row === 3000 ? Number.NaN : row / 2)))
      expect(table.getChild('nan')?.nullCount).toBe(1)
      memory.reuse()
    }
  })

  test('holds several tables until they are done with', async () => {
    const memory = createTableMemory()
    const paths = [1, 2, 3].map((factor) => {
      const file = join(folder, `${factor}.parquet`)
      writeFileSync(file, writeParquet(prices(20_000, factor)))
      return file
    })
    for (let time = 0; time < 3; time++) {
      const tables = await Promise.all(
        paths.map((path, nth) => readParquet(path, { memory, ...(nth > 0 && { threads }) })),
      )
      for (const [nth, table] of tables.entries()) {
        expect(floatValues(table, 'price')).toEqual(floatValues(prices(20_000, nth + 1), 'price'))
      }
      memory.reuse()
    }
  })

  test.each([
    [150_000, 131_072, 0],
    [150_000, 20_000, 1000],
    [131_079, 65_537, 3],
    [300_005, 50_001, 7],
  ])(
    'holds columns that two threads decode, of %d rows in groups of %d, null every %d rows',
    async (rows, group, nullsOf) => {
      const isNull = (row: number): boolean => nullsOf > 0 && row % nullsOf === nullsOf - 1
      const schema = new Schema([
        new Field('id', new Int64(), true),
        new Field('few', new Float64(), false),
        new Field('price', new Float64(), true),
      ])
      const table = makeTable(schema, {
        id: {
          values: BigInt64Array.from({ length: rows }, (_, row) => BigInt(isNull(row) ? 0 : row * 977)),
          nulls: Uint8Array.from({ length: rows }, (_, row) => Number(isNull(row))),
        },
        few: Float64Array.from({ length: rows }, (_, row) => (row * row) % 11),
        price: Float64Array.from({ length: rows }, (_, row) => (isNull(row + 1) ? Number.NaN : Math.sin(row))),
      })
      const memory = createTableMemory()
      const path = join(folder, 'halves.parquet')
      writeFileSync(path, writeParquet(table, { rowGroupRows: group }))
      for (let time = 0; time < 4; time++) {
        const read = await readParquet(path, { memory, threads })
        expect(integerValues(read, 'id').buffer).toBeInstanceOf(SharedArrayBuffer)
        for (const name of ['few', 'price'])
          expect(sameBytes(floatValues(read, name), floatValues(table, name))).toBe(true)
        expect(sameBytes(integerValues(read, 'id'), integerValues(table, 'id'))).toBe(true)
        for (const name of ['id', 'price']) expect(sameBytes(flagsOf(read, name), flagsOf(table, name))).toBe(true)
        memory.reuse()
      }
    },
  )

  test.each([
    ['few', 3, undefined],
    ['few, some null', 3, 11],
    ['as many as rows', 9000, undefined],
  ])('holds words, in each group of a file in another order: %s', async (_, different, nullEvery) => {
    const count = 9000
    // Each group begins with a word that the one before had later.
    const codes = Int32Array.from({ length: count }, (_, row) => {
      return nullEvery !== undefined && row % nullEvery === 0 ? -1 : (row + Math.floor(row / 2000)) % different
    })
    const words = Array.from({ length: different }, (_, code) => `word ${code}`)
    const schema = new Schema([
      new Field('before', new Int64(), false),
      new Field('word', new Dictionary(new Utf8(), new Int32()), true),
      new Field('after', new Int64(), false),
    ])
    const numbers = (): BigInt64Array => BigInt64Array.from({ length: count }, (_, row) => BigInt(row * row))
    const table = makeTable(schema, { before: numbers(), word: { codes, words }, after: numbers() })
    const path = join(folder, `words-${different}.parquet`)
    writeFileSync(path, writeParquet(table, { rowGroupRows: 2000 }))
    const memory = createTableMemory()
    for (const used of [undefined, threads, undefined]) {
      const read = await readParquet(path, { memory, threads: used })
      const found = wordValues(read, 'word')
      // The next table makes the memory larger than it was when the kernels first saw it.
      expect(Array.from(found.codes, (code) => found.words[code])).toEqual(Array.from(codes, (code) => words[code]))
      for (const name of ['before', 'after']) expect(isDeepStrictEqual(integerValues(read, name), numbers())).toBe(true)
    }
  })

  test('does not keep more than it may', async () => {
    const memory = createTableMemory({ mostKept: 2 ** 20 })
    const path = join(folder, 'small.parquet')
    writeFileSync(path, writeParquet(prices(100, 1)))
    for (let time = 0; time < 3; time++) {
      const table = await readParquet(path, { memory, threads })
      memory.reuse()
      const other = await readParquet(path, { memory })
      expect(floatValues(other, 'price')).toEqual(floatValues(prices(100, 1), 'price'))
      expect(floatValues(other, 'price').buffer).not.toBe(floatValues(table, 'price').buffer)
    }
  })

  test.each(FILES)(
    'gives way to memory of its own where pages are larger than the room to work in: %s',
    async (name) => {
      const path = join(FIXTURES, `${name}.parquet`)
      const memory = new TableMemory({ workPages: 2 })
      const table = await readParquet(path, { memory })
      expect(Buffer.compare(writeParquet(table), writeParquet(await readParquet(path)))).toBe(0)
      expect(integerValues(table, 'ts_event').buffer).toBeInstanceOf(ArrayBuffer)
    },
  )
})

describe('a page whose levels are compressed with its values', () => {
  test('is moved where none is null, and nothing before it is touched', () => {
    const memory = createTableMemory()
    const page = fc.record({
      values: fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 200 }),
      nulls: fc.array(fc.nat(250), { maxLength: 3 }),
      isPacked: fc.boolean(),
    })
    let moves = 0
    fc.assert(
      fc.property(page, ({ values, nulls, isPacked }) => {
        decodeMemory().startPage()
        const rows = values.length
        const present = Uint8Array.from(values, (_, row) => Number(!nulls.includes(row)))
        const kept = Float64Array.from(values.filter((_, row) => present[row] === 1))
        const plain = pageBytes(present, kept, isPacked)
        const { buffer, byteOffset, at = 0 } = memory.take(8 * rows)
        const around = new Uint8Array(buffer, byteOffset - 16, 16).fill(77)
        const place = new Uint8Array(buffer, byteOffset, 8 * rows)
        const head = { start: 0, rows, encoding: 'PLAIN', dictionary: undefined } as const
        const codec = {
          ...COPY,
          uncompressInto(_: unknown, size: number, start: number) {
            new Uint8Array(buffer, start, size).set(plain)
          },
        }
        const found = withLevels(head, { bytes: () => plain, size: plain.length, codec })
        const isMoved = found.moveValues({ bytes: place, at })
        if (isMoved) moves++
        expect(around.every((byte) => byte === 77)).toBe(true)
        expect(isMoved && kept.length < rows).toBe(false)
        if (isMoved) expect(new Float64Array(place.slice().buffer)).toEqual(kept)
        expect(found.count).toBe(kept.length)
        expect(found.present).toEqual(kept.length === rows ? undefined : present)
        expect(new Float64Array(found.values().slice().buffer)).toEqual(kept)
      }),
      { numRuns: 400 },
    )
    expect(moves).toBeGreaterThan(20)
  })
})

const MICROS = 1_000_000n

/** Not compressed at all. */
const COPY = { mostTimes: 1, uncompress: (packed: () => Uint8Array) => packed }

function flagsOf(table: Table, name: string): Uint8Array {
  return nullFlags(table, name) ?? new Uint8Array(table.numRows)
}

function sameBytes(one: ArrayBufferView, other: ArrayBufferView): boolean {
  const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
    new Uint8Array(buffer, byteOffset, byteLength)
  return Buffer.compare(bytes(one), bytes(other)) === 0
}

function pageBytes(present: Uint8Array, values: Float64Array, isPacked: boolean): Uint8Array {
  const rows = present.length
  const isAll = !present.includes(0)
  const levels = isAll && !isPacked ? [...varint(2 * rows), 1] : packedLevels(present)
  const bytes = new Uint8Array(4 + levels.length + 8 * values.length)
  new DataView(bytes.buffer).setUint32(0, levels.length, true)
  bytes.set(levels, 4)
  bytes.set(new Uint8Array(values.buffer), 4 + levels.length)
  return bytes
}

function packedLevels(present: Uint8Array): number[] {
  const groups = Math.ceil(present.length / 8)
  const bits = new Array<number>(groups).fill(0)
  for (const [row, level] of present.entries()) bits[row >> 3] = (bits[row >> 3] ?? 0) | (level << (row & 7))
  return [...varint(2 * groups + 1), ...bits]
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]
}

function prices(rows: number, factor: number): Table {
  const schema = new Schema([new Field('price', new Float64(), true)])
  return makeTable(schema, { price: Float64Array.from({ length: rows }, (_, row) => Math.sin(row * factor)) })
}
