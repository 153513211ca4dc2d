import {
  type DatasetId,
  type ExchangeAdapter,
  goldSeries,
  type Interval,
  type Market,
  nestsIn,
  type Period,
  type Series,
} from '@lake/core'
import { bucketRange } from './bucket-range.ts'
import { partitionMetadata } from './partition-metadata.ts'

/** Raised whenever the same silver bytes give other gold bytes; a golden test forces it. */
export const GOLD_BARS_REVISION = 7

/** What gold bars of one interval are made with, besides their children: plain data, so that a thread can do it. */
export interface GoldBarsFrame {
  readonly interval: Interval
  readonly series: Series
  readonly market: Market
  /** See `addVwap` of `@lake/enrich`. */
  readonly contractSize: number | undefined
  /** Goes into the Parquet file. */
  readonly metadata: Readonly<Record<string, string>>
}

/** The frame of a symbol's gold bars of an interval. */
export function goldBarsFrame(adapter: ExchangeAdapter, dataset: DatasetId, interval: Interval): GoldBarsFrame {
  return {
    interval,
    series: goldSeries('bars', dataset, interval),
    market: dataset.market,
    contractSize: adapter.contractSize?.(dataset),
    metadata: partitionMetadata(adapter, dataset, 'bars', GOLD_BARS_REVISION),
  }
}

/** Those of the intervals whose bars that start in a period are made of no rows but those of its silver partition. */
export function intervalsOfPartition(
  { dataType, interval: children }: DatasetId,
  period: Period,
  intervals: readonly Interval[],
): Interval[] {
  if (dataType !== 'klines' || children === undefined || period.kind !== 'month') return []
  return intervals.filter((interval) => {
    const { from, to } = bucketRange(interval, period)
    return nestsIn(children, interval) && from === period.from && to === period.to
  })
}
