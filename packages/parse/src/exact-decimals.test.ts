import {
  decimalValues,
  floatValues,
  integerValues,
  LakeError,
  nullFlags,
  roundDecimals,
  tableSchema,
  wordValues,
} from '@lake/core'
import { binance, getExchange } from '@lake/exchanges'
import type { Table } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseArchiveFile, parsePageTables } from './index.ts'
import { makePage } from './testing/make-page.ts'
import { makeZip } from './testing/make-zip.ts'
import { realFile } from './testing/real-files.ts'

/** Big integers take their time; of longer files all rows are compared as floats. */
const MOST_TEXTS = 10_000
const EXACT = { decimals: 'exact' } as const
const minutes = realFile('binance/spot/klines/BTCUSDT/1m', '2020-01-01')
const premium = realFile('binance/um/fundingRate/BTCUSDT', '2026-04')
const MANY_PLACES = (binance.formats ?? []).map((format) => ({
  ...format,
  columns: format.columns.map((column) => ({ ...column, places: 20 })),
}))
const OPEN = Date.UTC(2020, 0, 1)

describe('exact decimals', () => {
  test.each([
    ['binance/spot/klines/BTCUSDT/1m', '2020-01-01', 'open', 1],
    ['binance/cm/aggTrades/BTCUSD_PERP', '2026-05-08', 'price', 1],
    ['binance/um/fundingRate/BTCUSDT', '2026-04', 'funding_rate', 2],
  ])(
    'of the real file %s %s are its texts, and rounded they are its floats',
    async (id, label, column, cell) => {
      const file = realFile(id, label)
      const { table, report } = await parseArchiveFile({ ...file, ...EXACT })
      const floats = await parseArchiveFile(file)
      expect(report).toEqual(floats.report)
      const rounded = roundDecimals(table, tableSchema(file.dataset.dataType))
      expect(floatValues(rounded, column)).toEqual(floatValues(floats.table, column))
      const lines = file.csv
        .trimEnd()
        .split('\n')
        .slice(report.header ? 1 : 0, MOST_TEXTS)
      const texts = lines.map((line) => canonical(line.split(',')[cell]?.trim() ?? ''))
      expect(textsOf(table.slice(0, texts.length), column).join()).toBe(texts.join())
    },
    30_000,
  )

  test('are the digits of any decimal, also of those that float64 does not hold', async () => {
    const decimal = fc
      .tuple(digits(20), digits(18), fc.boolean())
      .map(([whole, places, hasPlaces]) => (hasPlaces ? `${whole}.${places}` : whole))
    await fc.assert(
      fc.asyncProperty(fc.array(decimal, { minLength: 1, maxLength: 60 }), async (prices) => {
        const { table, report } = await parseMinutes(prices)
        expect(textsOf(table, 'close')).toEqual(prices.map(canonical))
        expect(report.inexact).toEqual({})
        expect(report.fingerprint.places['close']).toBe(
          Math.max(...prices.map((text) => text.split('.')[1]?.length ?? 0)),
        )
      }),
      { numRuns: 50 },
    )
  })

  test('may be negative where a sign is allowed, and never minus zero', async () => {
    const rates = ['-0.00000001', '-0', '-12345678901234567890.123456789012345678', '0.5']
    const content = rates.map((rate, row) => `${Date.UTC(2026, 3, 1 + row)},8,${rate}`).join('\n')
    const bytes = makeZip([{ name: 'BTCUSDT-fundingRate-2026-04.csv', content }])
    const { table } = await parseArchiveFile({ ...premium, bytes, ...EXACT })
    expect(textsOf(table, 'funding_rate')).toEqual(['-0.00000001', '0', rates[2], '0.5'])
    expect(nullFlags(table, 'mark_price')).toEqual(Uint8Array.of(1, 1, 1, 1))
  })

  test.each([0, 2, 9, 10, 17, 18, 20])('of a scale of %i are the digits of any decimal with a sign', async (scale) => {
    const decimal = fc
      .tuple(fc.constantFrom('', '-'), digits(18), digits(Math.max(1, scale)))
      .map(([sign, whole, places]) => (scale === 0 ? `${sign}${whole}` : `${sign}${whole}.${places}`))
    const dataset = { ...premium, formats: MANY_PLACES }
    await fc.assert(
      fc.asyncProperty(fc.array(decimal, { minLength: 1, maxLength: 40 }), async (rates) => {
        const content = rates.map((rate, row) => `${premium.period.from / 1000 + row * 60_000},8,${rate}`).join('\n')
        const bytes = makeZip([{ name: 'BTCUSDT-fundingRate-2026-04.csv', content }])
        const { table } = await parseArchiveFile({ ...dataset, bytes, decimals: 'exact', scale })
        expect(textsOf(table, 'funding_rate')).toEqual(rates.map(canonical))
      }),
      { numRuns: 20 },
    )
  })

  test.each([
    ['1e5', 'is not a decimal number'],
    ['1,000', 'has 13 columns'],
    ['NaN', 'is not a decimal number'],
    ['Infinity', 'is not a decimal number'],
    ['1.', 'is not a decimal number'],
    ['.5', 'is not a decimal number'],
    ['', 'is not a decimal number'],
    ['-1', 'is negative'],
    [`0.${'0'.repeat(18)}1`, 'has digits beyond the 18 places that an exact decimal keeps'],
    ['1'.repeat(21), 'is too large for an exact decimal'],
  ])('%s is refused', async (text, why) => {
    await expect(parseMinutes([text])).rejects.toMatchObject({ code: 'BAD_ROW', details: { line: 1 } })
    await expect(parseMinutes([text])).rejects.toThrow(why)
  })

  test('beyond their places zeros say nothing', async () => {
    const { table } = await parseMinutes([`1.5${'0'.repeat(30)}`])
    expect(textsOf(table, 'close')).toEqual(['1.5'])
  })

  test('have as many places as are asked for', async () => {
    const { table } = await parseMinutes(['1.25'], 2)
    expect(decimalValues(table, 'close').scale).toBe(2)
    await expect(parseMinutes(['1.255'], 2)).rejects.toThrow('beyond the 2 places')
  })

  test('that are new in a file stop it as floats do', async () => {
    const { report } = await parseArchiveFile({ ...minutes, ...EXACT })
    const content = minutes.csv.replace(/,(\d+\.\d{8}),/, ',$11,')
    const bytes = makeZip([{ name: 'BTCUSDT-1m-2020-01-01.csv', content }])
    const file = { ...minutes, bytes, previousFormat: report.fingerprint, ...EXACT }
    await expect(parseArchiveFile(file)).rejects.toMatchObject({ code: 'BAD_FORMAT', details: { line: 1 } })
  })

  test('have an exponent where the format allows one, and signs of sizes become sides', async () => {
    const dataset = {
      exchange: 'kraken',
      market: 'spot',
      dataType: 'klines',
      symbol: 'XBTUSD',
      interval: '1h',
    } as const
    const period = { from: OPEN * 1000, to: (OPEN + 86_400_000) * 1000 }
    const formats = getExchange('kraken').formats ?? []
    const bytes = Buffer.from(`${OPEN / 1000},1,1,1,1,1.5E+1,3\n`)
    const kraken = await parseArchiveFile({ bytes, name: 'XBTUSD_60.csv', dataset, period, formats, ...EXACT })
    expect(textsOf(kraken.table, 'volume')).toEqual(['15'])
    const options = { bytes: Buffer.from(`${OPEN / 1000},1,1,1,1,15E-1,3\n`), name: 'XBTUSD_60.csv', dataset, period }
    expect(textsOf((await parseArchiveFile({ ...options, formats, ...EXACT })).table, 'volume')).toEqual(['1.5'])
  })

  test('are those of pages too', async () => {
    const body = JSON.stringify([row('7200.123456789012345678'), row('7e-3')]).replace('"7e-3"', '7e-3')
    const dataset = 'binance/spot/klines/BTCUSDT/1m'
    const pages = [makePage({ dataset, series: 'binance-spot-klines', body })]
    const options = { pages, dataset: minutes.dataset, series: binance.rest?.series ?? [] }
    const { tables, report } = await parsePageTables({ ...options, ...EXACT })
    const [batch] = tables
    if (batch === undefined) throw new Error('the page has rows')
    expect(textsOf(batch.table, 'close')).toEqual(['7200.123456789012345678', '0.007'])
    expect(report.inexact).toEqual({})
    expect((await parsePageTables(options)).report.inexact).toEqual({ close: 1 })
    expect(wordValues(batch.table, 'source').words).toEqual(['rest'])
    expect(integerValues(batch.table, 'trade_count')).toHaveLength(2)
  })
})

