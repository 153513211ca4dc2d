import {
  type Gap,
  type Interval,
  intervalMicros,
  intervalStart,
  nextIntervalStart,
  periodsIn,
  type TimeRange,
} from '@lake/core'
import { checkRange } from './check-range.ts'
import type { GapCause } from './gap-evidence.ts'
import { touches, uniteSpans } from './spans.ts'

/** What a UTC day has of its rows. */
export interface DayCompleteness {
  /** `YYYY-MM-DD`. */
  readonly day: string
  readonly expected: number
  readonly present: number
  /** Missing rows by their cause; `unexplained` where a gap has none. */
  readonly missing: Readonly<Partial<Record<GapCause | 'unexplained', number>>>
  /** Of the rows that could exist, how many are there: 0 to 1. Halts and time outside of the listing do not count. */
  readonly completeness: number
}

/** What a range has of its rows, day by day, and how old the newest is. */
export interface Completeness extends Omit<DayCompleteness, 'day'> {
  readonly days: readonly DayCompleteness[]
  /** Microseconds from the end of the newest row to now; absent when there is no row. */
  readonly age?: number | undefined
}

export interface MeasureCompletenessOptions {
  /** The grain of bars, `5m` for metrics. */
  readonly interval: Interval
  readonly range: TimeRange
  /** The gaps in the range, with their causes or without. */
  readonly gaps: readonly (Gap & { readonly cause?: GapCause | undefined })[]
  /** The time that counts as now, epoch microseconds UTC. */
  readonly now: number
}

/** Rows that never existed are not missed. */
const EXCUSED: ReadonlySet<string> = new Set<GapCause>([
  'before-listing',
  'after-delisting',
  'exchange-halt',
  'not-published-yet',
])

/**
 * How complete a range is, day by day: one row a day of a coverage map.
 *
 * It is computed of gaps, so it costs nothing but them. A day's rows are those that start in it (UTC).
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the range is not of whole microseconds or ends before it begins.
 *
 * @example
 * measureCompleteness({ interval: '1m', range, gaps: explainGaps(gaps, { evidence, now }), now }).days
 * // [{ day: '2024-01-01', expected: 1440, present: 1380, missing: { 'exchange-halt': 60 }, completeness: 1 }, ...]
 */
export function measureCompleteness(options: MeasureCompletenessOptions): Completeness {
  const { interval, range, gaps, now } = options
  checkRange(range)
  const sorted = [...gaps].sort((a, b) => a.from - b.from)
  let next = 0
  const days = periodsIn('day', range).map((period) => {
    const day = { from: Math.max(range.from, period.from), to: Math.min(range.to, period.to) }
    while (next < sorted.length && (sorted[next]?.to ?? 0) <= day.from) next++
    const missing: Partial<Record<GapCause | 'unexplained', number>> = {}
    for (let at = next; at < sorted.length && (sorted[at]?.from ?? 0) < day.to; at++) {
      const gap = sorted[at]
      if (gap === undefined) continue
      const rows = countRows(interval, { from: Math.max(gap.from, day.from), to: Math.min(gap.to, day.to) })
      const cause = gap.cause ?? 'unexplained'
      if (rows > 0) missing[cause] = (missing[cause] ?? 0) + rows
    }
    return { day: period.label, ...shareOf(countRows(interval, day), missing) }
  })
  const missing: Partial<Record<GapCause | 'unexplained', number>> = {}
  for (const day of days) {
    for (const cause of causesOf(day.missing)) missing[cause] = (missing[cause] ?? 0) + (day.missing[cause] ?? 0)
  }
  const total = shareOf(
    days.reduce((sum, { expected }) => sum + expected, 0),
    missing,
  )
  const newest = newestRow(options)
  return { ...total, days, ...(newest === undefined ? {} : { age: now - newest }) }
}

type Missing = Readonly<Partial<Record<GapCause | 'unexplained', number>>>

function causesOf(missing: Missing): (GapCause | 'unexplained')[] {
  return [...CAUSES].filter((cause) => missing[cause] !== undefined)
}

const CAUSES = [
  ...(['before-listing', 'after-delisting', 'exchange-halt', 'not-published-yet'] as const),
  ...(['missing-at-source', 'failed-here', 'unknown', 'unexplained'] as const),
]

function shareOf(expected: number, missing: Missing): Omit<DayCompleteness, 'day'> {
  let lost = 0
  let excused = 0
  for (const cause of causesOf(missing)) {
    lost += missing[cause] ?? 0
    if (EXCUSED.has(cause)) excused += missing[cause] ?? 0
  }
  const possible = expected - excused
  return { expected, present: expected - lost, missing, completeness: possible > 0 ? (expected - lost) / possible : 1 }
}

/** Where the last row that is there ends. */
function newestRow({ interval, range, gaps }: MeasureCompletenessOptions): number | undefined {
  const missing = uniteSpans(gaps)
  let slot = intervalStart(interval, range.to - 1)
  while (slot >= range.from) {
    const end = nextIntervalStart(interval, slot)
    if (!touches(missing, { from: slot, to: end })) return end
    const before = Math.max(...gaps.filter((gap) => gap.from <= slot && slot < gap.to).map(({ from }) => from))
    slot = intervalStart(interval, before - 1)
  }
  return undefined
}

/** How many rows start in a range. */
function countRows(interval: Interval, { from, to }: TimeRange): number {
  const first = firstFrom(interval, from)
  const end = firstFrom(interval, to)
  const length = intervalMicros(interval)
  if (length !== undefined) return Math.max(0, (end - first) / length)
  let rows = 0
  for (let at = first; at < end; at = nextIntervalStart(interval, at)) rows++
  return rows
}

function firstFrom(interval: Interval, time: number): number {
  const slot = intervalStart(interval, time)
  return slot === time ? slot : nextIntervalStart(interval, time)
}
