import { type DatasetId, formatDatasetId, LakeError, type TimeRange } from '@lake/core'
import type { Lake } from './define-lake.ts'
import { healDataset, type HealedDataset } from './heal-dataset.ts'
import { heldDatasets } from './held-datasets.ts'
import { refreshGold } from './refresh-gold.ts'
import { requestedDatasets } from './run-request.ts'
import type { RunFailure } from './run-report.ts'
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

/** What healing did. */
export interface HealReport {
  readonly datasets: readonly Omit<HealedDataset, 'built'>[]
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
  lake: Lake,
  request: HealRequest = {},
  { signal, onProgress }: HealOptions = {},
): Promise<HealReport> {
  const wanted =
    request.datasets === undefined
      ? await heldDatasets(lake, signal)
      : requestedDatasets({ datasets: request.datasets })
  const datasets: Omit<HealedDataset, 'built'>[] = []
  const failures: RunFailure[] = []
  await using threads = openSilverThreads(lake.threads)
  await using venues = openVenues(lake.venues, lake.now)
  for (const dataset of wanted) {
    const id = formatDatasetId(dataset)
    try {
      const { built, ...healed } = await healDataset({
        lake,
        dataset,
        range: request.range,
        budget: request.budget,
        threads,
        venues,
        signal,
        onGap: (done, total) => onProgress?.({ id, done, total }),
      })
      datasets.push(healed)
      failures.push(...(await refreshGold(lake, dataset, built, signal)))
    } catch (error) {
      if (!LakeError.is(error)) throw error
      failures.push({ id, error })
    }
  }
  return { datasets, failures }
}
