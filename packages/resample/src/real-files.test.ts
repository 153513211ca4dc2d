import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import {
  constantWord,
  floatValues,
  integerValues,
  intervalMicros,
  intervalStart,
  type LakeTable,
  makeTable,
  microsOf,
  parseInstant,
  tableSchema,
  timesOf,
} from '@lake/core'
import { describe, expect, test } from 'vitest'
import { barsFromTrades } from './bars-from-trades.ts'
import { resampleBars } from './resample-bars.ts'
import { resampleFunding } from './resample-funding.ts'
import type { ResampledBars } from './resampled-bars.ts'

const DAYS = ['2020-01-01', '2020-01-02', '2020-01-03']

describe('resampleBars of archived minutes', () => {
  const rows = DAYS.flatMap((day) => archive(`spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-${day}.zip`))
  const minutes = klines(rows)

  test.each(['5m', '1d'] as const)('gives the %s bars of the venue itself, digit by digit', (interval) => {
    const published = venueBars(`binance-spot-BTCUSDT-${interval}.json`)
    const bars = resampleBars(minutes, { from: '1m', to: interval })
    expect(published.length).toBeGreaterThan(2)
    expect(published.map((_, row) => venueRow(bars, row))).toEqual(published)
  })

  test('gives the exact decimal sums of each hour, in one step and in two', () => {
    const direct = resampleBars(minutes, { from: '1m', to: '1h' })
    const fives = resampleBars(minutes, { from: '1m', to: '5m' })
    for (const hours of [direct, resampleBars(fives, { from: '5m', to: '1h' })]) {
      expect(hours.numRows).toBe(72)
      for (const [name, cell] of Object.entries({
        volume: 5,
        quote_volume: 7,
        taker_buy_volume: 9,
        taker_buy_quote_volume: 10,
      })) {
        const exact = Array.from({ length: 72 }, (_, hour) =>
          decimalSum(rows.slice(hour * 60, hour * 60 + 60).map((cells) => cells[cell] ?? '')),
        )
        expect([...floatValues(hours, name)].map(String)).toEqual(exact)
      }
    }
  })
})

describe('barsFromTrades of an archived day of coin-margined trades', () => {
  const rows = archive('futures/cm/daily/aggTrades/BTCUSD_PERP/BTCUSD_PERP-aggTrades-2026-05-08.zip').slice(1)
  const until = parseInstant('2026-05-09')

  test('gives a bar for each minute with trades that adds up to the file', () => {
    const bars = barsFromTrades(aggTrades(rows), { by: { time: '1m' }, until, market: 'cm', contractSize: 100 })
    const times = [...microsOf(integerValues(bars, 'ts_event'))]
    expect(times).toEqual([...new Set(rows.map((cells) => intervalStart('1m', Number(cells[5]) * 1000)))])
    expect(times.length).toBeGreaterThan(1400)
    const total = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0)
    expect(total(microsOf(integerValues(bars, 'child_count')))).toBe(rows.length)
    expect(total(microsOf(integerValues(bars, 'trade_count')))).toBe(
      total(rows.map((cells) => Number(cells[4]) - Number(cells[3]) + 1)),
    )
    const size = (wanted: (cells: string[]) => boolean): number =>
      total(rows.filter(wanted).map(([, , text]) => Number(text)))
    expect(total(floatValues(bars, 'volume'))).toBe(size(() => true))
    expect(total(floatValues(bars, 'taker_buy_volume'))).toBe(size((cells) => cells[6] === 'false'))
    // The base asset of each bar, valued at its contracts, is a price between its low and its high.
    const [volumes, bases] = [floatValues(bars, 'volume'), floatValues(bars, 'quote_volume')]
    const [lows, highs] = [floatValues(bars, 'low'), floatValues(bars, 'high')]
    const outside = lows.filter((low, row) => {
      const price = ((volumes[row] ?? 0) * 100) / (bases[row] ?? 0)
      return !(price > low * (1 - 1e-12) && price < (highs[row] ?? 0) * (1 + 1e-12))
    })
    expect([...outside]).toEqual([])
  })

  test('gives the same hours in one step and through minutes', () => {
    const options = { until, market: 'cm', contractSize: 100 } as const
    const hours = barsFromTrades(aggTrades(rows), { ...options, by: { time: '1h' } })
    const minutes = barsFromTrades(aggTrades(rows), { ...options, by: { time: '1m' } })
    const again = resampleBars(minutes, { from: '1m', to: '1h', until })
    for (const name of ['open', 'high', 'low', 'close', 'volume', 'taker_buy_volume']) {
      expect([...floatValues(again, name)]).toEqual([...floatValues(hours, name)])
    }
    for (const name of ['ts_event', 'trade_count', 'child_count', 'close_time']) {
      expect(integerValues(again, name)).toEqual(integerValues(hours, name))
    }
  })
})

describe('resampleFunding of an archived month', () => {
  test('gives three events a day whose rates add up to the exact decimals', () => {
    const rows = archive('futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-04.zip').slice(1)
    const days = resampleFunding(funding(rows), { to: '1d' })
    expect([...integerValues(days, 'funding_count')]).toEqual(new Array(30).fill(3n))
    const exact = Array.from({ length: 30 }, (_, day) =>
      decimalSum(rows.slice(day * 3, day * 3 + 3).map((cells) => cells[2] ?? '')),
    )
    expect([...floatValues(days, 'funding_rate_sum')].map(String)).toEqual(exact)
  })
})

