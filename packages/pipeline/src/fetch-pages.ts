import { type DatasetId, monthOf, periodsIn, type TimeRange } from '@lake/core'
import { ingestRange, type IngestReport } from '@lake/ingest-ccxt'
import { buildSilverMonth, type BuiltMonth } from './build-silver-month.ts'
import type { Lake } from './define-lake.ts'
import { listHeldPages } from './held-pages.ts'
import { notePendingGold } from './pending-gold.ts'
import { retryConflicts } from './retry-conflicts.ts'
import type { SilverThreads } from './silver-threads.ts'
import type { Venues } from './venues.ts'

/** Takes a range of a dataset from its venue into bronze. */
export async function fetchPages(options: {
  readonly lake: Lake
  readonly dataset: DatasetId
  readonly range: TimeRange
  readonly venues: Venues
  readonly signal?: AbortSignal | undefined
}): Promise<IngestReport> {
  const { lake, dataset, range, venues, signal } = options
  const adapter = lake.exchange(dataset.exchange)
  return ingestRange({ ...venues.access(dataset.exchange), adapter, dataset, range, target: lake.store, signal })
}

/**
 * Brings the silver of months up to date with the pages that lie in bronze, whoever brought them. The gold above it is
 * noted as pending: `refreshGold` has to follow.
 */
export async function buildFromPages(options: {
  readonly lake: Lake
  readonly dataset: DatasetId
  readonly ranges: readonly TimeRange[]
  readonly threads: SilverThreads
  readonly signal?: AbortSignal | undefined
}): Promise<BuiltMonth[]> {
  const { lake, dataset, ranges, threads, signal } = options
  const adapter = lake.exchange(dataset.exchange)
  const held = await listHeldPages(lake.store, adapter, dataset, signal)
  const months = new Set(ranges.flatMap((range) => periodsIn('month', range).map(({ from }) => monthOf(from))))
  await notePendingGold(lake, dataset, months)
  const built: BuiltMonth[] = []
  for (const month of [...months].sort()) {
    signal?.throwIfAborted()
    const files = held.get(month) ?? []
    built.push(await retryConflicts(() => buildSilverMonth({ lake, adapter, dataset, month, files, threads, signal })))
  }
  return built
}