/** Up to so many digits, zeros in front and at the end among them; nines and zeros more often than by chance. */
function digits(most: number): fc.Arbitrary<string> {
  const digit = fc.nat({ max: 13 }).map((at) => '00123456789999'.charAt(at))
  return fc.array(digit, { minLength: 1, maxLength: most, size: 'max' }).map((all) => all.join(''))
}

function row(close: string): unknown[] {
  return [OPEN, '7195.2', '7196.2', '7183.1', close, '51.6', OPEN + 59_999, '371233.5', 493, '19.5', '140888.4', '0']
}

async function parseMinutes(closes: readonly string[], scale?: number) {
  const content = closes
    .map((close, row) => `${OPEN + row * 60_000},1,2,1,${close},5,${OPEN + row * 60_000 + 59_999},5,1,1,1,0`)
    .join('\n')
  const bytes = makeZip([{ name: 'BTCUSDT-1m-2020-01-01.csv', content }])
  return parseArchiveFile({ ...minutes, bytes, decimals: 'exact', scale })
}

/** The decimals of a column as text, by another way than the parser's. */
function textsOf(table: Table, column: string): string[] {
  const { units, scale } = decimalValues(table, column)
  return Array.from({ length: table.numRows }, (_, at) => {
    const words = Array.from(units.subarray(4 * at, 4 * at + 4))
    const unsigned = words.reduceRight((sum, word) => sum * 4_294_967_296n + BigInt(word), 0n)
    const value = unsigned >= 2n ** 127n ? unsigned - 2n ** 128n : unsigned
    const all = String(value < 0n ? -value : value).padStart(scale + 1, '0')
    const point = all.length - scale
    return canonical(`${value < 0n ? '-' : ''}${all.slice(0, point)}${scale === 0 ? '' : '.'}${all.slice(point)}`)
  })
}

/** Without the zeros that say nothing. */
function canonical(text: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new LakeError('BAD_REQUEST', `${text} is no decimal`)
  const [whole = '', places = ''] = text.split('.')
  const [before, kept] = [whole.replace(/^(-?)0+(?=\d)/, '$1'), places.replace(/0+$/, '')]
  return kept === '' ? before.replace(/^-0$/, '0') : `${before}.${kept}`
}
