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

// A plain loop for each kind of reduction: a function called for each bucket would box what it gives, and what is young
// garbage in a thread of little memory costs more than the reduction.

/** The highest of the values of each bucket. */
export function highestIn({ rowEnds }: Buckets, values: Float64Array): Float64Array {
  const out = new Float64Array(rowEnds.length)
  let row = 0
  for (let bucket = 0; bucket < rowEnds.length; bucket++) {
    let high = Number.NEGATIVE_INFINITY
    for (const end = floatAt(rowEnds, bucket); row < end; row++) {
      const value = floatAt(values, row)
      if (value > high) high = value
    }
    out[bucket] = high
  }
  return out
}

/** The lowest of the values of each bucket. */
export function lowestIn({ rowEnds }: Buckets, values: Float64Array): Float64Array {
  const out = new Float64Array(rowEnds.length)
  let row = 0
  for (let bucket = 0; bucket < rowEnds.length; bucket++) {
    let low = Number.POSITIVE_INFINITY
    for (const end = floatAt(rowEnds, bucket); row < end; row++) {
      const value = floatAt(values, row)
      if (value < low) low = value
    }
    out[bucket] = low
  }
  return out
}

/** The sum of the integers of each bucket, exact below 2^53. */
export function totalIn({ rowEnds }: Buckets, values: Float64Array): Float64Array {
  const out = new Float64Array(rowEnds.length)
  let row = 0
  for (let bucket = 0; bucket < rowEnds.length; bucket++) {
    let total = 0
    for (const end = floatAt(rowEnds, bucket); row < end; row++) total += floatAt(values, row)
    out[bucket] = total
  }
  return out
}

/** The number of rows of each bucket. */
export function rowsIn({ rowEnds }: Buckets): Float64Array {
  const out = new Float64Array(rowEnds.length)
  let row = 0
  for (let bucket = 0; bucket < rowEnds.length; bucket++) {
    const end = floatAt(rowEnds, bucket)
    out[bucket] = end - row
    row = end
  }
  return out
}

/** The first value of each bucket. */
export function firstIn({ rowEnds }: Buckets, values: Float64Array): Float64Array {
  const out = new Float64Array(rowEnds.length)
  for (let bucket = 0; bucket < rowEnds.length; bucket++) {
    out[bucket] = floatAt(values, bucket === 0 ? 0 : floatAt(rowEnds, bucket - 1))
  }
  return out
}

/** The last value of each bucket. */
export function lastIn({ rowEnds }: Buckets, values: Float64Array): Float64Array {
  const out = new Float64Array(rowEnds.length)
  for (let bucket = 0; bucket < rowEnds.length; bucket++) out[bucket] = floatAt(values, floatAt(rowEnds, bucket) - 1)
  return out
}
