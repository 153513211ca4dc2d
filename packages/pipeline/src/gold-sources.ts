import { type DatasetId, type Interval, INTERVALS, nestsIn, type TimeRange } from '@lake/core'
import type { ManifestFile } from '@lake/ledger'
import type { ManifestIndex } from './manifest-index.ts'

/** A silver series that gold bars can be made of, with its partitions in a range. */
export interface GoldSource {
  readonly dataset: DatasetId
  readonly files: readonly ManifestFile[]
}

/**
 * Every silver series of a symbol that bars of an interval can be made of, best first: the venue's own bars, the
 * finest first; then bars built from trades; then from aggregated trades, which differ from the venue's in a few.
 */
export async function goldSources(
  index: ManifestIndex,
  { exchange, market, symbol }: DatasetId,
  interval: Interval,
  range: TimeRange,
): Promise<GoldSource[]> {
  const finer = INTERVALS.filter((candidate) => nestsIn(candidate, interval))
  const candidates: DatasetId[] = [
    ...finer.map((candidate) => ({ exchange, market, dataType: 'klines' as const, symbol, interval: candidate })),
    { exchange, market, dataType: 'trades', symbol },
    { exchange, market, dataType: 'aggTrades', symbol },
  ]
  const sources: GoldSource[] = []
  for (const dataset of candidates) {
    const files = await index.files(dataset, range)
    if (files.length > 0) sources.push({ dataset, files })
  }
  return sources
}

/** What partitions claim to cover of a range. */
export function coveredSpan(files: readonly ManifestFile[], range: TimeRange): TimeRange {
  return {
    from: Math.max(range.from, Math.min(...files.map((file) => file.span.from))),
    to: Math.min(range.to, Math.max(...files.map((file) => file.span.to))),
  }
}
