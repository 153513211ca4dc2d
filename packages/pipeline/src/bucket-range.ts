import { type Interval, intervalStart, nextIntervalStart, type TimeRange } from '@lake/core'

/** The first start of an interval at or after an instant, epoch microseconds UTC. */
export function firstStart(interval: Interval, micros: number): number {
  const start = intervalStart(interval, micros)
  return start === micros ? start : nextIntervalStart(interval, micros)
}

/** What the bars that start in a period cover: it may begin and end later than the period does. */
export function bucketRange(interval: Interval, period: TimeRange): TimeRange {
  return { from: firstStart(interval, period.from), to: firstStart(interval, period.to) }
}
