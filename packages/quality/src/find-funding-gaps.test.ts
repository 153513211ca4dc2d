import {
  constantWord,
  type Gap,
  type LakeTable,
  makeTable,
  parseInstant,
  parseTimeRange,
  tableSchema,
  type TimeRange,
  timesOf,
} from '@lake/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findFundingGaps } from './find-funding-gaps.ts'

const HOUR = 3_600_000_000
const range = parseTimeRange('2024-01-01', '2024-01-03')
const at = (hours: number): number => range.from + hours * HOUR

describe('findFundingGaps', () => {
  test('finds nothing when every event is there, jitter or not', () => {
    const events = [0, 8, 16, 24, 32, 40].map((hours, index): Event => [at(hours) + index * 2_003, 8])
    expect(findFundingGaps(funding(events), { range })).toEqual([])
  })

  test('finds what is missing inside and at both ends of the range', () => {
    expect(
      findFundingGaps(
        funding([
          [at(8), 8],
          [at(32), 8],
        ]),
        { range },
      ),
    ).toEqual([
      { from: at(0), to: at(8), expected: 1 },
      { from: at(16), to: at(32), expected: 2 },
      { from: at(40), to: at(48), expected: 1 },
    ])
  })

  test('takes the interval of each row for what follows it', () => {
    const events: Event[] = [
      [at(0), 8],
      [at(8), 4],
      [at(12), 4],
      [at(20), 1],
      [at(21), 8],
      [at(29), 8],
      [at(37), 24],
    ]
    expect(findFundingGaps(funding(events), { range })).toEqual([{ from: at(16), to: at(20), expected: 1 }])
  })

  test('sees no gap when the interval becomes shorter', () => {
    expect(
      findFundingGaps(
        funding([
          [at(0), 8],
          [at(4), 48],
        ]),
        { range },
      ),
    ).toEqual([])
  })

  test('ends a gap at the row that is there, even before the grid', () => {
    expect(
      findFundingGaps(
        funding([
          [at(0), 8],
          [at(12), 48],
        ]),
        { range },
      ),
    ).toEqual([{ from: at(8), to: at(12), expected: 1 }])
  })

  test('borrows an unknown interval from the next row and claims nothing where both are unknown', () => {
    expect(
      findFundingGaps(
        funding([
          [at(8), null],
          [at(24), 8],
          [at(32), null],
          [at(48), null],
        ]),
        { range },
      ),
    ).toEqual([
      { from: at(0), to: at(8), expected: 1 },
      { from: at(16), to: at(24), expected: 1 },
    ])
    expect(
      findFundingGaps(
        funding([
          [at(8), null],
          [at(40), 0],
        ]),
        { range },
      ),
    ).toEqual([])
  })

  test('lets rows outside the range tell the grid', () => {
    const events: Event[] = [
      [at(-24), 8],
      [at(24), 8],
      [at(64), 8],
    ]
    expect(findFundingGaps(funding(events), { range })).toEqual([
      { from: at(0), to: at(24), expected: 3 },
      { from: at(32), to: at(48), expected: 2 },
    ])
    expect(findFundingGaps(funding([[at(52), 8]]), { range })).toEqual([{ from: at(4), to: at(52), expected: 6 }])
    expect(findFundingGaps(funding([[at(-4), 8]]), { range })).toEqual([{ from: at(4), to: at(52), expected: 6 }])
  })

  test('reads events in any order, and twice', () => {
    const events: Event[] = [
      [at(40), 8],
      [at(16), null],
      [at(0), 8],
      [at(0) + 1_000, null],
      [at(16) + 1_000, 8],
      [at(8), 8],
      [at(24), 8],
    ]
    expect(findFundingGaps(funding(events), { range })).toEqual([{ from: at(32), to: at(40), expected: 1 }])
  })

  test('claims nothing without rows, and nothing of one that does not know its interval', () => {
    expect(findFundingGaps(funding([]), { range })).toEqual([])
    expect(findFundingGaps(funding([[at(8), null]]), { range })).toEqual([])
  })

  test('refuses a range that is none', () => {
    expect(() => findFundingGaps(funding([]), { range: { from: 2, to: 1 } })).toThrow(/from is not after to/)
  })

  test('agrees with a set of hours for events of one interval', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 4, 8),
        fc.uniqueArray(fc.integer({ min: -6, max: 30 }), { minLength: 1 }),
        fc.tuple(fc.integer({ min: -20, max: 60 }), fc.nat(80), fc.integer({ min: 0, max: 2 })),
        fc.array(fc.integer({ min: 0, max: 29_999 }), { minLength: 40, maxLength: 40 }),
        (hours, picks, [start, length, shift], jitter) => {
          const events = picks.map((pick, index): Event => [at(pick * hours) + 1000 * (jitter[index] ?? 0), hours])
          const part = { from: at(start) + shift, to: at(start + length) + 2 * shift }
          const gaps = findFundingGaps(funding(events), { range: part })
          const present = new Set(picks.map((pick) => at(pick * hours)))
          const wanted = slots(hours, part).filter((slot) => !present.has(slot))
          expect(gaps.flatMap((gap) => slots(hours, gap))).toEqual(wanted)
          expect(gaps.map((gap) => gap.expected)).toEqual(gaps.map((gap) => slots(hours, gap).length))
          expect(gaps.slice(1).every((gap, index) => (gaps[index]?.to ?? 0) < gap.from)).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })
})

type Event = readonly [time: number, hours: number | null]

function slots(hours: number, { from, to }: TimeRange | Gap): number[] {
  const found: number[] = []
  for (let slot = parseInstant('2023-12-01'); slot < to; slot += hours * HOUR) if (slot >= from) found.push(slot)
  return found
}

function funding(events: readonly Event[]): LakeTable<'fundingRate'> {
  const rows = events.length
  const times = (): BigInt64Array => timesOf(Float64Array.from(events, ([time]) => time))
  return makeTable(tableSchema('fundingRate'), {
    ts_event: times(),
    ts_available: times(),
    source: constantWord('archive', rows),
    funding_rate: new Float64Array(rows),
    funding_interval_hours: {
      values: BigInt64Array.from(events, ([, hours]) => BigInt(hours ?? 0)),
      nulls: Uint8Array.from(events, ([, hours]) => (hours === null ? 1 : 0)),
    },
    mark_price: new Float64Array(rows).fill(Number.NaN),
  })
}
