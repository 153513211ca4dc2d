import { readFileSync } from 'node:fs'
import {
  constantWord,
  type Gap,
  INTERVALS,
  type Interval,
  intervalMicros,
  intervalStart,
  LakeError,
  type LakeTable,
  makeTable,
  nextIntervalStart,
  parseInstant,
  parseTimeRange,
  tableSchema,
  type TimeRange,
  timesOf,
} from '@lake/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findGaps } from './find-gaps.ts'

const HOUR = intervalMicros('1h')
const day = parseTimeRange('2024-02-28', '2024-03-02')

describe('findGaps', () => {
  test('finds nothing in full bars, and one gap over everything in none', () => {
    expect(findGaps(times(slots('1h', day)), { interval: '1h', range: day })).toEqual([])
    expect(findGaps(times([]), { interval: '1h', range: day })).toEqual([{ ...day, expected: 72 }])
  })

  test('is exact at both ends of the range', () => {
    const all = slots('1h', day)
    expect(findGaps(times(all.slice(1)), { interval: '1h', range: day })).toEqual([
      { from: day.from, to: day.from + HOUR, expected: 1 },
    ])
    expect(findGaps(times(all.slice(0, -2)), { interval: '1h', range: day })).toEqual([
      { from: day.to - 2 * HOUR, to: day.to, expected: 2 },
    ])
  })

  test('expects what starts inside a range whose ends are off the grid', () => {
    const range = { from: day.from + 1, to: day.from + 2 * HOUR + 1 }
    expect(findGaps(times([]), { interval: '1h', range })).toEqual([
      { from: day.from + HOUR, to: day.from + 3 * HOUR, expected: 2 },
    ])
    expect(findGaps(times([day.from + HOUR, day.from + 2 * HOUR]), { interval: '1h', range })).toEqual([])
    expect(findGaps(times([]), { interval: '1h', range: { from: day.from + 1, to: day.from + HOUR } })).toEqual([])
  })

  test('finds nothing in an empty range', () => {
    expect(findGaps(times([]), { interval: '1m', range: { from: day.from, to: day.from } })).toEqual([])
  })

  test('takes a row off the grid for the slot that it falls in', () => {
    const shifted = slots('1h', day).map((time, index) => (index % 3 === 1 ? time + 7_123_456 : time))
    expect(findGaps(times(shifted), { interval: '1h', range: day })).toEqual([])
  })

  test('ignores rows outside the range and duplicates', () => {
    const rows = [0, day.from - HOUR, ...slots('1h', day).flatMap((time) => [time, time, time + 5]), day.to, day.to]
    rows.splice(10, 3)
    const gap = findGaps(times(rows), { interval: '1h', range: day })
    expect(gap).toEqual(reference(rows, '1h', day))
  })

  test('reads rows in any order and leaves them as they are', () => {
    const rows = times([...slots('1h', day)].reverse().filter((time) => time !== day.from + 5 * HOUR))
    const before = rows.slice()
    expect(findGaps(rows, { interval: '1h', range: day })).toEqual([
      { from: day.from + 5 * HOUR, to: day.from + 6 * HOUR, expected: 1 },
    ])
    expect(rows).toEqual(before)
  })

  test('does not care for the order of rows behind the range', () => {
    const rows = [...slots('1h', day), day.to + HOUR, day.to]
    expect(findGaps(times(rows), { interval: '1h', range: day })).toEqual([])
  })

  test('counts calendar months, also over a leap day and a year', () => {
    const range = parseTimeRange('2023-11-01', '2024-05-01')
    const months = ['2023-11-01', '2024-04-01'].map(parseInstant)
    expect(findGaps(times(months), { interval: '1mo', range })).toEqual([
      { from: parseInstant('2023-12-01'), to: parseInstant('2024-04-01'), expected: 4 },
    ])
  })

  test('starts weeks on Monday', () => {
    // 2024-02-28 is a Wednesday.
    expect(findGaps(times([]), { interval: '1w', range: parseTimeRange('2024-02-28', '2024-03-12') })).toEqual([
      { from: parseInstant('2024-03-04'), to: parseInstant('2024-03-18'), expected: 2 },
    ])
  })

  test('has no hole where clocks change and days where leap years have one more', () => {
    const year = parseTimeRange('2024-01-01', '2025-01-01')
    expect(slots('1d', year)).toHaveLength(366)
    expect(findGaps(times(slots('1d', year)), { interval: '1d', range: year })).toEqual([])
    expect(findGaps(times([]), { interval: '1h', range: year })).toEqual([{ ...year, expected: 366 * 24 }])
  })

  test('works before the epoch', () => {
    const range = parseTimeRange('1969-12-30', '1970-01-02')
    expect(findGaps(times([parseInstant('1969-12-31')]), { interval: '1d', range })).toEqual([
      { from: parseInstant('1969-12-30'), to: parseInstant('1969-12-31'), expected: 1 },
      { from: 0, to: parseInstant('1970-01-02'), expected: 1 },
    ])
  })

  test('reads the times of a table', () => {
    const table = klines(slots('1h', day).filter((_, index) => index !== 3))
    expect(findGaps(table, { interval: '1h', range: day })).toEqual([
      { from: day.from + 3 * HOUR, to: day.from + 4 * HOUR, expected: 1 },
    ])
  })

  test.each([
    { from: 5, to: 4 },
    { from: 0.5, to: 4 },
    { from: Number.NaN, to: 4 },
    { from: 0, to: Number.POSITIVE_INFINITY },
  ])('refuses the range %o', (range) => {
    expect(() => findGaps(times([]), { interval: '1m', range })).toThrow(LakeError)
    expect(() => findGaps(times([]), { interval: '1m', range })).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST', details: range }),
    )
  })

  test.each([
    ['1h', '2017-08-17', '2024-01-01', 'binance-BTCUSDT-1h-gaps-2017-2024.tsv'],
    ['2h', '2017-08-17', '2026-01-01', 'binance-BTCUSDT-2h-gaps-2017-2026.tsv'],
  ] as const)('finds exactly the outages of a real venue in its %s bars', (interval, from, to, file) => {
    const range = parseTimeRange(from, to)
    const outages = readOutages(file, interval)
    const bars = slots(interval, range).filter((time) => !outages.some((gap) => time >= gap.from && time < gap.to))
    expect(outages.length).toBeGreaterThan(10)
    expect(findGaps(times(bars), { interval, range })).toEqual(outages)
  })

  test('agrees with a set of slots for any rows, interval and range', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...INTERVALS),
        fc.integer({ min: parseInstant('1995-01-01'), max: parseInstant('2040-01-01') }),
        fc.array(fc.tuple(fc.integer({ min: -4, max: 30 }), fc.constantFrom(0, 0, 0, 1, 1_234_567)), { maxLength: 40 }),
        fc.boolean(),
        fc.tuple(fc.integer({ min: 0, max: 25 }), fc.nat(2)),
        fc.tuple(fc.integer({ min: 0, max: 25 }), fc.nat(2)),
        (interval, origin, picks, sorted, start, length) => {
          const grid = ladder(interval, origin, 64)
          const at = (index: number): number => grid[index + 4] ?? 0
          const rows = picks.map(([index, shift]) => at(index) + (shift % ((at(index + 1) - at(index)) / 2)))
          if (sorted) rows.sort((a, b) => a - b)
          const range = { from: at(start[0]) + start[1], to: at(start[0] + length[0]) + start[1] + length[1] }
          expect(findGaps(times(rows), { interval, range })).toEqual(reference(rows, interval, range))
        },
      ),
      { numRuns: 500 },
    )
  })
})

