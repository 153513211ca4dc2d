import { constantWord, decimalColumn, type LakeTable, makeTable, tableSchema } from '@lake/core'
import { Decimal, Field, Schema, type Table } from 'apache-arrow'
import { type CompressionCodec, parquetMetadata } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { snappyCompress } from 'hysnappy'
import { describe, expect, test } from 'vitest'
import { type RandomAccess, readParquet, readParquetMetadata, writeParquet } from './index.ts'
import { TableMemory } from './table-memory.ts'

/*
 * Every file is damaged in seeded ways. What may come out is a table or a LakeError; what may not is a crash, a hang,
 * or memory that a few bytes ask for.
 */
const FILES: [string, Uint8Array][] = [
  ['ours', writeParquet(trades(400), { rowGroupRows: 150 })],
  ['ours with exact decimals', writeParquet(decimals(300))],
  ['another writer, version 1', foreign('SNAPPY', 'PLAIN')],
  ['another writer, dictionaries', foreign('UNCOMPRESSED', 'RLE_DICTIONARY')],
  ['another writer, prefixes', foreign('UNCOMPRESSED', 'DELTA_BYTE_ARRAY')],
]

const SECONDS = process.env['LAKE_NIGHTLY'] === '1' ? 120 : 2

describe.each(FILES)('a damaged file of %s', (_, good) => {
  test(
    `is a table or a LakeError, for ${SECONDS} s`,
    async () => {
      const random = randomNumbers(good.length)
      const end = performance.now() + SECONDS * 1000
      const started = process.memoryUsage().arrayBuffers
      const codes = new Map<unknown, number>()
      let most = 0
      while (performance.now() < end) {
        const bytes = damaged(good, random)
        const options = random(2) === 0 ? {} : { range: { from: 10, to: 200 } }
        const source = random(2) === 0 ? bytes : inPieces(bytes)
        const code = await readParquet(source, options).then(
          () => 'read',
          (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
        )
        codes.set(code, (codes.get(code) ?? 0) + 1)
        if (random(4) === 0) await readBetweenGuards(source)
        await readParquetMetadata(bytes).catch(() => undefined)
        most = Math.max(most, process.memoryUsage().arrayBuffers - started)
      }
      expect(['CORRUPT_LAKE', 'UNSUPPORTED', 'read']).toEqual(expect.arrayContaining([...codes.keys()]))
      expect(codes.get('CORRUPT_LAKE')).toBeGreaterThan(50)
      expect(most).toBeLessThan(1 << 30)
    },
    (SECONDS + 30) * 1000,
  )
})

test('a flipped bit in a page of ours is always found', async () => {
  const good = writeParquet(trades(400))
  const { row_groups } = parquetMetadata(good)
  const chunks = row_groups[0]?.columns.map(({ meta_data }) => meta_data) ?? []
  const last = chunks.at(-1)
  const end = Number(last?.data_page_offset) + 40
  const whole = await readParquet(good)
  for (let at = 4; at < end; at += 7) {
    const bytes = good.slice()
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
    const outcome = await readParquet(at % 2 === 0 ? bytes : inPieces(bytes)).then(
      // What a header says besides the page, such as its count of nulls, may be another one: the values are not.
      (table) => JSON.stringify(table.toArray(), asText) === JSON.stringify(whole.toArray(), asText),
      (error: unknown) => error instanceof Error && 'code' in error && error.code === 'CORRUPT_LAKE',
    )
    expect(outcome, `byte ${at}`).toBe(true)
  }
})

test.each([28n, 32n, 50n])('a file that claims 2^%d rows is refused before memory is taken for them', async (power) => {
  const bytes = withRows(writeParquet(trades(400)), 2n ** power)
  const started = process.memoryUsage().arrayBuffers
  const expected = { code: 'CORRUPT_LAKE', message: matching(/claim to hold \d+ values/) }
  await expect(readParquet(bytes)).rejects.toMatchObject(expected)
  await expect(readParquet(bytes, { range: { from: 3, to: 9 } })).rejects.toMatchObject(expected)
  expect(process.memoryUsage().arrayBuffers - started).toBeLessThan(1 << 26)
})

const tables = new TableMemory({ mostKept: 2 ** 28 })

/** Kernels that write where the values belong write nowhere else, though no checksum keeps damaged pages from them. */
async function readBetweenGuards(source: Uint8Array | RandomAccess): Promise<void> {
  const before = tables.take(5000)
  const guards = new Uint8Array(before.buffer, before.byteOffset, 5000).fill(77)
  await readParquet(source, { memory: tables, checksums: 'ignore' }).catch((error: unknown) => {
    expect(error).toMatchObject({ code: expect.stringMatching(/^(?:CORRUPT_LAKE|UNSUPPORTED)$/) as unknown })
  })
  expect(guards.every((byte) => byte === 77)).toBe(true)
  tables.reuse()
}

/** The bytes as a file has them, which is read piece by piece. */
function inPieces(bytes: Uint8Array): RandomAccess {
  return {
    byteLength: bytes.length,
    slice: (start, end) => Promise.resolve(bytes.slice(start, end)),
    readInto(target, start) {
      const found = bytes.subarray(start, start + target.length)
      target.set(found)
      return found.length
    },
  }
}

/** A file whose footer claims so many rows, in its row group and in all. */
function withRows(good: Uint8Array, rows: bigint): Uint8Array {
  const footer = Buffer.from(good)
  const one = Buffer.from(zigzag(400n))
  const other = Buffer.from(zigzag(rows))
  const start = footer.length - 8 - footer.readUInt32LE(footer.length - 8)
  const pieces: Buffer[] = [footer.subarray(0, start)]
  let at = start
  // An int64 field behind another field: its type, then the number.
  for (let next = footer.indexOf(one, at); next >= 0 && next < footer.length - 8; next = footer.indexOf(one, at)) {
    pieces.push(footer.subarray(at, next), other)
    at = next + one.length
  }
  pieces.push(footer.subarray(at, footer.length - 8))
  const changed = Buffer.concat(pieces)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(changed.length - start)
  return Buffer.concat([changed, length, Buffer.from('PAR1')])
}

function zigzag(value: bigint): number[] {
  const bytes: number[] = []
  let rest = value * 2n
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return [...bytes, Number(rest)]
}

function damaged(good: Uint8Array, random: (below: number) => number): Uint8Array {
  const bytes = Uint8Array.from(good)
  for (let flips = 1 + random(4); flips > 0; flips--) {
    // Half of them in the footer and the page indexes, where the claims are.
    const at = random(2) === 0 ? random(bytes.length) : bytes.length - 1 - random(Math.min(3000, bytes.length))
    bytes[at] = random(3) === 0 ? random(256) : (bytes[at] ?? 0) ^ (1 << random(8))
  }
  if (random(20) === 0) return bytes.subarray(random(50))
  return random(20) === 0 ? bytes.subarray(0, bytes.length - random(50)) : bytes
}

function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return Math.floor(((state >>> 0) / 2 ** 32) * below)
  }
}

