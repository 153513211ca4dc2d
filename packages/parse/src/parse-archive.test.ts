import {
  formatInstant,
  floatValues,
  integerValues,
  LakeError,
  parseDatasetId,
  parsePeriod,
  wordValues,
} from '@lake/core'
import { describe, expect, test } from 'vitest'
import { parseArchive, parseArchiveFile, type ParsedBatch, type ParseReport } from './index.ts'
import { makeZip } from './testing/make-zip.ts'
import { formats, realFile, type TestFile } from './testing/real-files.ts'

const minutes = realFile('binance/spot/klines/BTCUSDT/1m', '2020-01-01')

describe('parseArchive', () => {
  test('cuts a file into batches, the last one small, that say where they begin', async () => {
    const { batches, report } = await collect(parseArchive({ ...minutes, source: minutes.bytes, batchRows: 1000 }))
    expect(batches.map(({ table, firstLine }) => [table.numRows, firstLine])).toEqual([
      [1000, 1],
      [440, 1001],
    ])
    const { table, report: whole } = await parseArchiveFile(minutes)
    expect(report).toEqual(whole)
    expect(batches.flatMap((batch) => Array.from(floatValues(batch.table, 'close')))).toEqual(
      Array.from(floatValues(table, 'close')),
    )
  })

  test('makes no empty batch when the rows fill the last one', async () => {
    const { batches } = await collect(parseArchive({ ...minutes, source: minutes.bytes, batchRows: 720 }))
    expect(batches.map(({ table }) => table.numRows)).toEqual([720, 720])
  })

  test('gives batches whose words have the same codes', async () => {
    const file = realFile('binance/cm/aggTrades/BTCUSD_PERP', '2026-05-08')
    const { batches } = await collect(parseArchive({ ...file, source: file.bytes }))
    expect(batches).toHaveLength(1)
    for await (const { table } of parseArchive({ ...file, source: file.bytes, batchRows: 20_000 })) {
      expect(wordValues(table, 'side').words).toEqual(expect.arrayContaining(['buy', 'sell']))
      expect(String(table.getChild('source')?.get(0))).toBe('archive')
      expect(table.data[0]?.children.find((child) => child.dictionary?.length === 2)?.dictionary?.toJSON()).toEqual([
        'buy',
        'sell',
      ])
    }
  })

  test('takes the bytes as a stream, and closes it', async () => {
    let closed = false
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for (let at = 0; at < minutes.bytes.length; at += 1000) yield minutes.bytes.subarray(at, at + 1000)
      } finally {
        closed = true
      }
    }
    const { report } = await collect(parseArchive({ ...minutes, source: source(), sha256: minutes.published }))
    expect(report.rows).toBe(1440)
    expect(closed).toBe(true)
  })

  test('stops when its signal is aborted: before, while it collects, and between batches', async () => {
    const reason = new Error('enough')
    const before = parseArchive({ ...minutes, source: minutes.bytes, signal: AbortSignal.abort(reason) })
    await expect(before.next()).rejects.toBe(reason)

    const collecting = new AbortController()
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      yield minutes.bytes.subarray(0, 100)
      collecting.abort(reason)
      yield minutes.bytes.subarray(100)
    }
    await expect(parseArchive({ ...minutes, source: source(), signal: collecting.signal }).next()).rejects.toBe(reason)

    const between = new AbortController()
    const batches = parseArchive({ ...minutes, source: minutes.bytes, batchRows: 100, signal: between.signal })
    expect((await batches.next()).done).toBe(false)
    between.abort(reason)
    await expect(batches.next()).rejects.toBe(reason)
  })

  test.each([0, -1, 1.5, Number.NaN])('refuses batches of %s rows', async (batchRows) => {
    const batches = parseArchive({ ...minutes, source: minutes.bytes, batchRows })
    await expect(batches.next()).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })
})