function times(micros: readonly number[]): BigInt64Array {
  return timesOf(Float64Array.from(micros))
}

function slots(interval: Interval, range: TimeRange): number[] {
  const found: number[] = []
  let slot = intervalStart(interval, range.from)
  if (slot < range.from) slot = nextIntervalStart(interval, slot)
  for (; slot < range.to; slot = nextIntervalStart(interval, slot)) found.push(slot)
  return found
}

function ladder(interval: Interval, origin: number, steps: number): number[] {
  const grid = [intervalStart(interval, origin)]
  while (grid.length < steps) grid.push(nextIntervalStart(interval, grid.at(-1) ?? 0))
  return grid
}

/** What a gap is, in the plainest words. */
function reference(rows: readonly number[], interval: Interval, range: TimeRange): Gap[] {
  const present = new Set(rows.map((time) => intervalStart(interval, time)))
  const gaps: Gap[] = []
  let previousMissing = false
  for (const slot of slots(interval, range)) {
    const missing = !present.has(slot)
    if (missing) {
      const last = previousMissing ? gaps.pop() : undefined
      gaps.push({
        from: last?.from ?? slot,
        to: nextIntervalStart(interval, slot),
        expected: (last?.expected ?? 0) + 1,
      })
    }
    previousMissing = missing
  }
  return gaps
}

function readOutages(file: string, interval: Interval): Gap[] {
  const lines = readFileSync(new URL(`../fixtures/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
  return lines.map((line) => {
    const [before = '', after = ''] = line.split('\t').map((text) => `${text.replace(' ', 'T')}Z`)
    const from = nextIntervalStart(interval, parseInstant(before))
    // The first open after an outage may be off the grid of 2h: its slot is there.
    const to = intervalStart(interval, parseInstant(after))
    return { from, to, expected: (to - from) / ((interval === '2h' ? 2 : 1) * HOUR) }
  })
}

function klines(opens: readonly number[]): LakeTable<'klines'> {
  const rows = opens.length
  const numbers = (): Float64Array => new Float64Array(rows)
  return makeTable(tableSchema('klines'), {
    ts_event: times(opens),
    ts_available: times(opens.map((open) => open + HOUR)),
    source: constantWord('archive', rows),
    open: numbers(),
    high: numbers(),
    low: numbers(),
    close: numbers(),
    volume: numbers(),
    quote_volume: numbers(),
    trade_count: new BigInt64Array(rows),
    taker_buy_volume: numbers(),
    taker_buy_quote_volume: numbers(),
    close_time: times(opens.map((open) => open + HOUR - 1000)),
  })
}
