import { type DatasetId, formatDatasetId, LakeError, type TimeRange } from '@lake/core'
import { openManifestReader } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import { healDataset, type HealedDataset } from './heal-dataset.ts'
import type { HealShare } from './heal-share.ts'
import { heldDatasets } from './held-datasets.ts'
import type { ChangedDataset } from './learn-from-gaps.ts'
import { lookAcross, type LookedAcross } from './look-across.ts'
import { openRun } from './open-run.ts'
import { listPendingGold } from './pending-gold.ts'
import { refreshGold } from './refresh-gold.ts'
import type { RestatedPartition } from './restated-partition.ts'
import { rollUpManifests } from './roll-up-manifests.ts'
import { runRecord } from './run-record.ts'
import { requestedDatasets } from './run-request.ts'
import { openVenueMemory } from './venue-memory.ts'
import type { RunFailure } from './run-failure.ts'
import { openSilverThreads } from './silver-threads.ts'
import { openVenues } from './venues.ts'

/** What to heal. */
export interface HealRequest {
  /** All that the lake holds when absent. */
  readonly datasets?: readonly (DatasetId | string)[] | undefined
  /** Closed-open; from the first to the last period that the lake holds when absent. */
  readonly range?: TimeRange | undefined
  /** The most gaps to ask for of each dataset. */
  readonly budget?: number | undefined
}

/** What healing did to one dataset, its gold included. */
export interface HealedReport extends Omit<HealedDataset, 'built'> {
  /** Silver and gold partitions in which rows are no more what they were, as bars that had children missing. */
  readonly restated: readonly RestatedPartition[]
}

/** What healing did. */
export interface HealReport extends LookedAcross {
  readonly datasets: readonly HealedReport[]
  readonly failures: readonly RunFailure[]
}

export interface HealOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?:
    ((progress: { readonly id: string; readonly done: number; readonly total: number }) => void) | undefined
}

/**
 * Fills the gaps of a lake from the venues' REST interfaces, with silver and gold after them. What a venue does not
 * have is remembered, so that healing again does nothing.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for a malformed request. What fails in one dataset is in `failures`.
 *
 * @example
 * const { datasets } = await healLake(lake, { datasets: ['binance/spot/klines/BTCUSDT/1m'] })
 * console.log(datasets[0]?.gapsFilled)
 */
export async function healLake(
  given: Lake,
  request: HealRequest = {},
  { signal, onProgress }: HealOptions = {},
): Promise<HealReport> {
  const lake = openRun(given)
  let reader = openManifestReader(lake.store, signal)
  const memory = openVenueMemory(lake.store)
  const wanted =
    request.datasets === undefined ? await heldDatasets(reader) : requestedDatasets({ datasets: request.datasets })
  const datasets: HealedReport[] = []
  const changed: ChangedDataset[] = []
  const failures: RunFailure[] = []
  await using threads = openSilverThreads(lake.threads)
  await using venues = openVenues(lake.venues, lake.now)
  const pending = await listPendingGold(lake, signal)
  const walls: HealShare['walls'] = new Map()
  const { range, budget: gaps = Number.POSITIVE_INFINITY } = request
  for (const dataset of wanted) {
    const id = formatDatasetId(dataset)
    try {
      const { built, ...healed } = await healDataset({
        lake,
        reader,
        memory,
        dataset,
        range,
        share: { gaps, rows: Number.POSITIVE_INFINITY, walls },
        threads,
        venues,
        signal,
        onGap: (done, total) => onProgress?.({ id, done, total }),
      })
      // What was built may explain the gaps of the next.
      if (built.length > 0) reader = openManifestReader(lake.store, signal)
      const refreshed = await refreshGold(lake, dataset, built, { pending: pending.get(id), signal })
      datasets.push({ ...healed, restated: refreshed.restated })
      failures.push(...refreshed.failures)
      if (refreshed.partitions > 0) changed.push({ id, gaps: healed.gapsLeft, partitions: refreshed.partitions })
    } catch (error) {
      if (!LakeError.is(error)) throw error
      failures.push({ id, error })
    }
  }
  const report = { datasets, ...(await lookAcross(lake, changed, failures, signal)), failures }
  if (changed.length > 0) await lake.ledger.recordRun(runRecord('heal', report))
  await rollUpManifests(
    lake,
    changed.map(({ id }) => id),
    signal,
  )
  await reader.keepIndex()
  return report
}
