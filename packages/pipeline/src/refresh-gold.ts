import type { DatasetId } from '@lake/core'
import { buildGold } from './build-gold.ts'
import type { BuiltMonth } from './build-silver-month.ts'
import type { Lake } from './define-lake.ts'
import { heldGold } from './held-datasets.ts'
import type { RunFailure } from './run-report.ts'

/** Brings the gold that a lake holds of a dataset up to date with silver months that have changed. */
export async function refreshGold(
  lake: Lake,
  dataset: DatasetId,
  built: readonly BuiltMonth[],
  signal?: AbortSignal,
): Promise<readonly RunFailure[]> {
  if (built.every(({ written }) => written === 0)) return []
  const adapter = lake.exchange(dataset.exchange)
  const { failures } = await buildGold({
    lake,
    scope: { dataset, adapter, range: { from: 0, to: lake.now() } },
    built,
    intervals: await heldGold(lake, dataset, signal),
    signal,
    tell: () => undefined,
  })
  return failures
}
