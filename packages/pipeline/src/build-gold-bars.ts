import { goldSeries, type Interval, intervalMicros, LakeError, type TimeRange } from '@lake/core'
import { addVwap } from '@lake/enrich'
import { barsFromTrades, resampleBars, type ResampledBars } from '@lake/resample'
import { bucketRange } from './bucket-range.ts'
import type { GoldTask } from './build-gold.ts'
import { type BarCandidate, combineBars } from './combine-bars.ts'
import { commitGold, type GoldOutcome } from './commit-gold.ts'
import { coveredSpan, type GoldSource, goldSources } from './gold-sources.ts'
import { partitionMetadata } from './partition-metadata.ts'

/** Raised whenever the same silver bytes give other gold bytes; a golden test forces it. */
export const GOLD_BARS_REVISION = 3

/** Brings one month of gold bars up to date: OHLCV of the interval, the number of children, VWAP. */
export async function buildGoldBars(task: GoldTask): Promise<GoldOutcome> {
  const { lake, plan, index, interval, month, signal } = task
  const { adapter, dataset } = plan
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
  const { interval: to, signal } = task
  const { files, dataset } = source
  const until = coveredSpan(files, range).to
  if (dataset.dataType === 'klines' && dataset.interval !== undefined) {
    const klines = await task.read.klines({ files, range, signal })
    const childMicros = intervalMicros(dataset.interval) ?? range.to - range.from
    return { bars: resampleBars(klines, { from: dataset.interval, to, until }), childMicros }
  }
  return { bars: await barsOfTrades(task, source, range, contractSize), childMicros: 0 }
}

/** Trades become small bars day by day, so that never more than a day of them is in memory. */
async function barsOfTrades(
  { read, interval: to, signal }: GoldTask,
  { files, dataset }: GoldSource,
  range: TimeRange,
  contractSize: number | undefined,
): Promise<ResampledBars> {
  const from: Interval = to === '1s' ? '1s' : '1m'
  const days: ResampledBars[] = []
  for (const file of files) {
    const options = { by: { time: from }, market: dataset.market, contractSize, until: file.span.to }
    const request = { files: [file], range, signal }
    days.push(
      dataset.dataType === 'trades'
        ? barsFromTrades(await read.trades(request), options)
        : barsFromTrades(await read.aggTrades(request), options),
    )
  }
  const [first, ...others] = days
  if (first === undefined) throw new LakeError('CORRUPT_LAKE', 'A source of gold without partitions.')
  return resampleBars(first.concat(...others), { from, to, until: coveredSpan(files, range).to })
}
