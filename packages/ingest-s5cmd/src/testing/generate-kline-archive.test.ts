import { createHash } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { type ObjectStore, parseDatasetId, parseInstant, parseTimeRange, readObject } from '@lake/core'
import { binance } from '@lake/exchanges'
import { memoryStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import { parseChecksum } from '../parse-checksum.ts'
import { type GeneratedFile, generateKlineArchive, type GenerateOptions } from './generate-kline-archive.ts'

const SPOT = parseDatasetId('binance/spot/klines/BTCUSDT/1m')
const UM = parseDatasetId('binance/um/klines/BTCUSDT/1m')
const HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'

describe('generateKlineArchive', () => {
  test('writes files under the names of the exchange, each with its real checksum', async () => {
    const { files, target } = await generate({ dataset: UM, from: parseInstant('2024-01-01'), months: 2, cut: 'day' })
    expect(files).toHaveLength(60)
    for (const { key, period, rows, size, sha256 } of files.slice(30, 32)) {
      expect(binance.archive?.parseKey(key)).toEqual({ dataset: UM, period })
      expect(rows).toBe(1440)
      const bytes = await readObject(target, key)
      expect(bytes).toHaveLength(size)
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
      const checksum = new TextDecoder().decode(await readObject(target, `${key}.CHECKSUM`))
      expect(parseChecksum(checksum, `BTCUSDT-1m-${period.label}.zip`)).toBe(sha256)
    }
  })

  test('writes spot files without a header, in milliseconds until 2024 and in microseconds from 2025', async () => {
    const { files, lines } = await generate({ from: parseInstant('2024-12-01'), months: 2 })
    expect(files.map(({ period, rows }) => [period.label, rows])).toEqual([
      ['2024-12', 44_640],
      ['2025-01', 44_640],
    ])
    expect(lines[0]?.at(-1)).toMatch(/^1735689540000,\d+\.\d{8},.*,1735689599999,/)
    expect(lines[1]?.[0]).toMatch(/^1735689600000000,\d+\.\d{8},.*,1735689659999999,/)
  })

  test('writes futures files in milliseconds, with a header from 2022-05', async () => {
    const { lines } = await generate({ dataset: UM, from: parseInstant('2022-04-30'), rows: 2 * 1440, cut: 'day' })
    expect(lines[0]?.[0]).toMatch(/^1651276800000,\d+\.\d\d,.*,1651276859999,/)
    expect(lines[1]?.[0]).toBe(HEADER)
    expect(lines[1]?.[1]).toMatch(
      /^1651363200000,\d+\.\d\d,\d+\.\d\d,\d+\.\d\d,\d+\.\d\d,\d+\.\d{3},1651363259999,\d+\.\d{5},/,
    )
  })

  test.each([
    ['spot', SPOT],
    ['um', UM],
  ])('writes plausible bars of %s', async (_, dataset) => {
    const { lines } = await generate({ dataset, from: parseInstant('2024-06-01'), rows: 20_000 })
    const bars = lines.flat().filter((line) => line !== HEADER)
    expect(bars).toHaveLength(20_000)
    expect(bars.filter((line) => !isPlausible(line))).toEqual([])
    const opens = bars.map((line) => line.split(',')[1])
    const closes = bars.map((line) => line.split(',')[4])
    expect(opens.slice(1)).toEqual(closes.slice(0, -1))
    // Bars without trades are in every real archive.
    expect(bars.filter((line) => Number(line.split(',')[5]) === 0).length).toBeGreaterThan(0)
  })

  test('gives the same bytes for the same seed, others for another', async () => {
    const options = { from: parseInstant('2024-01-01'), rows: 3000 }
    const [first] = (await generate({ ...options, seed: 7 })).files
    expect((await generate({ ...options, seed: 7 })).files[0]?.sha256).toBe(first?.sha256)
    expect((await generate({ ...options, seed: 8 })).files[0]?.sha256).not.toBe(first?.sha256)
  })

  test('gives the same bars however they are cut', async () => {
    const options = { from: parseInstant('2024-01-31'), rows: 2 * 1440 }
    const monthly = await generate(options)
    const daily = await generate({ ...options, cut: 'day' })
    expect(monthly.files.map(({ period }) => period.label)).toEqual(['2024-01', '2024-02'])
    expect(daily.files.map(({ period }) => period.label)).toEqual(['2024-01-31', '2024-02-01'])
    expect(daily.lines.flat()).toEqual(monthly.lines.flat())
  })

  test('leaves out the bars of holes, a file without bars altogether, and changes no other bar', async () => {
    const options = { from: parseInstant('2024-01-01'), rows: 3 * 1440, cut: 'day' } as const
    const whole = await generate(options)
    const holes = [
      parseTimeRange('2024-01-01T12:00:00Z', '2024-01-01T12:02:00Z'),
      parseTimeRange('2024-01-02', '2024-01-03'),
    ]
    const holed = await generate({ ...options, holes })
    expect(holed.files.map(({ period, rows }) => [period.label, rows])).toEqual([
      ['2024-01-01', 1438],
      ['2024-01-03', 1440],
    ])
    expect(holed.lines[0]).toEqual(whole.lines[0]?.toSpliced(720, 2))
    expect(holed.lines[1]).toEqual(whole.lines[2])
  })

  test('starts on a bar and knows other intervals', async () => {
    const dataset = parseDatasetId('binance/spot/klines/BTCUSDT/1w')
    const { lines } = await generate({ dataset, from: parseInstant('2024-01-04'), rows: 2 })
    // 2024-01-01 was a Monday.
    expect(lines.flat().map((line) => line.split(',')[0])).toEqual(['1704067200000', '1704672000000'])
  })

  test.each([
    ['both months and rows', { months: 1, rows: 1 }],
    ['neither months nor rows', {}],
    ['another type', { dataset: parseDatasetId('binance/spot/trades/BTCUSDT'), rows: 1 }],
    ['another market', { dataset: parseDatasetId('binance/cm/klines/BTCUSD_PERP/1m'), rows: 1 }],
    ['an interval without a constant length', { dataset: parseDatasetId('binance/spot/klines/BTCUSDT/1mo'), rows: 1 }],
  ])('refuses %s', async (_, options) => {
    await expect(generate({ from: parseInstant('2024-01-01'), ...options })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    })
  })

  test('stops when aborted', async () => {
    const options = { from: parseInstant('2024-01-01'), rows: 1, signal: AbortSignal.abort() }
    await expect(generate(options)).rejects.toHaveProperty('name', 'AbortError')
  })
})

