import type { DatasetId, Interval } from '@lake/core'

/** The grid that rows of a dataset stand on: that of its bars, or the five minutes of metrics. */
export function gridOf({ dataType, interval }: DatasetId): Interval | undefined {
  return interval ?? (dataType === 'metrics' ? '5m' : undefined)
}
