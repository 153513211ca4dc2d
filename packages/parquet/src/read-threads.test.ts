import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { constantWord, createColumnMemory, makeTable, parseInstant } from '@lake/core'
import {
  Bool,
  Decimal,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  Schema,
  type Table,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow'
import { parquetMetadata } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createParquetWriter,
  createTableMemory,
  openReadThreads,
  readParquet,
  type ReadThreads,
  writeParquet,
} from './index.ts'
import { bundleWorker } from './testing/bundle-worker.ts'

const ROWS = 60_000
const START = parseInstant('2024-01-01')

let folder: string
let worker: URL
let path: string
let threads: ReadThreads

beforeAll(async () => {
  ;({ folder, worker } = await bundleWorker())
  threads = openReadThreads({ threads: 2, worker })
  path = join(folder, 'rows.parquet')
  writeFileSync(path, writeParquet(rows(ROWS), { rowGroupRows: 25_000 }))
})

afterAll(async () => {
  await threads[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

describe('threads', () => {
  test.each([
    ['all rows', {}],
    ['some columns', { columns: ['number', 'word'] }],
    ['a range across row groups', { range: { from: START + 24_000, to: START + 50_001 } }],
    ['a range within a page', { range: { from: START + 3, to: START + 5 } }],
    ['no rows', { range: { from: START - 9, to: START } }],
  ])('read what one thread does: %s', async (_, options) => {
    const expected = writeParquet(await readParquet(path, options))
    for (const memory of [createColumnMemory({ mostKept: 2 ** 26 }), createTableMemory()]) {
      for (let time = 0; time < 3; time++) {
        expect(Buffer.compare(writeParquet(await readParquet(path, { ...options, threads, memory })), expected)).toBe(0)
        memory.reuse()
      }
    }
    expect(Buffer.compare(writeParquet(await readParquet(path, { ...options, threads })), expected)).toBe(0)
  })

  test('read several files at once', async () => {
    const paths = [1, 3000, 40_000].map((count) => {
      const file = join(folder, `${count}.parquet`)
      writeFileSync(file, writeParquet(rows(count)))
      return file
    })
    const tables = await Promise.all(paths.map((file) => readParquet(file, { threads })))
    expect(tables.map(({ numRows }) => numRows)).toEqual([1, 3000, 40_000])
  })

  test('read zstd, which they load themselves', async () => {
    const zstd = join(folder, 'zstd.parquet')
    const chunks: Uint8Array[] = []
    const table = rows(9000)
    const sink = (chunk: Uint8Array): void => void chunks.push(chunk.slice())
    const writer = createParquetWriter({ schema: table.schema, compression: 'zstd', sink })
    await writer.write(table)
    await writer.close()
    writeFileSync(zstd, Buffer.concat(chunks))
    expect(Buffer.compare(writeParquet(await readParquet(zstd, { threads })), writeParquet(table))).toBe(0)
  })

  test('say of a damaged file what one thread says, and go on', async () => {
    const damaged = join(folder, 'damaged.parquet')
    writeFileSync(damaged, writeParquet(rows(ROWS)).fill(7, 5000, 5200))
    const alone: unknown = await readParquet(damaged).catch((error: unknown) => String(error))
    expect(await readParquet(damaged, { threads }).catch((error: unknown) => String(error))).toBe(alone)
    expect(alone).toContain('damaged')
    expect((await readParquet(path, { threads })).numRows).toBe(ROWS)
  })

  test('read as many columns at once as there are, and have all memory back afterwards', async () => {
    const three = openReadThreads({ threads: 3, worker })
    const memory = createColumnMemory({ mostKept: 2 ** 28 })
    for (const columns of [['number'], ['number', 'flag'], ['number', 'flag', 'ts_event', 'exact', 'word']]) {
      const expected = writeParquet(await readParquet(path, { columns }))
      const options = { columns, threads: three, memory }
      expect(Buffer.compare(writeParquet(await readParquet(path, options)), expected)).toBe(0)
      memory.reuse()
      expect(Buffer.compare(writeParquet(await readParquet(path, options)), expected)).toBe(0)
      memory.reuse()
    }
    await three[Symbol.asyncDispose]()
  })

  test('leave a damaged column to the thread that asked, and read the others', async () => {
    const damaged = join(folder, 'column.parquet')
    const bytes = writeParquet(rows(ROWS))
    const { row_groups } = parquetMetadata(bytes)
    const chunk = row_groups[0]?.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === 'number')?.meta_data
    const start = Number(chunk?.data_page_offset)
    writeFileSync(damaged, bytes.fill(7, start + 200, start + 220))
    const columns = ['ts_event', 'id', 'flag']
    expect((await readParquet(damaged, { threads, columns })).numRows).toBe(ROWS)
    const alone: unknown = await readParquet(damaged).catch((error: unknown) => String(error))
    expect(await readParquet(damaged, { threads }).catch((error: unknown) => String(error))).toBe(alone)
  })

  test('are left out where their module is not', async () => {
    const none = openReadThreads({ threads: 2, worker: new URL('none.mjs', import.meta.url) })
    expect((await readParquet(path, { threads: none })).numRows).toBe(ROWS)
  })

  test('that end while they read leave the rest to the thread that asked', async () => {
    const ending = openReadThreads({ threads: 1, worker })
    const reading = readParquet(path, { threads: ending })
    const [table] = await Promise.all([reading, ending[Symbol.asyncDispose]()])
    expect(table.numRows).toBe(ROWS)
    expect((await readParquet(path, { threads: ending })).numRows).toBe(ROWS)
  })
})

function rows(count: number): Table {
  const schema = new Schema([
    new Field('ts_event', new TimestampMicrosecond('UTC'), false),
    new Field('id', new Int64(), true),
    new Field('number', new Float64(), true),
    new Field('word', new Dictionary(new Utf8(), new Int32()), false),
    new Field('flag', new Bool(), true),
    new Field('exact', new Decimal(10, 38, 128), false),
  ])
  return makeTable(schema, {
    ts_event: BigInt64Array.from({ length: count }, (_, row) => BigInt(START + row)),
    id: {
      values: BigInt64Array.from({ length: count }, (_, row) => BigInt(row * row)),
      nulls: Uint8Array.from({ length: count }, (_, row) => Number(row % 7 === 3)),
    },
    number: Float64Array.from({ length: count }, (_, row) => (row % 3 === 0 ? Number.NaN : Math.sin(row))),
    word: constantWord('archive', count),
    flag: Uint8Array.from({ length: count }, (_, row) => row % 3),
    exact: { units: Uint32Array.from({ length: 4 * count }, (_, word) => (word % 4 === 0 ? word : 0)) },
  })
}