function isPlausible(line: string): boolean {
  const fields = line.split(',').map(Number)
  const [, open = 0, high = 0, low = 0, close = 0, volume = 0, , quote = 0, trades = 0, taker = 0, takerQuote = 0] =
    fields
  const isOrdered = 0 < low && low <= Math.min(open, close) && Math.max(open, close) <= high
  const isShare = fields.length === 12 && taker <= volume && takerQuote <= quote
  if (volume === 0) return isOrdered && isShare && quote === 0 && trades === 0 && high === low
  const price = quote / volume
  return isOrdered && isShare && trades > 0 && price >= low * (1 - 1e-12) && price <= high * (1 + 1e-12)
}

interface Generated {
  readonly files: GeneratedFile[]
  readonly target: ObjectStore
  /** Of each file. */
  readonly lines: string[][]
}

async function generate(options: Partial<GenerateOptions> & { readonly from: number }): Promise<Generated> {
  const target = memoryStore()
  const files = await generateKlineArchive({ target, dataset: SPOT, seed: 1, ...options })
  const lines: string[][] = []
  for (const { key } of files) lines.push(linesOf(await readObject(target, key)))
  return { files, target, lines }
}

/** Of the one CSV of a zip, found by its local header. */
function linesOf(zip: Uint8Array): string[] {
  const view = Buffer.from(zip)
  const start = 30 + view.readUInt16LE(26)
  const text = inflateRawSync(view.subarray(start, start + view.readUInt32LE(18))).toString()
  expect(text.endsWith('\n')).toBe(true)
  return text.slice(0, -1).split('\n')
}