/** The cells of the one CSV in an archive file. */
function archive(path: string): string[][] {
  const bytes = readFileSync(new URL(`../../../fixtures/archive/data/${path}`, import.meta.url))
  // The archive's zips have one member, whose name follows a local header of 30 bytes.
  const start = 30 + bytes.readUInt16LE(26) + bytes.readUInt16LE(28)
  const lines = inflateRawSync(bytes.subarray(start)).toString('latin1').trim().split(/\r?\n/)
  return lines.map((line) => line.split(','))
}

function klines(rows: readonly string[][]): LakeTable<'klines'> {
  const floats = (cell: number): Float64Array => Float64Array.from(rows, (cells) => Number(cells[cell]))
  const times = (cell: number, add = 0): BigInt64Array => timesOf(floats(cell).map((millis) => (millis + add) * 1000))
  return makeTable(tableSchema('klines'), {
    ts_event: times(0),
    ts_available: times(6, 1),
    source: constantWord('archive', rows.length),
    open: floats(1),
    high: floats(2),
    low: floats(3),
    close: floats(4),
    volume: floats(5),
    quote_volume: floats(7),
    trade_count: timesOf(floats(8)),
    taker_buy_volume: floats(9),
    taker_buy_quote_volume: floats(10),
    close_time: times(6),
  })
}

function aggTrades(rows: readonly string[][]): LakeTable<'aggTrades'> {
  const floats = (cell: number): Float64Array => Float64Array.from(rows, (cells) => Number(cells[cell]))
  const times = (): BigInt64Array => timesOf(floats(5).map((millis) => millis * 1000))
  return makeTable(tableSchema('aggTrades'), {
    ts_event: times(),
    ts_available: times(),
    source: constantWord('archive', rows.length),
    agg_trade_id: timesOf(floats(0)),
    price: floats(1),
    size: floats(2),
    first_trade_id: timesOf(floats(3)),
    last_trade_id: timesOf(floats(4)),
    side: { codes: Int32Array.from(rows, (cells) => (cells[6] === 'true' ? 1 : 0)), words: ['buy', 'sell'] },
    is_best_match: new Uint8Array(rows.length).fill(2),
  })
}

function funding(rows: readonly string[][]): LakeTable<'fundingRate'> {
  const floats = (cell: number): Float64Array => Float64Array.from(rows, (cells) => Number(cells[cell]))
  const times = (): BigInt64Array => timesOf(floats(0).map((millis) => millis * 1000))
  return makeTable(tableSchema('fundingRate'), {
    ts_event: times(),
    ts_available: times(),
    source: constantWord('archive', rows.length),
    funding_rate: floats(2),
    funding_interval_hours: timesOf(floats(1)),
    mark_price: new Float64Array(rows.length).fill(Number.NaN),
  })
}

/** A bar in the venue's words: times in milliseconds, decimals without trailing zeros. */
type VenueRow = Readonly<Record<string, string | number>>

function venueBars(file: string): VenueRow[] {
  const text = readFileSync(new URL(`../fixtures/${file}`, import.meta.url), 'utf8')
  const names = ['ts_event', 'open', 'high', 'low', 'close', 'volume', 'close_time', 'quote_volume', 'trade_count']
  names.push('taker_buy_volume', 'taker_buy_quote_volume')
  // Decimals are strings in the file, times and counts are not. A float64 holds 15 of the 17 digits of the largest.
  const parsed: unknown = JSON.parse(text)
  if (!Array.isArray(parsed)) throw new Error(`${file} is not a list`)
  return parsed.map((row: readonly (string | number)[]): VenueRow =>
    Object.fromEntries(
      names.map((name, cell) => {
        const value = row[cell] ?? ''
        return [name, typeof value === 'string' ? String(Number(value)) : value]
      }),
    ),
  )
}

function venueRow(bars: ResampledBars, row: number): VenueRow {
  const decimal = (name: string): string => String(floatValues(bars, name)[row])
  const integer = (name: string): number => Number(integerValues(bars, name)[row])
  return {
    ts_event: integer('ts_event') / 1000,
    open: decimal('open'),
    high: decimal('high'),
    low: decimal('low'),
    close: decimal('close'),
    volume: decimal('volume'),
    close_time: integer('close_time') / 1000,
    quote_volume: decimal('quote_volume'),
    trade_count: integer('trade_count'),
    taker_buy_volume: decimal('taker_buy_volume'),
    taker_buy_quote_volume: decimal('taker_buy_quote_volume'),
  }
}

/** The sum of decimals with up to eight places, as JavaScript prints the double nearest to it. */
function decimalSum(texts: readonly string[]): string {
  const units = texts.reduce((sum, text) => {
    const [whole = '', part = ''] = text.replace('-', '').split('.')
    const value = BigInt(whole + part.padEnd(8, '0'))
    return text.startsWith('-') ? sum - value : sum + value
  }, 0n)
  const digits = String(units < 0n ? -units : units).padStart(9, '0')
  return String(Number(`${units < 0n ? '-' : ''}${digits.slice(0, -8)}.${digits.slice(-8)}`))
}

test('the grain of the fixtures is what their names say', () => {
  const opens = venueBars('binance-spot-BTCUSDT-5m.json').map(({ ts_event }) => Number(ts_event))
  expect((opens[1] ?? 0) - (opens[0] ?? 0)).toBe(intervalMicros('5m') / 1000)
})
