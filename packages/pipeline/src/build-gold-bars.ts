import { goldSeries, intervalMicros, type TimeRange } from '@lake/core'
import { addVwap } from '@lake/enrich'
import { resampleBars } from '@lake/resample'
import { barsOfTrades } from './bars-of-trades.ts'
import { bucketRange } from './bucket-range.ts'
import type { GoldTask } from './gold-task.ts'
import { type BarCandidate, combineBars } from './combine-bars.ts'
import { commitGold, type GoldOutcome } from './commit-gold.ts'
import { coveredSpan, type GoldSource, goldSources } from './gold-sources.ts'
import { partitionMetadata } from './partition-metadata.ts'

/** Raised whenever the same silver bytes give other gold bytes; a golden test forces it. */
export const GOLD_BARS_REVISION = 4

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
  const barsOf = (source: GoldSource) => candidateOf(task, source, buckets, contractSize)
  const compute = async () => {
    const candidates: BarCandidate[] = []
    for (const source of others) candidates.push(await barsOf(source))
    const bars = combineBars(await barsOf(best), ...candidates)
    return addVwap(bars, { market: dataset.market, contractSize })
  }
  return commitGold(lake, partition, compute, signal)
}

function nameOf({ dataset: { dataType, interval } }: GoldSource): string {
  return interval === undefined ? dataType : `${dataType}:${interval}`
}

async function candidateOf(
  task: GoldTask,
  source: GoldSource,
  range: TimeRange,
  contractSize: number | undefined,
): Promise<BarCandidate> {
  const { interval: to, read, signal } = task
  const { files, dataset } = source
  const until = coveredSpan(files, range).to
  if (dataset.dataType === 'klines' && dataset.interval !== undefined) {
    const klines = await read.klines({ files, range, signal })
    const childMicros = intervalMicros(dataset.interval) ?? range.to - range.from
    return { bars: resampleBars(klines, { from: dataset.interval, to, until }), childMicros }
  }
  return { bars: await barsOfTrades({ source, read, to, range, contractSize, signal }), childMicros: 0 }
}
