import {
  DAY_MICROS,
  dayOf,
  type FixedInterval,
  formatInstant,
  intervalMicros,
  LakeError,
  periodsIn,
  type TimeRange,
} from '@lake/core'
import type { Table } from 'apache-arrow'
import { checkColumns } from './check-columns.ts'
import { checkRange } from './check-range.ts'
import { compareDay } from './compare-day.ts'
import { foreignDays } from './foreign-days.ts'
import { flagAt, floatAt } from './value-at.ts'
import type { DayDefect } from './day-defect.ts'
import type { BarSeries } from './bar-series.ts'

export interface FindDefectsOptions {
  /** The grain of the bars, shorter than a day. */
  readonly interval: FixedInterval
  /** Where the bars belong: whole UTC days. */
  readonly range: TimeRange
  /** The same bars from another source; with it, days are compared value by value. */
  readonly reference?: Table | undefined
  /** From which factor on a price at the seam of two days is that of another instrument. Default: 1.5. */
  readonly foreignFactor?: number | undefined
  /** True where the venue leaves out bars without trades: no day is cut by what its ends lack. Default: false. */
  readonly omitsEmptyBars?: boolean | undefined
}

/**
 * Names the days of a file of bars that are wrong as a whole: missing, doubled, shifted, cut, or of another instrument.
 *
 * Give the rows as the file has them: a merge would remove what is doubled. A shift is seen where the day's rows reach
 * into its neighbour or over the end of the range; a foreign day where the price breaks at its seams. With a
 * `reference` both are seen anywhere, also when the whole file is wrong. A day counts as cut from two missing bars and
 * an hour on; what is missing inside a day, or is shorter, is `findGaps`' to find, and so is an outage over midnight,
 * which looks like a cut: explain the gaps before the file is blamed.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the range is not of whole days, the interval not shorter than a day, or
 * the table lacks `ts_event` or `close`.
 *
 * @example
 * findDefects(month, { interval: '1m', range: parseTimeRange('2024-01-01', '2024-02-01') })
 * // [{ day: '2024-01-09', defect: 'cut', because: 'It has no bar from 2024-01-09T14:03:00Z on.' }]
 */
export function findDefects(bars: Table, options: FindDefectsOptions): DayDefect[] {
  const { interval, range, reference, foreignFactor = 1.5, omitsEmptyBars = false } = options
  const step = intervalMicros(interval)
  checkDays(range, step)
  const own = seriesOf(bars)
  const other = reference === undefined ? undefined : seriesOf(reference)
  const slots = countSlots(own.times, range, step)
  const foreign = other === undefined ? foreignDays(own, range, foreignFactor) : new Set<string>()
  const all = shiftOfAll(slots, step)
  return periodsIn('day', range).flatMap(({ from, to }): DayDefect[] => {
    const day = dayOf(from)
    const found =
      all ??
      defectOfSlots(slots, { from, range, step, omitsEmptyBars }) ??
      (other === undefined ? undefined : compareDay(own, other, { from, to, step })) ??
      (foreign.has(day) ? BROKEN : undefined)
    return found === undefined ? [] : [{ day, ...found }]
  })
}

const BROKEN = { defect: 'foreign', because: 'Its prices break off at its seams and go on behind it.' } as const

function seriesOf(table: Table): BarSeries {
  const columns = checkColumns(table)
  return { times: columns.numbers('ts_event'), closes: columns.numbers('close') }
}

function checkDays(range: TimeRange, step: number): void {
  checkRange(range)
  if (range.from % DAY_MICROS === 0 && range.to % DAY_MICROS === 0 && step < DAY_MICROS) return
  throw new LakeError(
    'BAD_REQUEST',
    `Defects of days are looked for in whole UTC days and bars shorter than a day, not in ${formatInstant(range.from)} ` +
      `to ${formatInstant(range.to)} and bars of ${step} microseconds.`,
    { details: { from: range.from, to: range.to, interval: step } },
  )
}

/** How many rows each slot has, at most two, with a day before the range and one behind it. */
function countSlots(times: Float64Array, range: TimeRange, step: number): Uint8Array {
  const start = range.from - DAY_MICROS
  const counts = new Uint8Array((range.to + DAY_MICROS - start) / step)
  for (let row = 0; row < times.length; row++) {
    const slot = Math.floor((floatAt(times, row) - start) / step)
    if (slot >= 0 && slot < counts.length) counts[slot] = Math.min(2, flagAt(counts, slot) + 1)
  }
  return counts
}

interface Day {
  readonly from: number
  readonly range: TimeRange
  readonly step: number
  readonly omitsEmptyBars: boolean
}

function defectOfSlots(
  counts: Uint8Array,
  { from, range, step, omitsEmptyBars }: Day,
): Omit<DayDefect, 'day'> | undefined {
  const perDay = DAY_MICROS / step
  const first = (from - range.from + DAY_MICROS) / step
  const day = counts.subarray(first, first + perDay)
  const missing = (count: number): boolean => count === 0
  if (day.every(missing)) return { defect: 'missing', because: 'It has no bar.' }
  const leading = day.findIndex((count) => count > 0)
  const trailing = perDay - 1 - day.findLastIndex((count) => count > 0)
  // Rows that were pushed over a seam stand twice there, but for the seams of the range, beyond which nothing belongs.
  const isLast = from + DAY_MICROS === range.to
  const behind = counts.subarray(first + perDay, first + perDay + leading)
  if (leading > 0 && trailing === 0 && behind.every((count) => count > (isLast ? 0 : 1))) return shifted(leading, step)
  const before = counts.subarray(first - trailing, first)
  if (trailing > 0 && leading === 0 && before.every((count) => count > (from === range.from ? 0 : 1))) {
    return shifted(-trailing, step)
  }
  if (!day.includes(1)) return { defect: 'doubled', because: 'Each of its bars is there more than once.' }
  if (omitsEmptyBars) return undefined
  const least = Math.max(2, perDay / 24)
  if (trailing >= least) {
    const time = from + (perDay - trailing) * step
    return { defect: 'cut', because: `It has no bar from ${formatInstant(time)} on.` }
  }
  if (leading < least) return undefined
  return { defect: 'cut', because: `It has no bar before ${formatInstant(from + leading * step)}.` }
}

/** Of a file that is shifted as a whole: what is missing at one end of the range stands behind the other. */
function shiftOfAll(counts: Uint8Array, step: number): Omit<DayDefect, 'day'> | undefined {
  if (counts.includes(2)) return undefined
  const perDay = DAY_MICROS / step
  const first = counts.indexOf(1) - perDay
  const last = counts.lastIndexOf(1) - (counts.length - perDay - 1)
  return first === last && first !== 0 && Math.abs(first) < perDay ? shifted(first, step) : undefined
}

function shifted(slots: number, step: number): Omit<DayDefect, 'day'> {
  const shift = slots * step
  const because = `Its bars stand ${Math.abs(shift) / 1_000_000} seconds too ${shift > 0 ? 'late' : 'early'}: they reach over its seam.`
  return { defect: 'shifted', because, shift }
}
