import {
  dayOf,
  parseDatasetId,
  parsePeriod,
  parseTimeRange,
  type Period,
  periodsIn,
  rangesOverlap,
  type TimeRange,
} from '@lake/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ArchiveFile, PlannedFile } from './archive-file.ts'
import { planTransfer } from './plan-transfer.ts'

const BTC = parseDatasetId('binance/spot/klines/BTCUSDT/1m')
const ETH = parseDatasetId('binance/spot/klines/ETHUSDT/1m')
const JANUARY = daysOf('2024-01')

describe('planTransfer', () => {
  test('takes the month instead of its days when everything is wanted', () => {
    const plan = planTransfer({ files: files('2024-01', ...JANUARY, '2024-02-01') })
    expect(labels(plan)).toEqual(['2024-01', '2024-02-01'])
    expect(plan.map(({ reason }) => reason)).toEqual([
      'All of 2024-01 is wanted: one monthly file instead of 31 daily ones.',
      'The archive has no monthly file of 2024-02.',
    ])
  })

  test('takes the month when it lies wholly in the range', () => {
    const range = parseTimeRange('2023-12-31', '2024-02-01')
    const plan = planTransfer({ files: files('2024-01', ...JANUARY), range })
    expect(labels(plan)).toEqual(['2024-01'])
  })

  test('takes the days of a month of which the range holds a part', () => {
    const plan = planTransfer({
      files: files('2024-01', ...JANUARY),
      range: parseTimeRange('2024-01-30', '2024-03-01'),
    })
    expect(labels(plan)).toEqual(['2024-01-30', '2024-01-31'])
    expect(plan[0]?.reason).toBe('Only 2 days of 2024-01 wanted: daily files.')
  })

  test('takes a whole day when the range holds a minute of it', () => {
    const range = parseTimeRange('2024-01-05T10:00:00Z', '2024-01-05T10:01:00Z')
    const plan = planTransfer({ files: files('2024-01', ...JANUARY), range })
    expect(labels(plan)).toEqual(['2024-01-05'])
    expect(plan[0]?.reason).toBe('Only 1 day of 2024-01 wanted: daily files.')
  })

  test('takes the month when a wanted day has no daily file', () => {
    const some = JANUARY.filter((day) => day !== '2024-01-30')
    const plan = planTransfer({ files: files('2024-01', ...some), range: parseTimeRange('2024-01-30', '2024-03-01') })
    expect(labels(plan)).toEqual(['2024-01'])
    expect(plan[0]?.reason).toBe('1 of the 2 wanted days of 2024-01 have a daily file: the monthly one.')
  })

  test('takes the days that there are of a month without a monthly file', () => {
    const plan = planTransfer({
      files: files('2024-01-03', '2024-01-01'),
      range: parseTimeRange('2024-01-01', '2024-02-01'),
    })
    expect(labels(plan)).toEqual(['2024-01-01', '2024-01-03'])
  })

  test('plans each dataset for itself, in the order in which they come', () => {
    const plan = planTransfer({ files: [...files('2024-02', '2024-01'), file(ETH, '2024-01-05'), ...files('2023-12')] })
    expect(plan.map(({ key }) => key)).toEqual([
      'BTCUSDT/2023-12',
      'BTCUSDT/2024-01',
      'BTCUSDT/2024-02',
      'ETHUSDT/2024-01-05',
    ])
  })

  test('takes one of two files of the same period, whatever their order', () => {
    const twice = [
      file(BTC, '2024-01', 'b.zip'),
      file(BTC, '2024-01', 'a.zip'),
      file(BTC, '2024-02-01', 'd.zip'),
      file(BTC, '2024-02-01', 'c.zip'),
    ]
    expect(planTransfer({ files: twice }).map(({ key }) => key)).toEqual(['a.zip', 'c.zip'])
    expect(planTransfer({ files: twice.reverse() }).map(({ key }) => key)).toEqual(['a.zip', 'c.zip'])
  })

  test('counts the days of an archive whose days are cut elsewhere than at midnight', () => {
    const shift = 8 * 3_600_000_000
    const shifted = files('2024-01', ...JANUARY).map((one) => {
      const { period } = one
      return { ...one, period: { ...period, from: period.from - shift, to: period.to - shift } }
    })
    const range = parseTimeRange('2024-01-10', '2024-01-11')
    expect(labels(planTransfer({ files: shifted, range }))).toEqual(['2024-01-10', '2024-01-11'])
  })

  test('takes what there is for a reconciliation, both kinds where there are both', () => {
    const plan = planTransfer({
      files: files('2024-01', '2024-01-02', '2024-01-01', '2024-02', '2024-03-01'),
      reconcile: true,
    })
    expect(labels(plan)).toEqual(['2024-01', '2024-01-01', '2024-01-02', '2024-02', '2024-03-01'])
  })

  test('plans a hundred thousand files, each once', () => {
    const many = Array.from({ length: 3200 }, (_, index) => {
      const dataset = parseDatasetId(`binance/spot/trades/S${index}`)
      return JANUARY.map((label) => file(dataset, label))
    }).flat()
    const plan = planTransfer({ files: many })
    expect(new Set(plan.map(({ key }) => key)).size).toBe(3200 * 31)
  })

  test('plans nothing for nothing and for an empty range', () => {
    const from = JANUARY.length
    expect(planTransfer({ files: [] })).toEqual([])
    expect(
      planTransfer({ files: files('2024-01'), range: { from: 1704067200000000 + from, to: 1704067200000000 + from } }),
    ).toEqual([])
  })

  test('agrees with the obvious way, for any listing and any range', () => {
    fc.assert(
      fc.property(listings, fc.option(ranges, { nil: undefined }), (listed, range) => {
        const plan = planTransfer({ files: listed, range })
        expect(plan.every(({ reason }) => reason !== '')).toBe(true)
        expect(plan).toMatchObject(obviousPlan(listed, range))
      }),
      { numRuns: 200 },
    )
  })

  test('covers every wanted day that any file covers, once, in order, whatever the order of the listing', () => {
    fc.assert(
      fc.property(listings, fc.option(ranges, { nil: undefined }), (listed, range) => {
        const plan = planTransfer({ files: listed, range })
        expect(daysCovered(plan, range)).toEqual(daysCovered(listed, range))
        for (const [index, planned] of plan.entries()) {
          const next = plan[index + 1]
          if (next !== undefined) expect(planned.period.to).toBeLessThanOrEqual(next.period.from)
        }
        expect(labels(planTransfer({ files: [...listed].reverse(), range }))).toEqual(labels(plan))
        expect(planTransfer({ files: plan, range }).map(({ key }) => key)).toEqual(plan.map(({ key }) => key))
      }),
      { numRuns: 200 },
    )
  })
})

