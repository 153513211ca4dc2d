import { type DatasetId, intervalMicros, type RestSeries } from '@lake/core'

/** The longest range that one request of a series may ask for, in microseconds; `Infinity` when there is no bound. */
export function seriesSpan({ maxSpan = Infinity, maxBars }: RestSeries, { interval }: DatasetId): number {
  // A month has no fixed length; the shortest is within every bound.
  const bar = interval === undefined ? undefined : (intervalMicros(interval) ?? 28 * 86_400_000_000)
  return maxBars === undefined || bar === undefined ? maxSpan : Math.min(maxSpan, maxBars * bar)
}
