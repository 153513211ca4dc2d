import {
  type DatasetId,
  type ExchangeAdapter,
  formatDatasetId,
  formatTimeRange,
  LakeError,
  type ObjectStore,
  periodsIn,
  reachOf,
  type TimeRange,
  unreadElsewhere,
  type UnreadFiles,
  unreadFiles,
} from '@lake/core'
import {
  type ArchiveFile,
  type CountedFolders,
  countedFolders,
  discoverArchive,
  planDatasetFiles,
  type PlannedFile,
  throttledStore,
} from '@lake/ingest-s5cmd'
import type { DatasetScope } from './dataset-scope.ts'
import type { Lake } from './define-lake.ts'
import { openSource, probeTime } from './open-source.ts'
import { requestedDatasets, type RunRequest } from './run-request.ts'

/** The files of one month of a dataset. */
export interface MonthPlan {
  /** `YYYY-MM` */
  readonly month: string
  /** Those that begin in it. */
  readonly files: readonly PlannedFile[]
  /** Those that begin in the month before and reach into this one, as days do that are cut at another midnight or have the next one. */
  readonly reaching: readonly PlannedFile[]
  /** Files of its days, where its monthly file is taken: for what that one lacks. */
  readonly days: readonly PlannedFile[]
}

/** What a run will take of one dataset. The range is the request's, or what the source lists. */
export interface DatasetPlan extends DatasetScope {
  readonly source: ObjectStore
  /** How many objects the source listed below a folder; what is taken of it as a whole need not be listed again. */
  readonly listed: CountedFolders['objectsIn']
  /** Whether the range is the request's. */
  readonly isAsked: boolean
  readonly months: readonly MonthPlan[]
  readonly bytes: number
}

/** What a run will take: nothing was moved yet. */
export interface RunPlan {
  readonly datasets: readonly DatasetPlan[]
}

/**
 * Asks the source what there is, and chooses the fewest files that cover the request. Reads listings only.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for a malformed request, `NOT_FOUND` when the source has no file of a
 * dataset in the range, `UNSUPPORTED` when its adapter says that such files are not read, and what listing the source throws.
 *
 * @example
 * const { datasets } = await planRun(lake, { source, datasets: ['binance/spot/klines/BTCUSDT/1m'] })
 * for (const { months, bytes } of datasets) console.log(months.map(({ month }) => month), bytes)
 */
export async function planRun(
  lake: Lake,
  request: RunRequest,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<RunPlan> {
  const datasets: DatasetPlan[] = []
  for (const dataset of requestedDatasets(request)) datasets.push(await planDataset(lake, request, dataset, options))
  return { datasets }
}

interface PlanDatasetOptions {
  /** True takes monthly and daily files of a month, where there are both, to compare them. */
  readonly reconcile?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** The plan of one dataset of a request; throws as {@link planRun}. */
export async function planDataset(
  lake: Lake,
  request: Omit<RunRequest, 'datasets'>,
  dataset: DatasetId,
  { signal, reconcile }: PlanDatasetOptions = {},
): Promise<DatasetPlan> {
  const adapter = lake.exchange(dataset.exchange)
  const unread = unreadFiles(adapter.unread, dataset)
  if (unread !== undefined) throw notRead(dataset, unread)
  const opened = openSource(request, adapter)
  const { bytesPerSecond } = request
  const source = bytesPerSecond === undefined ? opened : throttledStore(opened, bytesPerSecond)
  const files: ArchiveFile[] = []
  const { store, objectsIn } = countedFolders(source)
  const search = {
    adapter,
    source: store,
    datasets: [dataset],
    range: request.range,
    now: probeTime(opened, lake.now()),
    signal,
  }
  for await (const file of discoverArchive(search)) files.push(file)
  const planned = planDatasetFiles({ adapter, dataset, files, range: request.range, reconcile })
  const [first] = planned
  if (first === undefined) throw nothingFound(source, adapter, dataset, request.range)
  const from = planned.reduce((least, { period }) => Math.min(least, period.from), first.period.from)
  const to = planned.reduce((most, { period }) => Math.max(most, period.to), first.period.to)
  return {
    dataset,
    adapter,
    source,
    listed: objectsIn,
    range: request.range ?? { from, to },
    isAsked: request.range !== undefined,
    months: byMonth(planned, files),
    bytes: planned.reduce((sum, file) => sum + file.size, 0),
  }
}

function byMonth(planned: readonly PlannedFile[], found: readonly ArchiveFile[]): MonthPlan[] {
  const months = new Map<string, { files: PlannedFile[]; reaching: PlannedFile[] }>()
  for (const file of planned) {
    for (const [index, { label }] of periodsIn('month', reachOf(file.period)).entries()) {
      const month = months.get(label) ?? { files: [], reaching: [] }
      months.set(label, month)
      if (index === 0) month.files.push(file)
      else month.reaching.push(file)
    }
  }
  const isPlanned = new Set(planned.map(({ key }) => key))
  // A monthly file is completed by days of its own kind: those of the dataset, or those of many instruments.
  const ofMonths = new Set(
    planned.flatMap(({ period, dataset }) => (period.kind === 'month' ? [formatDatasetId(dataset)] : [])),
  )
  const others = found.filter(
    ({ key, period, dataset }) =>
      period.kind === 'day' && !isPlanned.has(key) && (ofMonths.size === 0 || ofMonths.has(formatDatasetId(dataset))),
  )
  const daysOf = (month: string): PlannedFile[] =>
    others
      .filter(({ period }) => period.label.startsWith(month))
      .map((file) => ({ ...file, reason: `The monthly file of ${month} lacks rows of this day.` }))
  return [...months]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([month, parts]) => ({ month, ...parts, days: others.length === 0 ? [] : daysOf(month) }))
}

/** Of files that nothing can be made of nothing is moved. */
function notRead(dataset: DatasetId, { why, instead }: UnreadFiles): LakeError {
  const id = formatDatasetId(dataset)
  const message = `The archive of ${dataset.exchange} has no files of ${id} that are read. ${why} Nothing was moved. ${instead}`
  return new LakeError('UNSUPPORTED', message, { details: { dataset: id } })
}

function nothingFound(
  source: ObjectStore,
  adapter: ExchangeAdapter,
  dataset: DatasetId,
  range: TimeRange | undefined,
): LakeError {
  const elsewhere = unreadElsewhere(adapter.unread, dataset)
  if (elsewhere !== undefined) return notRead(dataset, elsewhere)
  const id = formatDatasetId(dataset)
  const where = adapter.archive?.prefixes(dataset).join(' ') ?? 'no archive'
  const when = range === undefined ? '' : ` in ${formatTimeRange(range)}`
  return new LakeError(
    'NOT_FOUND',
    `${source.url} has no files of ${id}${when} (looked in ${where}). Check the symbol, the interval and the range.`,
    { details: { dataset: id, source: source.url } },
  )
}