// The months around a leap day, so that lengths of 29, 30 and 31 days occur.
const MONTHS = ['2024-01', '2024-02', '2024-03', '2024-04']
const LABELS = [...MONTHS, ...MONTHS.flatMap(daysOf)]
const listings = fc
  .record({
    some: fc.subarray(LABELS),
    // Without this a month would almost never have all of its days.
    full: fc.subarray(MONTHS),
    seed: fc.nat(),
  })
  .map(({ some, full, seed }) => {
    const all = [...new Set([...some, ...full.flatMap(daysOf)])]
    return shuffled(all, seed).map((label) => file(BTC, label))
  })
const instants = fc.integer({ min: 0, max: 121 * 24 }).map((hour) => 1704067200000000 + hour * 3_600_000_000)
const ranges = fc
  .tuple(instants, instants)
  .filter(([a, b]) => a !== b)
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }))

function obviousPlan(listed: readonly ArchiveFile[], range: TimeRange | undefined): ArchiveFile[] {
  const wanted = (period: Period): boolean => range === undefined || rangesOverlap(period, range)
  return MONTHS.flatMap((label) => {
    const monthly = listed.find((candidate) => candidate.period.label === label && wanted(candidate.period))
    const daily = daysOf(label).flatMap((day) =>
      listed.filter((candidate) => candidate.period.label === day && wanted(candidate.period)),
    )
    if (monthly === undefined) return daily
    const isWhole = range === undefined || (range.from <= monthly.period.from && monthly.period.to <= range.to)
    const wantedDays = daysOf(label).filter((day) => wanted(parsePeriod(day)))
    return isWhole || daily.length < wantedDays.length ? [monthly] : daily
  })
}

function daysCovered(covering: readonly ArchiveFile[], range: TimeRange | undefined): string[] {
  const days = covering.flatMap(({ period }) => periodsIn('day', period))
  const wanted = days.filter((day) => range === undefined || rangesOverlap(day, range))
  return [...new Set(wanted.map(({ from }) => dayOf(from)))].sort()
}

function daysOf(month: string): string[] {
  return periodsIn('day', parsePeriod(month)).map(({ label }) => label)
}

function file(dataset: ArchiveFile['dataset'], label: string, key = `${dataset.symbol}/${label}`): ArchiveFile {
  return { key, dataset, period: parsePeriod(label), size: 1, etag: '' }
}

function files(...named: readonly string[]): ArchiveFile[] {
  return named.map((label) => file(BTC, label))
}

function labels(plan: readonly PlannedFile[]): string[] {
  return plan.map(({ period }) => period.label)
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed
  const keyed = items.map((item) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return { item, rank: state }
  })
  return keyed.sort((a, b) => a.rank - b.rank).map(({ item }) => item)
}
