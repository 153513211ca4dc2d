import type { DatasetId } from './dataset-id.ts'
import type { Interval } from './interval.ts'

/**
 * The grid that the rows of a dataset stand on: that of its bars, or the five minutes of metrics.
 *
 * @example
 * gridOf(parseDatasetId('binance/um/metrics/BTCUSDT')) // '5m'
 */
export function gridOf({ dataType, interval }: DatasetId): Interval | undefined {
  return interval ?? (dataType === 'metrics' ? '5m' : undefined)
}
