import { type Gap, integerValues, type LakeTable, microsOf, nullFlags, type TimeRange } from '@lake/core'
import { checkRange } from './check-range.ts'
import { floatAt } from './value-at.ts'

const MINUTE = 60_000_000
const HOUR = 3_600_000_000

/**
 * The funding events that are expected in a range and absent, in order of time.
 *
 * Times are rounded to the minute, since venues stamp them some milliseconds late. The event after a row is expected
 * `funding_interval_hours` of that row later; where that is null, as many hours later as the next row says; where
 * that is null too, nothing is claimed. Before the first row its own interval is assumed, after the last row only
 * the last row's. An interval that becomes shorter leaves no gap. A table without rows knows no interval: no gap.
 *
 * Rows outside the range say where the grid lies, but gaps are reported inside the closed-open range only. Rows may
 * come in any order and more than once. The `to` of a gap is the next event that is there or would be expected.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the range is not of whole microseconds or ends before it begins, or
 * when the table lacks a column.
 *
 * @example
 * findFundingGaps(fundingRates, { range: parseTimeRange('2024-01-01', '2024-02-01') })
 * // [{ from: 1704096000000000, to: 1704124800000000, expected: 1 }], that is 2024-01-01T08:00Z
 */
export function findFundingGaps(table: LakeTable<'fundingRate'>, options: { readonly range: TimeRange }): Gap[] {
  const { range } = options
  checkRange(range)
  const { times, steps } = fundingEvents(table)
  const gaps: Gap[] = []
  const claim = (gap: Gap | undefined): void => {
    if (gap !== undefined) gaps.push(gap)
  }
  const rows = times.length
  if (rows === 0) return gaps
  const first = floatAt(times, 0)
  claim(gapBefore(first, stepOf(steps, 0), range))
  for (let row = 0; row + 1 < rows; row++) {
    claim(gapAfter(floatAt(times, row), stepOf(steps, row), floatAt(times, row + 1), range))
  }
  claim(gapAfter(floatAt(times, rows - 1), floatAt(steps, rows - 1), Number.POSITIVE_INFINITY, range))
  return gaps
}

/** Events in order of time, one a minute; the step is NaN where the interval is not known. */
interface FundingEvents {
  readonly times: Float64Array
  readonly steps: Float64Array
}

function fundingEvents(table: LakeTable<'fundingRate'>): FundingEvents {
  const micros = microsOf(integerValues(table, 'ts_event'))
  const hours = microsOf(integerValues(table, 'funding_interval_hours'))
  const nulls = nullFlags(table, 'funding_interval_hours')
  const order = Uint32Array.from(micros, (_, row) => row)
  order.sort((a, b) => floatAt(micros, a) - floatAt(micros, b))
  const times = new Float64Array(order.length)
  const steps = new Float64Array(order.length)
  let events = 0
  for (const row of order) {
    const time = Math.round(floatAt(micros, row) / MINUTE) * MINUTE
    const known = nulls?.[row] !== 1 && floatAt(hours, row) > 0
    const step = known ? floatAt(hours, row) * HOUR : Number.NaN
    if (events > 0 && time === times[events - 1]) {
      // The same event once more: it may know the interval that the other one does not.
      if (known) steps[events - 1] = step
      continue
    }
    times[events] = time
    steps[events++] = step
  }
  return { times: times.subarray(0, events), steps: steps.subarray(0, events) }
}

/** The row's own step, else that of the next row, else NaN. */
function stepOf(steps: Float64Array, row: number): number {
  const own = floatAt(steps, row)
  return Number.isNaN(own) ? (steps[row + 1] ?? own) : own
}

/** What is missing at `time + step`, `time + 2 * step` … before `next` and inside the range. */
function gapAfter(time: number, step: number, next: number, range: TimeRange): Gap | undefined {
  const skipped = Math.max(1, Math.ceil((range.from - time) / step))
  const from = time + skipped * step
  const expected = Math.ceil((Math.min(next, range.to) - from) / step)
  // Comparisons with NaN are false: without a step nothing is claimed.
  return expected > 0 ? { from, to: Math.min(next, from + expected * step), expected } : undefined
}

/** What is missing at `time - step`, `time - 2 * step` … inside the range. */
function gapBefore(time: number, step: number, range: TimeRange): Gap | undefined {
  const reach = Math.floor((time - range.from) / step)
  const from = time - reach * step
  const expected = Math.ceil((Math.min(time, range.to) - from) / step)
  return expected > 0 ? { from, to: from + expected * step, expected } : undefined
}
