import { type Gap, integerValues, LakeError, microsOf, type TimeRange } from '@lake/core'
import type { Table } from 'apache-arrow'
import { checkRange } from './check-range.ts'
import { floatAt } from './value-at.ts'

export interface FindSilencesOptions {
  /** Where rows are expected, closed-open, epoch microseconds UTC. */
  readonly range: TimeRange
  /** How far apart rows of different times usually are, in microseconds. Default: their median distance. */
  readonly cadence?: number | undefined
  /** How many times the cadence two rows may be apart. Default: 3. */
  readonly tolerance?: number | undefined
}

/**
 * Where rows that come at a steady pace, though on no grid, stop coming: snapshots of a book, an index every second.
 *
 * Rows of the same time (the bands of one snapshot) count once. A gap lies between two rows that are further apart than
 * `tolerance` times the cadence, or between a row and an end of the range; it begins one cadence after the row before
 * it, or at `from`, and `expected` is how many rows the pace would have put there. Rows may come in any order; rows
 * outside the range are not looked at.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the range is not of whole microseconds or ends before it begins, when
 * cadence or tolerance is not above zero, when the table has no time column `ts_event`, or when no cadence is given
 * and the range has less than two different times to learn it from.
 *
 * @example
 * findSilences(bookDepth, { range: parseTimeRange('2024-01-01', '2024-01-02'), cadence: 30_000_000 })
 */
export function findSilences(rows: Table | BigInt64Array, options: FindSilencesOptions): Gap[] {
  const { range, tolerance = 3 } = options
  checkRange(range)
  const times = timesInRange(rows instanceof BigInt64Array ? rows : integerValues(rows, 'ts_event'), range)
  const cadence = options.cadence ?? medianDistance(times)
  if (!(cadence > 0) || !(tolerance > 0)) throw noPace(cadence, tolerance)
  const limit = cadence * tolerance
  const gaps: Gap[] = []
  const claim = (from: number, to: number, expected: number): void => {
    if (from < to) gaps.push({ from, to, expected: Math.max(1, expected) })
  }
  if (times.length === 0) {
    claim(range.from, range.to, Math.round((range.to - range.from) / cadence))
    return gaps
  }
  const first = floatAt(times, 0)
  const last = floatAt(times, times.length - 1)
  if (first - range.from > limit) claim(range.from, first, Math.round((first - range.from) / cadence))
  for (let row = 1; row < times.length; row++) {
    const before = floatAt(times, row - 1)
    const distance = floatAt(times, row) - before
    if (distance > limit) claim(before + cadence, before + distance, Math.round(distance / cadence) - 1)
  }
  if (range.to - last > limit) claim(last + cadence, range.to, Math.round((range.to - last) / cadence) - 1)
  return gaps
}

/** The different times inside the range, sorted. */
function timesInRange(times: BigInt64Array, { from, to }: TimeRange): Float64Array {
  const inside = microsOf(times).filter((time) => time >= from && time < to)
  for (let row = 1; row < inside.length; row++) {
    if (floatAt(inside, row) >= floatAt(inside, row - 1)) continue
    inside.sort()
    break
  }
  let different = 0
  for (let row = 0; row < inside.length; row++) {
    if (row === 0 || floatAt(inside, row) !== floatAt(inside, row - 1)) inside[different++] = floatAt(inside, row)
  }
  return inside.subarray(0, different)
}

function medianDistance(times: Float64Array): number {
  const distances = Float64Array.from(times.subarray(1), (time, row) => time - floatAt(times, row)).sort()
  return distances[distances.length >> 1] ?? Number.NaN
}

function noPace(cadence: number, tolerance: number): LakeError {
  return new LakeError(
    'BAD_REQUEST',
    `Rows of a cadence of ${cadence} microseconds and a tolerance of ${tolerance} have no pace: both must be above ` +
      'zero. Say the cadence where there are not two rows to learn it from.',
    { details: { cadence: String(cadence), tolerance } },
  )
}
