import { type DatasetId, silverSeries } from '@lake/core'
import { buildGold } from './build-gold.ts'
import type { BuiltMonth } from './build-silver-month.ts'
import type { Lake } from './define-lake.ts'
import { heldGold } from './held-datasets.ts'
import { settlePendingGold } from './pending-gold.ts'
import { type RestatedPartition, shortenRestated } from './restated-partition.ts'
import type { RunFailure } from './run-failure.ts'

/** What became of silver months that were built, and of the gold above them. */
export interface RefreshedGold {
  /** Silver and gold partitions that were written. */
  readonly partitions: number
  /** Those in which rows are no more what they were. */
  readonly restated: readonly RestatedPartition[]
  readonly failures: readonly RunFailure[]
}

export interface RefreshGoldOptions {
  /** Further months whose gold may be stale, since a process was killed before it came to it. */
  readonly pending?: readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** Brings the gold that a lake holds of a dataset up to date with silver months that have changed. */
export async function refreshGold(
  lake: Lake,
  dataset: DatasetId,
  built: readonly BuiltMonth[],
  { pending = [], signal }: RefreshGoldOptions = {},
): Promise<RefreshedGold> {
  const written = built.reduce((sum, month) => sum + month.written, 0)
  const noted = new Set([...pending, ...built.flatMap(({ manifest }) => manifest?.month ?? [])])
  if (written === 0 && pending.length === 0) {
    await settlePendingGold(lake, dataset, noted)
    return { partitions: 0, restated: [], failures: [] }
  }
  const adapter = lake.exchange(dataset.exchange)
  const gold = await buildGold({
    lake,
    scope: { dataset, adapter, range: { from: 0, to: lake.now() } },
    built: [...built, ...(await untouchedMonths(lake, dataset, { built, pending }))],
    intervals: await heldGold(lake, dataset, signal),
    signal,
    tell: () => undefined,
  })
  if (gold.failures.length === 0) await settlePendingGold(lake, dataset, noted)
  return {
    partitions: written + gold.written,
    restated: shortenRestated([...built.flatMap(({ restated }) => restated), ...gold.restated]),
    failures: gold.failures,
  }
}

/** The pending months that were not built now, as they are. */
async function untouchedMonths(
  lake: Lake,
  dataset: DatasetId,
  { built, pending }: { readonly built: readonly BuiltMonth[]; readonly pending: readonly string[] },
): Promise<BuiltMonth[]> {
  const months: BuiltMonth[] = []
  for (const month of pending) {
    if (built.some(({ manifest }) => manifest?.month === month)) continue
    const stored = await lake.ledger.manifest(silverSeries(dataset), month)
    months.push({ manifest: stored?.manifest, written: 0, skipped: 0, restated: [], blocked: 0 })
  }
  return months
}
