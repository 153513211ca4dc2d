import { LakeError, parseDatasetId } from '@lake/core'
import { openManifestReader } from '@lake/ledger'
import { type CrossChecked, crossCheckLake } from './cross-check-lake.ts'
import type { Lake } from './define-lake.ts'
import { type ChangedDataset, learnFromGaps } from './learn-from-gaps.ts'
import type { LearnedOutage } from './learned-outage.ts'
import type { RunFailure } from './run-failure.ts'

/** What shows only when all of silver is there. */
export interface LookedAcross {
  /** Partitions that were compared for the first time with those of other data types: the mark price with the last. */
  readonly crossChecks: readonly CrossChecked[]
  /** Outages of venues that the lake has learned of now, from the silence of all symbols at hand. */
  readonly outages: readonly LearnedOutage[]
}

/**
 * Compares datasets with their neighbours, and learns from the gaps of those that were written to. What fails here is
 * told in `failures`, and changes nothing of what was published.
 */
export async function lookAcross(
  lake: Lake,
  datasets: readonly ChangedDataset[],
  failures: RunFailure[],
  signal: AbortSignal | undefined,
): Promise<LookedAcross> {
  const manifests = openManifestReader(lake.store, signal)
  const crossChecks: CrossChecked[] = []
  const outages: LearnedOutage[] = []
  for (const dataset of datasets) {
    const { id } = dataset
    try {
      for await (const one of crossCheckLake(lake, manifests, parseDatasetId(id), signal)) crossChecks.push(one)
      outages.push(...(await learnFromGaps(lake, manifests, dataset, signal)))
    } catch (error) {
      if (!LakeError.is(error)) throw error
      failures.push({ id, error })
    }
  }
  return { crossChecks, outages }
}
