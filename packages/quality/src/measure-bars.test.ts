import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { DAY_MICROS, type Gap, intervalMicros, parseInstant, parseTimeRange, tableSchema, timesOf } from '@lake/core'
import { rowsOfTable, tableOfRows } from '@lake/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findGaps } from './find-gaps.ts'
import { findSilences } from './find-silences.ts'
import { measureBars } from './measure-bars.ts'
import { measureCompleteness } from './measure-completeness.ts'
import { rowsKnownAt } from './index.ts'
import { tradesAcross } from './trades-across.ts'
import { universe } from './universe.ts'

const HOUR = intervalMicros('1h')
const start = parseInstant('2024-01-01')

describe('measureBars', () => {
  const opens = readOpens()
  const range = parseTimeRange('2013-10-06', '2017-01-01')

  test('counts the quiet hours of a real venue that leaves them out, instead of listing gaps', () => {
    const coverage = measureBars(opens, { interval: '1h', range, omitsEmptyBars: true })
    const gaps = findGaps(opens, { interval: '1h', range })
    expect(coverage.present).toBe(17_578)
    expect(coverage.expected).toBe((range.to - range.from) / HOUR)
    expect(coverage.gaps).toEqual([])
    expect(coverage.noTrades).toEqual({
      stretches: gaps.length,
      bars: gaps.reduce((sum, { expected }) => sum + expected, 0),
      longest: gaps.reduce((longest, gap) => (gap.expected > longest.expected ? gap : longest)),
    })
    expect(gaps.length).toBeGreaterThan(1000)
    expect(JSON.stringify(coverage).length).toBeLessThan(300)
  })

  test('still reports silences that are not believed', () => {
    const options = { interval: '1h', range, omitsEmptyBars: true, longestSilence: 48 } as const
    const { gaps, noTrades, present, expected } = measureBars(opens, options)
    expect(gaps).toEqual(findGaps(opens, { interval: '1h', range }).filter(({ expected: bars }) => bars >= 48))
    expect(gaps.length).toBeGreaterThan(0)
    expect(noTrades?.longest?.expected).toBeLessThan(48)
    expect(present + (noTrades?.bars ?? 0) + gaps.reduce((sum, gap) => sum + gap.expected, 0)).toBe(expected)
  })

  test('reports every gap of other venues, whatever the order of the rows', () => {
    const shuffled = opens.slice().reverse()
    const gaps = findGaps(opens, { interval: '1h', range })
    expect(measureBars(shuffled, { interval: '1h', range })).toEqual({ expected: 28_392, present: 17_578, gaps })
    expect(measureBars(shuffled, { interval: '1h', range, omitsEmptyBars: true })).toEqual(
      measureBars(opens, { interval: '1h', range, omitsEmptyBars: true }),
    )
  })

  test('takes hundreds of thousands of holes', () => {
    const minutes = Float64Array.from({ length: 500_000 }, (_, index) => start + 2 * index * 60_000_000)
    const long = { from: start, to: start + 1_000_000 * 60_000_000 }
    const { noTrades, gaps } = measureBars(timesOf(minutes), { interval: '1m', range: long, omitsEmptyBars: true })
    expect(gaps).toEqual([])
    expect(noTrades).toMatchObject({ stretches: 500_000, bars: 500_000, longest: { expected: 1 } })
  })

  test('takes metrics for bars of five minutes', () => {
    const rows = [0, 1, 3].map((step) => ({ ts_event: BigInt(start + step * 300_000_000) }))
    const metrics = tableOfRows(tableSchema('metrics'), rows)
    expect(findGaps(metrics, { interval: '5m', range: { from: start, to: start + 1_500_000_000 } })).toEqual([
      { from: start + 600_000_000, to: start + 900_000_000, expected: 1 },
      { from: start + 1_200_000_000, to: start + 1_500_000_000, expected: 1 },
    ])
  })
})

