import { DAY_MICROS, dayOf, monthOf, parseInstant } from './instant.ts'
import { intervalStart, nextIntervalStart } from './interval.ts'
import { LakeError } from './lake-error.ts'
import type { TimeRange } from './time-range.ts'

/** What an archive file covers. */
export interface FileTimes extends TimeRange {
  /**
   * How far rows of the file may lie behind that; absent where none do. The last row of some days bears the next
   * midnight. What is missing there is missing from the next file.
   */
  readonly reachesTo?: number | undefined
}

/** A UTC day or calendar month with its name: what an archive file and a partition cover. */
export interface Period extends FileTimes {
  readonly kind: 'day' | 'month'
  /** `2024-01-31` or `2024-01`. */
  readonly label: string
}

/**
 * Where the rows of an archive file may lie: what it covers, and how far it reaches.
 *
 * @example
 * reachOf({ from: 0, to: 10, reachesTo: 12 }) // { from: 0, to: 12 }
 */
export function reachOf({ from, to, reachesTo = to }: FileTimes): TimeRange {
  return { from, to: reachesTo }
}

/**
 * The period that a label names.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the label is neither `YYYY-MM` nor `YYYY-MM-DD`.
 *
 * @example
 * parsePeriod('2024-02').to // 1709251200000000, that is 2024-03-01
 */
export function parsePeriod(label: string): Period {
  if (/^\d{4}-\d\d$/.test(label)) {
    const from = parseInstant(`${label}-01`)
    return { kind: 'month', label, from, to: nextIntervalStart('1mo', from) }
  }
  if (/^\d{4}-\d\d-\d\d$/.test(label)) {
    const from = parseInstant(label)
    return { kind: 'day', label, from, to: from + DAY_MICROS }
  }
  throw new LakeError('BAD_REQUEST', `'${label}' is neither a month YYYY-MM nor a day YYYY-MM-DD.`, {
    details: { value: label },
  })
}

/**
 * The periods of a kind that a range touches, in order; none for an empty range.
 *
 * @example
 * periodsIn('month', parseTimeRange('2024-01-15', '2024-03-01')).map(({ label }) => label) // ['2024-01', '2024-02']
 */
export function periodsIn(kind: Period['kind'], range: TimeRange): Period[] {
  const periods: Period[] = []
  let from = kind === 'day' ? range.from - modulo(range.from, DAY_MICROS) : intervalStart('1mo', range.from)
  while (range.from < range.to && from < range.to) {
    const to = kind === 'day' ? from + DAY_MICROS : nextIntervalStart('1mo', from)
    periods.push({ kind, label: kind === 'day' ? dayOf(from) : monthOf(from), from, to })
    from = to
  }
  return periods
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor
}
