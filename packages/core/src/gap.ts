import type { TimeRange } from './time-range.ts'

/** Expected rows that are absent, closed-open: `from` is the time of the first, `to` follows the last. */
export interface Gap extends TimeRange {
  /** How many rows are missing. */
  readonly expected: number
}
