import { intervalMicros, type TimeRange } from '@lake/core'
import { addVwap } from '@lake/enrich'
import { resampleBars } from '@lake/resample'
import type { Table } from 'apache-arrow'
import { barsOfTrades } from './bars-of-trades.ts'
import { type BarCandidate, combineBars } from './combine-bars.ts'
import { coveredSpan, type GoldSource } from './gold-sources.ts'
import type { GoldTask } from './gold-task.ts'

export interface GoldBarsParts {
  /** The series that bars are made of first, and those that fill what it lacks. */
  readonly best: GoldSource
  readonly others: readonly GoldSource[]
  readonly buckets: TimeRange
  readonly contractSize: number | undefined
}

/** The bars of one gold partition, with VWAP. */
export async function computeGoldBars(
  task: GoldTask,
  { best, others, buckets, contractSize }: GoldBarsParts,
): Promise<Table> {
  const barsOf = (source: GoldSource): Promise<BarCandidate> => candidateOf(task, source, buckets, contractSize)
  const candidates: BarCandidate[] = []
  for (const source of others) candidates.push(await barsOf(source))
  const bars = combineBars(await barsOf(best), ...candidates)
  return addVwap(bars, { market: task.scope.dataset.market, contractSize })
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
