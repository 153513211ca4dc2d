import { type DatasetId, formatDatasetId, LakeError, type TimeRange } from '@lake/core'
import { openManifestReader } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import { healDataset, type HealedDataset } from './heal-dataset.ts'
import { type HealShare, shareInPassing } from './heal-share.ts'
import type { RunFailure } from './run-failure.ts'
import type { RunOptions } from './run-options.ts'
import type { SilverThreads } from './silver-threads.ts'
import { IN_PASSING, openVenues } from './venues.ts'
import { openVenueMemory } from './venue-memory.ts'

/** Heals the datasets of a job that has another purpose. */
export interface PassingHealer extends AsyncDisposable {
  /** Fills what it can within the job's budget; a failure is told, and what the dataset was before stays. */
  heal(
    dataset: DatasetId,
    range?: TimeRange,
  ): Promise<{ readonly healed?: HealedDataset | undefined; readonly failure?: RunFailure | undefined }>
}

export interface PassingHealerOptions extends RunOptions {
  readonly lake: Lake
  readonly threads: SilverThreads
  /** The most gaps to ask for, and the most rows in thousands; {@link RUN_BUDGET} when absent. */
  readonly budget?: number | undefined
}

/**
 * Opens a healer for a run or an update. Venues are asked as long as they answer at once: the first connection that
 * fails ends asking that venue. Open it when all silver of the job is there: the other symbols tell a halt from a hole.
 */
export function openPassingHealer({ lake, threads, budget, signal, onProgress }: PassingHealerOptions): PassingHealer {
  const venues = openVenues(lake.venues, lake.now, IN_PASSING)
  const share: HealShare = shareInPassing(budget)
  let reader = openManifestReader(lake.store, signal)
  const memory = openVenueMemory(lake.store)
  return {
    heal: async (dataset, range) => {
      const id = formatDatasetId(dataset)
      const onGap = (done: number, total: number): void => {
        onProgress?.({ id, stage: 'heal', label: 'asked the venue', done, total })
      }
      try {
        const healed = await healDataset({
          lake,
          dataset,
          range,
          reader,
          memory,
          share,
          threads,
          venues,
          signal,
          onGap,
        })
        // What was built may explain the gaps of the next.
        if (healed.built.length > 0) reader = openManifestReader(lake.store, signal)
        return { healed }
      } catch (error) {
        if (!LakeError.is(error)) throw error
        return { failure: { id, error } }
      }
    },
    [Symbol.asyncDispose]: async () => venues[Symbol.asyncDispose](),
  }
}
