import { type DatasetId, formatDatasetId, LakeError } from '@lake/core'
import type { Lake } from './define-lake.ts'
import { heldDatasets } from './held-datasets.ts'
import { inOrder } from './in-order.ts'
import { openManifestReader } from './manifest-reader.ts'
import { openRun } from './open-run.ts'
import { listPendingGold } from './pending-gold.ts'
import { refreshGold } from './refresh-gold.ts'
import type { RestatedPartition } from './restated-partition.ts'
import { runRecord } from './run-record.ts'
import { requestedDatasets } from './run-request.ts'
import type { RunFailure } from './run-report.ts'
import { openSilverThreads } from './silver-threads.ts'
import { updateDataset, type UpdateDatasetOptions, type UpdatedDataset } from './update-dataset.ts'
import { openVenues } from './venues.ts'

/** What to update, and how. */
export interface UpdateRequest extends Pick<UpdateDatasetOptions, 'from' | 'to' | 'lookback' | 'commitEvery'> {
  /** All that the lake holds and whose venue serves it when absent. */
  readonly datasets?: readonly (DatasetId | string)[] | undefined
}

/** What an update did to one dataset, its gold included. */
export interface UpdatedReport extends Omit<UpdatedDataset, 'built'> {
  /** Silver and gold partitions in which rows are no more what they were. */
  readonly restated: readonly RestatedPartition[]
}

/** What an update did. */
export interface UpdateReport {
  readonly datasets: readonly UpdatedReport[]
  readonly failures: readonly RunFailure[]
}

export interface UpdateOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?:
    ((progress: { readonly id: string; readonly done: number; readonly total: number }) => void) | undefined
}

/** A request mostly waits, for the venue or for its budget: so many datasets wait side by side. */
const CONCURRENCY = 4

type Updated =
  | { readonly dataset: DatasetId; readonly result: UpdatedDataset; readonly error?: undefined }
  | { readonly dataset: DatasetId; readonly result?: undefined; readonly error: LakeError }

/**
 * Brings the newest rows of datasets from their venues: into bronze at once, into silver and gold when enough has
 * gathered, at most once in an hour unless asked for. Some datasets are updated side by side; gold follows one by one.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for a malformed request. What fails in one dataset is in `failures`.
 *
 * @example
 * const { datasets } = await updateLake(lake)
 * for (const { id, rowsAdded } of datasets) console.log(id, rowsAdded)
 */
export async function updateLake(
  given: Lake,
  request: UpdateRequest = {},
  { signal, onProgress }: UpdateOptions = {},
): Promise<UpdateReport> {
  const lake = openRun(given)
  const wanted =
    request.datasets === undefined
      ? (await heldDatasets(openManifestReader(lake, signal))).filter((dataset) => isServed(lake, dataset))
      : requestedDatasets({ datasets: request.datasets })
  const datasets: UpdatedReport[] = []
  let partitions = 0
  const failures: RunFailure[] = []
  await using threads = openSilverThreads(lake.threads)
  await using venues = openVenues(lake.venues, lake.now)
  const pending = await listPendingGold(lake, signal)
  const { from, to, lookback, commitEvery } = request
  const update = async (dataset: DatasetId): Promise<Updated> => {
    const options = { lake, dataset, from, to, lookback, commitEvery, threads, venues, signal }
    try {
      return { dataset, result: await updateDataset(options) }
    } catch (error) {
      if (!LakeError.is(error)) throw error
      return { dataset, error }
    }
  }
  let done = 0
  for await (const { dataset, result, error: failure } of inOrder(wanted, CONCURRENCY, update)) {
    const id = formatDatasetId(dataset)
    try {
      if (failure !== undefined) throw failure
      const { built, ...updated } = result
      const refreshed = await refreshGold(lake, dataset, built, { pending: pending.get(id), signal })
      datasets.push({ ...updated, restated: refreshed.restated })
      failures.push(...refreshed.failures)
      partitions += refreshed.partitions
    } catch (error) {
      if (!LakeError.is(error)) throw error
      failures.push({ id, error })
    }
    onProgress?.({ id, done: (done += 1), total: wanted.length })
  }
  if (partitions > 0) await lake.ledger.recordRun(runRecord('update', { datasets, failures }))
  return { datasets, failures }
}

function isServed(lake: Lake, { exchange, market, dataType }: DatasetId): boolean {
  const series = lake.exchange(exchange).rest?.series ?? []
  return series.some((one) => one.dataType === dataType && one.markets.includes(market))
}
