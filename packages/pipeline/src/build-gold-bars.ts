import { bucketRange } from './bucket-range.ts'
import type { GoldTask } from './gold-task.ts'
import { commitGold, type GoldOutcome } from './commit-gold.ts'
import { GOLD_BARS_REVISION, goldBarsFrame } from './gold-bars-frame.ts'
import { coveredSpan, type GoldSource, goldSources } from './gold-sources.ts'

/** Brings one month of gold bars up to date: OHLCV of the interval, the number of children, VWAP. */
export async function buildGoldBars(task: GoldTask): Promise<GoldOutcome> {
  const { lake, scope, index, ahead, interval, month, signal } = task
  const { adapter, dataset } = scope
  const buckets = bucketRange(interval, month)
  const sources = await goldSources(index, dataset, interval, buckets)
  const [best, ...others] = sources
  if (best === undefined) return { rows: 0, written: false }
  const inputs = sources.flatMap(({ files }) => files)
  const span = coveredSpan(inputs, buckets)
  const { series, contractSize, metadata } = goldBarsFrame(adapter, dataset, interval)
  const partition = {
    series,
    month: month.label,
    inputs,
    span,
    revision: GOLD_BARS_REVISION,
    options: { interval, contractSize: contractSize ?? null, sources: sources.map(nameOf).join(' ') },
    metadata,
  }
  const compute = async () => {
    const { computeGoldBars } = await import('./compute-gold-bars.ts')
    return computeGoldBars(task, { best, others, buckets, contractSize })
  }
  const made = inputs.length === 1 && inputs[0] !== undefined ? ahead(inputs[0], interval) : undefined
  return commitGold(lake, partition, { compute, ahead: made, signal })
}

function nameOf({ dataset: { dataType, interval } }: GoldSource): string {
  return interval === undefined ? dataType : `${dataType}:${interval}`
}
