import { type DatasetId, formatDatasetId, formatInstant, LakeError, parseDatasetId } from '@lake/core'
import { openManifestReader } from '@lake/ledger'
import type { ExplainedGap } from '@lake/quality'
import type { Lake } from './define-lake.ts'
import type { HealedDataset } from './heal-dataset.ts'
import { openPassingHealer, type PassingHealerOptions } from './heal-in-passing.ts'
import { heldDatasets } from './held-datasets.ts'
import { inOrder } from './in-order.ts'
import { isServed } from './is-served.ts'
import type { ChangedDataset } from './learn-from-gaps.ts'
import { lookAcross, type LookedAcross } from './look-across.ts'
import { openRun } from './open-run.ts'
import { listPendingGold } from './pending-gold.ts'
import { refreshGold } from './refresh-gold.ts'
import type { RestatedPartition } from './restated-partition.ts'
import { rollUpManifests } from './roll-up-manifests.ts'
import { runRecord } from './run-record.ts'
import { requestedDatasets } from './run-request.ts'
import type { RunFailure } from './run-failure.ts'
import { openSilverThreads } from './silver-threads.ts'
import { updateDataset, type UpdateDatasetOptions, type UpdatedDataset } from './update-dataset.ts'
import { type UnaskedOfVenue, unaskedOfVenues } from './unasked-of-venues.ts'
import { openVenues } from './venues.ts'
import { withHealed } from './with-healed.ts'

/** What to update, and how. */
export interface UpdateRequest extends Pick<UpdateDatasetOptions, 'from' | 'to' | 'lookback' | 'commitEvery'> {
  /** All that the lake holds and whose venue serves it when absent. */
  readonly datasets?: readonly (DatasetId | string)[] | undefined
  /** Asks the venues for older gaps too, of the datasets whose silver was written. Not when absent; `lake update` does. */
  readonly heal?: boolean | undefined
  /** The most gaps to ask for in the whole update, and the most rows in thousands; 100 when absent. */
  readonly healBudget?: number | undefined
}

/** What an update did to one dataset, its gold included. */
export interface UpdatedReport extends Omit<UpdatedDataset, 'built'> {
  /** Gaps that were filled besides, with the causes that let the venue be asked; 0 and none when it did not heal. */
  readonly gapsFilled: number
  readonly filled: readonly ExplainedGap[]
  /** Gaps that are left; `null` when nobody has looked, since no silver was written or it does not heal. */
  readonly gapsLeft: number | null
  /** Silver and gold partitions in which rows are no more what they were. */
  readonly restated: readonly RestatedPartition[]
}

/** What an update did. */
export interface UpdateReport extends LookedAcross {
  readonly datasets: readonly UpdatedReport[]
  /** Gaps that venues may fill and were not asked for, and why. */
  readonly unasked: readonly UnaskedOfVenue[]
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
  const { from, to, lookback, commitEvery } = request
  if (from !== undefined && to !== undefined && from >= to) {
    const range = `${formatInstant(from)} to ${formatInstant(to)}`
    throw new LakeError('BAD_REQUEST', `An update from ${range} is of no time at all: it ends before 'to'.`, {
      details: { from, to },
    })
  }
  const lake = openRun(given)
  const wanted =
    request.datasets === undefined
      ? (await heldDatasets(openManifestReader(lake.store, signal))).filter((one) =>
          isServed(lake.exchange(one.exchange), one),
        )
      : requestedDatasets({ datasets: request.datasets })
  await using threads = openSilverThreads(lake.threads)
  await using venues = openVenues(lake.venues, lake.now)
  const pending = await listPendingGold(lake, signal)
  const job: UpdateJob = { lake, pending, signal, reports: new Map(), changed: [], failures: [] }
  const update = async (dataset: DatasetId): Promise<Updated> => {
    const options = { lake, dataset, from, to, lookback, commitEvery, threads, venues, signal }
    try {
      return { dataset, result: await updateDataset(options) }
    } catch (error) {
      if (!LakeError.is(error)) throw error
      return { dataset, error }
    }
  }
  const written: UpdatedDataset[] = []
  let done = 0
  for await (const { dataset, result, error } of inOrder(wanted, CONCURRENCY, update)) {
    const id = formatDatasetId(dataset)
    if (error !== undefined) job.failures.push({ id, error })
    // What the other symbols have explains gaps, so that comes first.
    else if (request.heal === true && result.built.some((month) => month.written > 0)) written.push(result)
    else await complete(job, result)
    onProgress?.({ id, done: (done += 1), total: wanted.length })
  }
  const healed = await healAndComplete(job, written, { threads, budget: request.healBudget })
  const { reports, changed, failures } = job
  const datasets = wanted.flatMap((dataset) => reports.get(formatDatasetId(dataset)) ?? [])
  const looked = await lookAcross(lake, changed, failures, signal)
  const report: UpdateReport = { datasets, ...looked, unasked: unaskedOfVenues(healed), failures }
  if (changed.length > 0) await lake.ledger.recordRun(runRecord('update', { ...report }))
  await rollUpManifests(
    lake,
    changed.map(({ id }) => id),
    signal,
  )
  return report
}

/** An update on its way. */
interface UpdateJob {
  readonly lake: Lake
  /** Months whose gold an earlier job left, by the id of the dataset. */
  readonly pending: ReadonlyMap<string, readonly string[]>
  readonly signal: AbortSignal | undefined
  /** By the id of the dataset. */
  readonly reports: Map<string, UpdatedReport>
  readonly changed: ChangedDataset[]
  readonly failures: RunFailure[]
}

/** Brings gold up to date with silver, and tells. */
async function complete(job: UpdateJob, updated: UpdatedDataset, healed?: HealedDataset): Promise<void> {
  const { lake, pending, signal, reports, changed, failures } = job
  const { built, ...about } = updated
  const { id } = about
  try {
    const months = withHealed(built, healed?.built ?? [])
    const refreshed = await refreshGold(lake, parseDatasetId(id), months, { pending: pending.get(id), signal })
    const { gapsFilled = 0, filled = [], gapsLeft = null } = healed ?? {}
    const rowsAdded = about.rowsAdded + (healed?.rowsAdded ?? 0)
    reports.set(id, { ...about, rowsAdded, gapsFilled, filled, gapsLeft, restated: refreshed.restated })
    failures.push(...refreshed.failures)
    if (refreshed.partitions > 0) changed.push({ id, gaps: healed?.gapsLeft, partitions: refreshed.partitions })
  } catch (error) {
    if (!LakeError.is(error)) throw error
    failures.push({ id, error })
  }
}

async function healAndComplete(
  job: UpdateJob,
  written: readonly UpdatedDataset[],
  { threads, budget }: Pick<PassingHealerOptions, 'threads' | 'budget'>,
): Promise<HealedDataset[]> {
  const { lake, signal, failures } = job
  await using healer = openPassingHealer({ lake, threads, budget, signal })
  const all: HealedDataset[] = []
  for (const updated of written) {
    const { healed, failure } = await healer.heal(parseDatasetId(updated.id))
    if (healed !== undefined) all.push(healed)
    if (failure !== undefined) failures.push(failure)
    await complete(job, updated, healed)
  }
  return all
}