function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern)
}

function asText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

function trades(rows: number): LakeTable<'aggTrades'> {
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

function decimals(rows: number): Table {
  const schema = new Schema([
    new Field('long', new Decimal(10, 38, 128), true),
    new Field('short', new Decimal(2, 18, 128), false),
  ])
  const numbers = Array.from({ length: rows }, (_, row) => row)
  return makeTable(schema, {
    long: decimalColumn(numbers.map((row) => (row % 9 === 0 ? null : 10n ** BigInt(row % 30)))),
    short: decimalColumn(numbers.map((row) => BigInt(row * row))),
  })
}

function foreign(codec: CompressionCodec, encoding: 'PLAIN' | 'RLE_DICTIONARY' | 'DELTA_BYTE_ARRAY'): Uint8Array {
  const rows = 300
  const words = Array.from({ length: rows }, (_, row) => `word ${row % 40}`)
  const data = encoding === 'DELTA_BYTE_ARRAY' ? words.map((word) => new TextEncoder().encode(word)) : words
  return new Uint8Array(
    parquetWriteBuffer({
      codec,
      compressors: { SNAPPY: snappyCompress },
      schema: [
        { name: 'root', num_children: 2 },
        { name: 'ts_event', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'OPTIONAL' },
        { name: 'word', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      ],
      columnData: [
        { name: 'ts_event', data: Array.from({ length: rows }, (_, row) => (row % 5 === 0 ? null : BigInt(row))) },
        { name: 'word', data, encoding },
      ],
    }),
  )
}
