import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DAY_MICROS, dayOf, formatInstant, monthOf, parseInstant } from './instant.ts'
import {
  type Interval,
  intervalMicros,
  INTERVALS,
  intervalStart,
  nestsIn,
  nextIntervalStart,
  parseInterval,
} from './interval.ts'
import { microsOf, timesOf } from './micros.ts'
import { parsePeriod, periodsIn } from './period.ts'
import { formatTimeRange, parseTimeRange, rangeContains, rangesOverlap } from './time-range.ts'

/** 2010 to 2040: where market data is. */
const instant = fc.integer({ min: 1_262_304_000_000, max: 2_208_988_800_000 }).chain((millis) =>
  fc.integer({ min: 0, max: 999 }).map((micros) => millis * 1000 + micros),
) // prettier-ignore

describe('instants', () => {
  test('format and parse are inverse', () => {
    fc.assert(
      fc.property(instant, (micros) => {
        expect(parseInstant(formatInstant(micros))).toBe(micros)
      }),
    )
  })

  test('a bare date is its midnight in UTC', () => {
    expect(parseInstant('2024-02-29')).toBe(Date.UTC(2024, 1, 29) * 1000)
    expect(formatInstant(1_704_067_200_000_001)).toBe('2024-01-01T00:00:00.000001Z')
    expect(formatInstant(1_704_067_200_500_000)).toBe('2024-01-01T00:00:00.5Z')
    expect(parseInstant('2024-01-01T12:30Z')).toBe(Date.UTC(2024, 0, 1, 12, 30) * 1000)
    expect([dayOf(1_704_067_199_999_999), monthOf(1_704_067_199_999_999)]).toEqual(['2023-12-31', '2023-12'])
  })

  test.each(['2023-02-29', '2024-13-01', '2024-1-1', '2024-01-01T25:00:00Z', '2024-01-01T00:00:00', 'yesterday', ''])(
    'refuses %s',
    (text) => {
      expect(() => parseInstant(text)).toThrow(`'${text}' is not a time`)
    },
  )
})

describe('intervals', () => {
  test('the start holds the instant, and the next start follows it', () => {
    fc.assert(
      fc.property(instant, fc.constantFrom(...INTERVALS), (micros, interval) => {
        const start = intervalStart(interval, micros)
        const next = nextIntervalStart(interval, micros)
        expect(start).toBeLessThanOrEqual(micros)
        expect(next).toBeGreaterThan(micros)
        expect(intervalStart(interval, start)).toBe(start)
        expect(intervalStart(interval, next)).toBe(next)
        expect(intervalStart(interval, next - 1)).toBe(start)
      }),
    )
  })

  test('weeks start on Monday, months on the first', () => {
    const thursday = parseInstant('2024-02-29')
    expect(formatInstant(intervalStart('1w', thursday))).toBe('2024-02-26T00:00:00Z')
    expect(formatInstant(nextIntervalStart('1mo', thursday))).toBe('2024-03-01T00:00:00Z')
    expect(intervalMicros('1mo')).toBeUndefined()
    expect(intervalMicros('1d')).toBe(DAY_MICROS)
  })

  test.each([
    ['2017-08-19T23:59:59Z', '2017-08-17T00:00:00Z'],
    ['2023-12-08', '2023-12-08T00:00:00Z'],
    ['2025-01-31', '2025-01-31T00:00:00Z'],
    ['2026-07-03', '2026-07-01T00:00:00Z'],
  ])('three days that hold %s start on %s, as in the archive that has them', (time, start) => {
    expect(formatInstant(intervalStart('3d', parseInstant(time)))).toBe(start)
  })

  test('nestsIn agrees with the boundaries themselves', () => {
    const boundaries = (interval: Interval) => {
      const starts: number[] = []
      const to = parseInstant('2025-01-01')
      for (let at = parseInstant('2023-12-25'); at < to; at = nextIntervalStart(interval, at)) {
        starts.push(intervalStart(interval, at))
      }
      return starts
    }
    for (const coarser of INTERVALS.filter((interval) => !interval.endsWith('s'))) {
      const coarse = boundaries(coarser).slice(1)
      for (const finer of INTERVALS.filter((interval) => !['1s', '1m', '3m'].includes(interval))) {
        if ((intervalMicros(finer) ?? Infinity) > (intervalMicros(coarser) ?? Infinity)) continue
        const nested = coarse.every((start) => intervalStart(finer, start) === start)
        expect([finer, coarser, nestsIn(finer, coarser)]).toEqual([finer, coarser, nested])
      }
    }
    expect(nestsIn('1h', '5m')).toBe(false)
    expect(nestsIn('1mo', '1w')).toBe(false)
  })

  test('an unknown interval names those there are', () => {
    expect(() => parseInterval('1M')).toThrow("There is no interval '1M'. Intervals are 1s 1m")
    expect(() => parseInterval('toString')).toThrow('no interval')
  })
})

describe('periods and ranges', () => {
  test('a period knows its kind and its ends', () => {
    expect(parsePeriod('2024-02')).toEqual({
      kind: 'month',
      label: '2024-02',
      ...parseTimeRange('2024-02-01', '2024-03-01'),
    })
    expect(parsePeriod('2024-02-29')).toMatchObject({ kind: 'day', ...parseTimeRange('2024-02-29', '2024-03-01') })
    expect(() => parsePeriod('2024')).toThrow('neither a month')
    expect(() => parsePeriod('2024-02-30')).toThrow('is not a time')
  })

  test('periodsIn covers a range without holes or overlap', () => {
    fc.assert(
      fc.property(
        instant,
        fc.integer({ min: 1, max: 90 * DAY_MICROS }),
        fc.constantFrom('day', 'month'),
        (from, length, kind) => {
          const range = { from, to: from + length }
          const periods = periodsIn(kind, range)
          expect(periods[0]?.from).toBeLessThanOrEqual(range.from)
          expect(periods.at(-1)?.to).toBeGreaterThanOrEqual(range.to)
          for (const [index, period] of periods.entries()) {
            expect(rangesOverlap(period, range)).toBe(true)
            if (index > 0) expect(period.from).toBe(periods[index - 1]?.to)
          }
        },
      ),
    )
    expect(periodsIn('day', { from: 5, to: 5 })).toEqual([])
  })

  test('ranges are closed-open', () => {
    const january = parseTimeRange('2024-01-01', '2024-02-01')
    const february = parseTimeRange('2024-02-01', '2024-03-01')
    expect(rangesOverlap(january, february)).toBe(false)
    expect(rangesOverlap(january, { from: january.from + 5, to: january.from + 5 })).toBe(false)
    expect(rangeContains(january, january)).toBe(true)
    expect(rangeContains(january, february)).toBe(false)
    expect(formatTimeRange(january)).toBe('2024-01-01T00:00:00Z..2024-02-01T00:00:00Z')
    expect(() => parseTimeRange('2024-02-01', '2024-02-01')).toThrow('The range is empty')
  })
})

describe('micros', () => {
  test('times become doubles and come back', () => {
    const value = fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n })
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const times = BigInt64Array.from(values)
        expect([...microsOf(times)]).toEqual(values.map(Number))
        expect(timesOf(microsOf(times))).toEqual(times)
      }),
    )
  })
})
