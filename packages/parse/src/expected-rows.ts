import { type DatasetId, intervalMicros, intervalStart, nextIntervalStart, type TimeRange } from '@lake/core'

/** How many bars open in a range; null for datasets that are no bars, and for ranges without end. */
export function expectedRows({ interval }: DatasetId, { from, to }: TimeRange): number | null {
  if (interval === undefined) return null
  const first = intervalStart(interval, from) === from ? from : nextIntervalStart(interval, from)
  const length = intervalMicros(interval)
  if (length !== undefined) return Math.max(0, Math.ceil((to - first) / length))
  let rows = 0
  for (let at = first; at < to; at = nextIntervalStart(interval, at)) rows++
  return rows
}
