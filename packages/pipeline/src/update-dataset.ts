import {
  type DatasetId,
  DAY_MICROS,
  formatDatasetId,
  intervalMicros,
  LakeError,
  nextIntervalStart,
  type TimeRange,
} from '@lake/core'
import { type ManifestFile, openManifestReader } from '@lake/ledger'
import type { BuiltMonth } from './build-silver-month.ts'
import { blockedIn } from './blocked-in.ts'
import type { Lake } from './define-lake.ts'
import { buildFromPages, fetchPages } from './fetch-pages.ts'
import type { BlockedReport } from './blocked-report.ts'
import type { SilverThreads } from './silver-threads.ts'
import type { Venues } from './venues.ts'
import { rowCount, silverFiles } from './silver-files.ts'
import { listHeldPages } from './held-pages.ts'

const HOUR = 3_600_000_000

/** Asked for again at each update, since venues correct young rows and add late ones. */
const DEFAULT_LOOKBACK = HOUR

/** Silver lags behind bronze by at most this much. */
const DEFAULT_COMMIT_EVERY = HOUR

export interface UpdateDatasetOptions {
  readonly lake: Lake
  readonly dataset: DatasetId
  /** Where to begin with a dataset that the lake does not hold; epoch microseconds UTC. */
  readonly from?: number | undefined
  /** Where to end; now when absent. */
  readonly to?: number | undefined
  /** How much of what is there is asked for again, in microseconds; an hour when absent, a day for funding. */
  readonly lookback?: number | undefined
  /**
   * Silver is written when bronze is this much ahead, in microseconds; an hour when absent, always when 0. Until then
   * the pages gather in bronze.
   */
  readonly commitEvery?: number | undefined
  readonly threads: SilverThreads
  readonly venues: Venues
  readonly signal?: AbortSignal | undefined
}

/** What an update did to one dataset. */
export interface UpdatedDataset {
  readonly id: string
  /** Rows that silver gained. */
  readonly rowsAdded: number
  /** Rows that came in pages; those of the lookback again. */
  readonly rowsFetched: number
  readonly requests: number
  /** Bytes that came from the venue, and bytes of silver that were written for them. */
  readonly bytesFetched: number
  readonly bytesWritten: number
  /** How far silver reaches, and how far bronze does; epoch microseconds UTC, `null` when nothing is there. */
  readonly silverTo: number | null
  readonly bronzeTo: number | null
  /** Partitions whose newest state failed a check: what they were before stays. */
  readonly blocked: readonly BlockedReport[]
  readonly built: readonly BuiltMonth[]
}

/**
 * Brings the newest rows of a dataset from its venue: into bronze at once, into silver when enough has gathered.
 *
 * @throws {@link LakeError} `NOT_FOUND` when the lake does not hold the dataset and no `from` is given,
 * `UNSUPPORTED` when the venue does not serve it, and what fetching throws.
 */
export async function updateDataset(options: UpdateDatasetOptions): Promise<UpdatedDataset> {
  const { lake, dataset, threads, venues, signal, commitEvery = DEFAULT_COMMIT_EVERY } = options
  const before = await silverFiles(openManifestReader(lake.store, signal), dataset)
  const silverTo = endOf(before)
  const bronzeTo = await endOfPages(lake, dataset, silverTo, signal)
  const range = updateRange(options, Math.max(silverTo ?? 0, bronzeTo ?? 0) || undefined)
  const fetched = range.from < range.to ? await fetchPages({ lake, dataset, range, venues, signal }) : undefined
  const reached = (await endOfPages(lake, dataset, silverTo, signal)) ?? silverTo ?? range.from
  const isDue = reached - (silverTo ?? 0) >= Math.max(commitEvery, 1)
  const built = isDue
    ? await buildFromPages({ lake, dataset, ranges: [{ from: silverTo ?? range.from, to: reached }], threads, signal })
    : []
  const after = isDue ? await silverFiles(openManifestReader(lake.store, signal), dataset) : before
  return {
    id: formatDatasetId(dataset),
    rowsAdded: rowCount(after) - rowCount(before),
    rowsFetched: fetched?.rows ?? 0,
    requests: fetched?.requests ?? 0,
    bytesFetched: fetched?.bytes ?? 0,
    bytesWritten: bytesChanged(before, after),
    silverTo: endOf(after) ?? null,
    bronzeTo: reached,
    blocked: blockedIn(built),
    built,
  }
}

function updateRange(options: UpdateDatasetOptions, known: number | undefined): TimeRange {
  const { lake, dataset, from, to = lake.now() } = options
  const start = known === undefined ? from : known - (options.lookback ?? defaultLookback(dataset))
  if (start !== undefined) return { from: alignDown(dataset, Math.max(start, 0)), to }
  const id = formatDatasetId(dataset)
  throw new LakeError(
    'NOT_FOUND',
    `The lake holds nothing of ${id}, so there is no newest row to go on from. Say where to begin with --from, or bring the archive in first with lake run.`,
    { details: { dataset: id } },
  )
}

function defaultLookback({ dataType, interval }: DatasetId): number {
  if (dataType === 'fundingRate') return DAY_MICROS
  const length = interval === undefined ? undefined : intervalMicros(interval)
  return Math.max(DEFAULT_LOOKBACK, length ?? 0)
}

function alignDown({ interval }: DatasetId, time: number): number {
  const length = interval === undefined ? undefined : intervalMicros(interval)
  if (length === undefined || interval === undefined) return time
  return nextIntervalStart(interval, time) - length
}

/** How far the months from the last one of silver on reach in bronze. */
async function endOfPages(
  lake: Lake,
  dataset: DatasetId,
  silverTo: number | undefined,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const months = await listHeldPages(lake.store, lake.exchange(dataset.exchange), dataset, signal)
  const ends = [...months.values()].flatMap((pages) => pages.map(({ period }) => period.to))
  return ends.reduce<number | undefined>((most, end) => Math.max(most ?? end, end), silverTo)
}

function endOf(files: readonly ManifestFile[]): number | undefined {
  return files.reduce<number | undefined>((most, { span }) => Math.max(most ?? span.to, span.to), undefined)
}

function bytesChanged(before: readonly ManifestFile[], after: readonly ManifestFile[]): number {
  const known = new Set(before.map((file) => file.sha256))
  return after.reduce((bytes, file) => (known.has(file.sha256) ? bytes : bytes + file.bytes), 0)
}
