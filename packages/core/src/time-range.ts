import { formatInstant, parseInstant } from './instant.ts'
import { LakeError } from './lake-error.ts'

/** A closed-open stretch of time `[from, to)` in epoch microseconds UTC. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

/**
 * The range between two texts, closed-open.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a text is no time, or when `from` is not before `to`.
 *
 * @example
 * parseTimeRange('2024-01-01', '2024-02-01') // January 2024
 */
export function parseTimeRange(from: string, to: string): TimeRange {
  const range = { from: parseInstant(from), to: parseInstant(to) }
  if (range.from < range.to) return range
  throw new LakeError('BAD_REQUEST', `The range is empty: from ${from} is not before to ${to} (closed-open).`, {
    details: { from, to },
  })
}

/**
 * `2024-01-01T00:00:00Z..2024-02-01T00:00:00Z`
 *
 * @example
 * formatTimeRange(parseTimeRange('2024-01-01', '2024-02-01')) // '2024-01-01T00:00:00Z..2024-02-01T00:00:00Z'
 */
export function formatTimeRange(range: TimeRange): string {
  return `${formatInstant(range.from)}..${formatInstant(range.to)}`
}

/**
 * True when the two ranges share at least one microsecond.
 *
 * @example
 * rangesOverlap({ from: 0, to: 2 }, { from: 2, to: 3 }) // false
 */
export function rangesOverlap(a: TimeRange, b: TimeRange): boolean {
  return Math.max(a.from, b.from) < Math.min(a.to, b.to)
}

/**
 * True when every microsecond of `inner` lies in `outer`.
 *
 * @example
 * rangeContains({ from: 0, to: 3 }, { from: 2, to: 3 }) // true
 */
export function rangeContains(outer: TimeRange, inner: TimeRange): boolean {
  return outer.from <= inner.from && inner.to <= outer.to
}
