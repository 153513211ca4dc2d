import { type Interval, intervalStart, LakeError, nextIntervalStart } from '@lake/core'

/** Consecutive rows that fall into the same interval; intervals without rows are absent. */
export interface Buckets {
  readonly count: number
  /** Start of each bucket, epoch microseconds. */
  readonly starts: Float64Array
  /** End of each bucket, exclusive. */
  readonly ends: Float64Array
  /** First row of each bucket, and as one entry more the row after the last bucket. */
  readonly rows: Uint32Array
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
  const rows: number[] = []
  let end = Number.NEGATIVE_INFINITY
  let row = 0
  for (; row < times.length; row++) {
    const time = times[row] ?? 0
    if (time < end) continue
    const next = nextIntervalStart(interval, time)
    if (next > until) break
    end = next
    starts.push(intervalStart(interval, time))
    ends.push(end)
    rows.push(row)
  }
  rows.push(row)
  return {
    count: starts.length,
    starts: Float64Array.from(starts),
    ends: Float64Array.from(ends),
    rows: Uint32Array.from(rows),
  }
}

/** One value a bucket, computed from its rows `from` to before `to`. */
export function reduceBuckets({ count, rows }: Buckets, reduce: (from: number, to: number) => number): Float64Array {
  const values = new Float64Array(count)
  for (let bucket = 0; bucket < count; bucket++) values[bucket] = reduce(rows[bucket] ?? 0, rows[bucket + 1] ?? 0)
  return values
}

/** The highest of the values of rows. */
export function highest(values: Float64Array, from: number, to: number): number {
  let high = Number.NEGATIVE_INFINITY
  for (let row = from; row < to; row++) {
    const value = values[row] ?? 0
    if (value > high) high = value
  }
  return high
}

/** The lowest of the values of rows. */
export function lowest(values: Float64Array, from: number, to: number): number {
  let low = Number.POSITIVE_INFINITY
  for (let row = from; row < to; row++) {
    const value = values[row] ?? 0
    if (value < low) low = value
  }
  return low
}

/** The sum of integers below 2^53, exact. */
export function countAll(values: Float64Array, from: number, to: number): number {
  let sum = 0
  for (let row = from; row < to; row++) sum += values[row] ?? 0
  return sum
}