describe('findSilences', () => {
  const SECOND = 1_000_000
  const range = { from: start, to: start + 600 * SECOND }
  const at = (...seconds: number[]): BigInt64Array =>
    timesOf(Float64Array.from(seconds, (second) => start + second * SECOND))
  const inSeconds = (gaps: readonly Gap[]): number[][] =>
    gaps.map(({ from, to, expected }) => [(from - start) / SECOND, (to - start) / SECOND, expected])

  test('finds where snapshots stop and where they begin late', () => {
    const times = at(100, 130, 130, 161, 189, 300, 330, 360, 390)
    expect(inSeconds(findSilences(times, { range }))).toEqual([
      [0, 100, 3],
      [219, 300, 3],
      [420, 600, 6],
    ])
    expect(inSeconds(findSilences(times, { range, tolerance: 5 }))).toEqual([[420, 600, 6]])
    expect(inSeconds(findSilences(times, { range, cadence: 60 * SECOND }))).toEqual([[450, 600, 3]])
  })

  test('reads a table, in any order, inside of the range only', () => {
    const rows = [-30, 0, 30, 60, 90, 300, 330, 600]
      .map((second) => ({ ts_event: BigInt(start + second * SECOND) }))
      .reverse()
    const table = tableOfRows(tableSchema('bookDepth'), rows)
    expect(inSeconds(findSilences(table, { range: { from: start, to: start + 400 * SECOND } }))).toEqual([
      [120, 300, 6],
    ])
  })

  test('needs a pace', () => {
    expect(inSeconds(findSilences(at(), { range, cadence: 30 * SECOND }))).toEqual([[0, 600, 20]])
    for (const options of [{}, { cadence: 0 }, { cadence: 5, tolerance: 0 }, { cadence: Number.NaN }]) {
      expect(() => findSilences(at(10), { range, ...options })).toThrow(
        expect.objectContaining({ code: 'BAD_REQUEST' }),
      )
    }
  })

  test('claims nothing of rows that keep their pace', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 10, maxLength: 60 }), (steps) => {
        let second = 0
        const times = at(...steps.map((step) => (second += step)))
        const inner = { from: start, to: start + second * SECOND + 1 }
        expect(findSilences(times, { range: inner, cadence: 30 * SECOND })).toEqual([])
      }),
    )
  })
})

describe('tradesAcross', () => {
  const trade = (minute: number, id: bigint) => ({
    ts_event: BigInt(start + minute * 60_000_000),
    trade_id: id,
    agg_trade_id: id,
  })
  const rows = [trade(0, 1n), trade(1, 2n), trade(10, 3n), trade(12, 4n), trade(20, 9n)]
  const gap = (from: number, to: number): Gap => ({
    from: start + from * 60_000_000,
    to: start + to * 60_000_000,
    expected: to - from,
  })

  test('tells quiet from lost and from traded stretches, and claims nothing at the ends', () => {
    const gaps = [gap(-5, 0), gap(2, 10), gap(9, 11), gap(13, 20), gap(21, 30)]
    const expected = {
      quiet: [{ from: gaps[1]?.from, to: gaps[1]?.to }],
      traded: [{ from: gaps[2]?.from, to: gaps[2]?.to }],
      missing: [{ from: gaps[3]?.from, to: gaps[3]?.to }],
    }
    expect(tradesAcross(tableOfRows(tableSchema('trades'), rows), gaps)).toEqual(expected)
    expect(tradesAcross(tableOfRows(tableSchema('aggTrades'), rows), gaps)).toEqual(expected)
  })

  test('refuses trades that are not sorted', () => {
    const trades = tableOfRows(tableSchema('trades'), [...rows].reverse())
    expect(() => tradesAcross(trades, [])).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })
})