describe('a member above 32 MiB is unpacked piece by piece', () => {
  const { file, rows } = largeFile()

  test('and read as if it were one', async () => {
    const { table, report } = await parseArchiveFile(file)
    expect(report).toMatchObject({ rows, sorted: true, timeUnit: 'us', header: false })
    expect(report.bytes).toBeGreaterThan(32 * 2 ** 20)
    const ids = integerValues(table, 'agg_trade_id')
    const prices = floatValues(table, 'price')
    expect(ids).toHaveLength(rows)
    expect(ids.findIndex((id, row) => id !== BigInt(row))).toBe(-1)
    expect(prices.findIndex((price, row) => price !== priceOf(row))).toBe(-1)
    let next = 0
    for await (const batch of parseArchive({ ...file, source: file.bytes })) {
      expect(batch.firstLine).toBe(next + 1)
      expect(integerValues(batch.table, 'agg_trade_id')[0]).toBe(BigInt(next))
      next += batch.table.numRows
    }
    expect(next).toBe(rows)
  }, 60_000)

  test('and refused when it is damaged, is cut off, or is more or less than it declares', async () => {
    const damaged = Buffer.from(file.bytes)
    damaged.fill(0xff, damaged.length >> 1, (damaged.length >> 1) + 64)
    const { size, data, crc32 } = partsOf(file.bytes)
    const name = 'BTCUSDT-aggTrades-2026-01-01.csv'
    const part = { name, content: '', compressed: data, crc32, size }
    const cases: [Buffer, RegExp][] = [
      [damaged, /cannot be unpacked|CRC-32|column|columns/],
      [makeZip([{ ...part, compressed: data.subarray(0, -1000) }]), /is cut off: its compressed data have no end/],
      [makeZip([{ ...part, size: size - 1 }]), /unpacks to more than the \d+ bytes that it declares/],
      [makeZip([{ ...part, size: size + 1 }]), /unpacks to \d+ bytes, but declares \d+/],
      [makeZip([{ ...part, crc32: 1 }]), /has CRC-32 [0-9a-f]{8}, but declares 00000001/],
    ]
    for (const [bytes, message] of cases) {
      const error: unknown = await parseArchiveFile({ ...file, bytes }).catch((thrown: unknown) => thrown)
      expect(LakeError.is(error)).toBe(true)
      expect(String(error)).toMatch(message)
    }
  }, 60_000)

  test('and left when the reader leaves', async () => {
    for await (const { table } of parseArchive({ ...file, source: file.bytes, batchRows: 10 })) {
      expect(table.numRows).toBe(10)
      break
    }
  })
})

function priceOf(row: number): number {
  return (8_000_000 + (row % 99_991)) / 100
}

function largeFile(): { file: TestFile; rows: number } {
  const rows = 520_000
  const period = parsePeriod('2026-01-01')
  const lines = Array.from({ length: rows }, (_, row) => {
    const price = priceOf(row).toFixed(8)
    return `${row},${price},0.00010000,${row},${row},${period.from + row * 100},False,True\n`
  })
  const name = 'BTCUSDT-aggTrades-2026-01-01.zip'
  const bytes = makeZip([{ name: name.replace('.zip', '.csv'), content: lines.join('') }])
  expect(formatInstant(period.from)).toBe('2026-01-01T00:00:00Z')
  return { file: { name, bytes, dataset: parseDatasetId('binance/spot/aggTrades/BTCUSDT'), period, formats }, rows }
}

function partsOf(zip: Buffer): { size: number; data: Buffer; crc32: number } {
  const start = 30 + zip.readUInt16LE(26)
  return {
    crc32: zip.readUInt32LE(14),
    size: zip.readUInt32LE(22),
    data: zip.subarray(start, start + zip.readUInt32LE(18)),
  }
}

async function collect<B extends ParsedBatch<'klines'> | ParsedBatch<TestFile['dataset']['dataType']>>(
  batches: AsyncGenerator<B, ParseReport, undefined>,
): Promise<{ batches: B[]; report: ParseReport }> {
  const all: B[] = []
  for (;;) {
    const { value, done } = await batches.next()
    if (done === true) return { batches: all, report: value }
    all.push(value)
  }
}
