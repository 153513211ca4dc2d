import { type Interval, intervalStart, LakeError, nextIntervalStart } from '@lake/core'
import { floatAt } from './value-at.ts'

/** Consecutive rows that fall into the same interval, from the first row on; intervals without rows are absent. */
export interface Buckets {
  /** Start of each bucket, epoch microseconds. */
  readonly starts: Float64Array
  /** End of each bucket, exclusive. */
  readonly ends: Float64Array
  /** The row after the last one of each bucket, where the next bucket begins. */
  readonly rowEnds: Float64Array
}

/**
 * The finished buckets of ascending times: those that end at or before `until`.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when `until` is not a number.
 */
export function bucketsOf(times: Float64Array, interval: Interval, until: number): Buckets {
  if (Number.isNaN(until)) {
    throw new LakeError('BAD_REQUEST', 'The option until is not a number of epoch microseconds.')
  }
  const starts: number[] = []
  const ends: number[] = []
  const rowEnds: number[] = []
  let end = Number.NEGATIVE_INFINITY
  let row = 0
  for (; row < times.length; row++) {
    const time = floatAt(times, row)
    if (time < end) continue
    if (row > 0) rowEnds.push(row)
    end = nextIntervalStart(interval, time)
    if (end > until) break
    starts.push(intervalStart(interval, time))
    ends.push(end)
  }
  if (rowEnds.length < starts.length) rowEnds.push(row)
  return { starts: Float64Array.from(starts), ends: Float64Array.from(ends), rowEnds: Float64Array.from(rowEnds) }
}

/** One value a bucket, computed from its rows `from` to before `to`. */
export function reduceBuckets(buckets: Buckets, reduce: (from: number, to: number) => number): Float64Array {
  let from = 0
  return buckets.rowEnds.map((to) => {
    const value = reduce(from, to)
    from = to
    return value
  })
}

/** The highest of the values of rows. */
export function highest(values: Float64Array, from: number, to: number): number {
  let high = Number.NEGATIVE_INFINITY
  for (let row = from; row < to; row++) {
    const value = floatAt(values, row)
    if (value > high) high = value
  }
  return high
}

/** The lowest of the values of rows. */
export function lowest(values: Float64Array, from: number, to: number): number {
  let low = Number.POSITIVE_INFINITY
  for (let row = from; row < to; row++) {
    const value = floatAt(values, row)
    if (value < low) low = value
  }
  return low
}

/** The sum of integers below 2^53, exact. */
export function countAll(values: Float64Array, from: number, to: number): number {
  let sum = 0
  for (let row = from; row < to; row++) sum += floatAt(values, row)
  return sum
}
