import { goldSeries } from '@lake/core'
import { bucketRange } from './bucket-range.ts'
import type { GoldTask } from './gold-task.ts'
import { commitGold, type GoldOutcome } from './commit-gold.ts'
import { coveredSpan, type GoldSource, goldSources } from './gold-sources.ts'
import { partitionMetadata } from './partition-metadata.ts'

/** Raised whenever the same silver bytes give other gold bytes; a golden test forces it. */
export const GOLD_BARS_REVISION = 5

/** Brings one month of gold bars up to date: OHLCV of the interval, the number of children, VWAP. */
export async function buildGoldBars(task: GoldTask): Promise<GoldOutcome> {
  const { lake, scope, index, interval, month, signal } = task
  const { adapter, dataset } = scope
  const buckets = bucketRange(interval, month)
  const sources = await goldSources(index, dataset, interval, buckets)
  const [best, ...others] = sources
  if (best === undefined) return { rows: 0, written: false }
  const inputs = sources.flatMap(({ files }) => files)
  const span = coveredSpan(inputs, buckets)
  const contractSize = adapter.contractSize?.(dataset)
  const partition = {
    series: goldSeries('bars', dataset, interval),
    month: month.label,
    inputs,
    span,
    revision: GOLD_BARS_REVISION,
    options: { interval, contractSize: contractSize ?? null, sources: sources.map(nameOf).join(' ') },
    metadata: partitionMetadata(adapter, dataset, 'bars', GOLD_BARS_REVISION),
  }
  const compute = async () => {
    const { computeGoldBars } = await import('./compute-gold-bars.ts')
    return computeGoldBars(task, { best, others, buckets, contractSize })
  }
  return commitGold(lake, partition, compute, signal)
}

function nameOf({ dataset: { dataType, interval } }: GoldSource): string {
  return interval === undefined ? dataType : `${dataType}:${interval}`
}