describe('measureCompleteness', () => {
  const range = parseTimeRange('2024-01-01', '2024-01-04')
  const gap = (from: number, hours: number, cause?: 'exchange-halt' | 'missing-at-source') => ({
    from: start + from * HOUR,
    to: start + (from + hours) * HOUR,
    expected: hours,
    ...(cause === undefined ? {} : { cause }),
  })

  test('counts each day, and does not miss what never existed', () => {
    const gaps = [gap(0, 6, 'exchange-halt'), gap(20, 10, 'missing-at-source'), gap(70, 2)]
    const found = measureCompleteness({ interval: '1h', range, gaps, now: range.to })
    expect(found.days).toEqual([
      {
        day: '2024-01-01',
        expected: 24,
        present: 14,
        missing: { 'exchange-halt': 6, 'missing-at-source': 4 },
        completeness: 14 / 18,
      },
      { day: '2024-01-02', expected: 24, present: 18, missing: { 'missing-at-source': 6 }, completeness: 0.75 },
      { day: '2024-01-03', expected: 24, present: 22, missing: { unexplained: 2 }, completeness: 22 / 24 },
    ])
    expect(found).toMatchObject({ expected: 72, present: 54, completeness: 54 / 66, age: 2 * HOUR })
    expect(found.missing).toEqual({ 'exchange-halt': 6, 'missing-at-source': 10, unexplained: 2 })
  })

  test('knows no age where there is no row, and full days where nothing could be', () => {
    const found = measureCompleteness({ interval: '1h', range, gaps: [gap(0, 72, 'exchange-halt')], now: 0 })
    expect(found).not.toHaveProperty('age')
    expect(found.completeness).toBe(1)
  })

  test('counts a coarse bar on the day that it starts, and calendar months', () => {
    const weeks = measureCompleteness({
      interval: '1w',
      range: parseTimeRange('2024-01-01', '2024-01-15'),
      gaps: [],
      now: range.to,
    })
    expect(weeks.days.filter(({ expected }) => expected > 0).map(({ day }) => day)).toEqual([
      '2024-01-01',
      '2024-01-08',
    ])
    const months = measureCompleteness({
      interval: '1mo',
      range: parseTimeRange('2024-01-01', '2024-03-01'),
      gaps: [],
      now: range.to,
    })
    expect(months.expected).toBe(2)
  })

  test('adds up with the gaps that were found', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(71), { maxLength: 60 }), (missing) => {
        const present = Array.from({ length: 72 }, (_, hour) => hour).filter((hour) => !missing.includes(hour))
        const opens = timesOf(Float64Array.from(present, (hour) => start + hour * HOUR))
        const gaps = findGaps(opens, { interval: '1h', range })
        const found = measureCompleteness({ interval: '1h', range, gaps, now: range.to })
        expect(found.present).toBe(present.length)
        expect(found.days.map((day) => day.present)).toEqual(
          [0, 1, 2].map((day) => present.filter((hour) => Math.floor(hour / 24) === day).length),
        )
        expect(found.age).toBe(
          present.length === 0 ? undefined : range.to - (start + ((present.at(-1) ?? 0) + 1) * HOUR),
        )
      }),
    )
  })
})

describe('universe', () => {
  const epochs = [
    { symbol: 'BNXUSDT', from: start + 11 * DAY_MICROS, note: 'relaunched' },
    { symbol: 'BNXUSDT', from: start, to: start + 9 * DAY_MICROS, note: 'settled' },
    { symbol: 'AAAUSDT', from: start + DAY_MICROS, knownFrom: start + 2 * DAY_MICROS },
  ]
  const namesAt = (days: number): unknown[] =>
    universe(epochs, start + days * DAY_MICROS).map((epoch) => ('note' in epoch ? epoch.note : epoch.symbol))

  test('has what was listed and known at the time, delisted since or not', () => {
    expect(namesAt(-1)).toEqual([])
    expect(namesAt(1)).toEqual(['settled'])
    expect(namesAt(2)).toEqual(['AAAUSDT', 'settled'])
    expect(namesAt(9)).toEqual(['AAAUSDT'])
    expect(namesAt(11)).toEqual(['AAAUSDT', 'relaunched'])
  })
})

describe('rowsKnownAt', () => {
  const rows = [0, 1, 2, 3].map((minute) => ({
    ts_event: BigInt(start + minute * 60_000_000),
    ts_available: BigInt(start + (minute === 1 ? 60 : minute + 1) * 60_000_000),
    source: 'archive',
  }))
  const table = tableOfRows(tableSchema('klines'), rows)
  const known = (micros: number): unknown[] =>
    rowsOfTable(rowsKnownAt(table, start + micros)).map((row) => (Number(row['ts_event']) - start) / 60_000_000)

  test('leaves out what was not known yet, also where it is corrected later', () => {
    expect(known(59_999_999)).toEqual([])
    expect(known(60_000_000)).toEqual([0])
    expect(known(240_000_000)).toEqual([0, 2, 3])
    expect(known(60 * 60_000_000)).toEqual([0, 1, 2, 3])
  })
})

function readOpens(): BigInt64Array {
  const text = gunzipSync(readFileSync(new URL('../fixtures/kraken-XBTUSD-1h-opens-2013-2016.txt.gz', import.meta.url)))
  return BigInt64Array.from(text.toString().trim().split('\n'), (second) => BigInt(second) * 1_000_000n)
}
