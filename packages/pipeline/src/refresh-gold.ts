import type { DatasetId } from '@lake/core'
import { buildGold } from './build-gold.ts'
import type { BuiltMonth } from './build-silver-month.ts'
import type { Lake } from './define-lake.ts'
import { heldGold } from './held-datasets.ts'
import { type RestatedPartition, shortenRestated } from './restated-partition.ts'
import type { RunFailure } from './run-report.ts'

/** What became of silver months that were built, and of the gold above them. */
export interface RefreshedGold {
  /** Silver and gold partitions that were written. */
  readonly partitions: number
  /** Those in which rows are no more what they were. */
  readonly restated: readonly RestatedPartition[]
  readonly failures: readonly RunFailure[]
}

/** Brings the gold that a lake holds of a dataset up to date with silver months that have changed. */
export async function refreshGold(
  lake: Lake,
  dataset: DatasetId,
  built: readonly BuiltMonth[],
  signal?: AbortSignal,
): Promise<RefreshedGold> {
  const written = built.reduce((sum, month) => sum + month.written, 0)
  if (written === 0) return { partitions: 0, restated: [], failures: [] }
  const adapter = lake.exchange(dataset.exchange)
  const gold = await buildGold({
    lake,
    scope: { dataset, adapter, range: { from: 0, to: lake.now() } },
    built,
    intervals: await heldGold(lake, dataset, signal),
    signal,
    tell: () => undefined,
  })
  return {
    partitions: written + gold.written,
    restated: shortenRestated([...built.flatMap(({ restated }) => restated), ...gold.restated]),
    failures: gold.failures,
  }
}
