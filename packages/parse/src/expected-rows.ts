import { type DatasetId, gridOf, intervalMicros, intervalStart, nextIntervalStart, type TimeRange } from '@lake/core'

/** How many rows a range has room for; null for datasets without a grid, and for ranges without end. */
export function expectedRows(dataset: DatasetId, { from, to }: TimeRange): number | null {
  const interval = gridOf(dataset)
  if (interval === undefined) return null
  const first = intervalStart(interval, from) === from ? from : nextIntervalStart(interval, from)
  const length = intervalMicros(interval)
  if (length !== undefined) return Math.max(0, Math.ceil((to - first) / length))
  let rows = 0
  for (let at = first; at < to; at = nextIntervalStart(interval, at)) rows++
  return rows
}
