import { type Interval, LakeError, type TimeRange } from '@lake/core'
import { barsFromTrades, resampleBars, type ResampledBars } from '@lake/resample'
import { coveredSpan, type GoldSource } from './gold-sources.ts'
import type { SilverReader } from './read-silver.ts'

export interface BarsOfTradesOptions {
  /** A silver series of trades or of aggregated trades. */
  readonly source: GoldSource
  readonly read: { readonly trades: SilverReader<'trades'>; readonly aggTrades: SilverReader<'aggTrades'> }
  readonly to: Interval
  readonly range: TimeRange
  readonly contractSize?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Bars of trades. Trades become small bars day by day, so that never more than a day of them is in memory. */
export async function barsOfTrades(options: BarsOfTradesOptions): Promise<ResampledBars> {
  const { source, read, to, range, contractSize, signal } = options
  const { files, dataset } = source
  const from: Interval = to === '1s' ? '1s' : '1m'
  const days: ResampledBars[] = []
  for (const file of files) {
    const request = { files: [file], range, signal }
    const by = { by: { time: from }, market: dataset.market, contractSize, until: file.span.to }
    days.push(
      dataset.dataType === 'trades'
        ? barsFromTrades(await read.trades(request), by)
        : barsFromTrades(await read.aggTrades(request), by),
    )
  }
  const [first, ...others] = days
  if (first === undefined) throw new LakeError('CORRUPT_LAKE', 'A source of bars without partitions.')
  return resampleBars(first.concat(...others), { from, to, until: coveredSpan(files, range).to })
}
