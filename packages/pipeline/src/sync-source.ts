import {
  type DatasetId,
  type ExchangeAdapter,
  formatDatasetId,
  LakeError,
  type ObjectStore,
  parseDatasetId,
  type TimeRange,
} from '@lake/core'
import {
  type ArchiveFile,
  chooseMode,
  countedFolders,
  type CollectionRequest,
  type CountedFolders,
  type DatasetFilesOptions,
  detectS5cmd,
  discoverArchive,
  endOf,
  missingFiles,
  type ModeDecision,
  type MovedFile,
  planCollection,
  type PlannedFile,
  planDatasetFiles,
  transfer,
  type TransferMode,
  type TransferReport,
} from '@lake/ingest-s5cmd'
import type { InventoryFile } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import { markMoved } from './rebuild-marks.ts'
import { openSource, probeTime, type SourceAccess } from './open-source.ts'

/** What to take into bronze: named datasets, or whatever a request selects. */
export interface SyncRequest {
  readonly source: string | ObjectStore
  readonly listingUrl?: string | undefined
  /** Who reads a source in S3; who writes the lake when absent. */
  readonly sourceAccess?: SourceAccess | undefined
  readonly collection: CollectionRequest
  /** Instead of what the collection selects. */
  readonly datasets?: readonly (DatasetId | string)[] | undefined
  readonly mode?: TransferMode | undefined
  /** A cap on what comes through this machine. */
  readonly bytesPerSecond?: number | undefined
}

/** A file that a sync would take: how, and why. */
export interface SyncStep extends ModeDecision {
  readonly file: PlannedFile
}

/** What a sync would do. Nothing was moved. */
export interface SyncPlan {
  readonly steps: readonly SyncStep[]
  readonly bytes: number
  /** Files that lie in bronze already, as far as a listing tells: they are no steps. */
  readonly held: number
}

export interface SyncOptions {
  readonly signal?: AbortSignal | undefined
  /** Told of each file that lies in bronze. */
  readonly onFile?: ((file: MovedFile, done: number, total: number) => void) | undefined
}

/**
 * What {@link syncSource} would take, file by file with the way and the reasons. Reads listings only.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for a malformed request, `NOT_FOUND` when the source has nothing of it,
 * `UNSUPPORTED` when `direct` is asked for and cannot be.
 *
 * @example
 * const collection = parseCollectionRequest({ exchange: 'binance', markets: ['um'], dataTypes: ['fundingRate'] })
 * const { steps } = await planSync(lake, { source, collection })
 * for (const { file, mode, reason } of steps) console.log(file.key, mode, reason)
 */
export async function planSync(lake: Lake, request: SyncRequest, { signal }: SyncOptions = {}): Promise<SyncPlan> {
  const { source, files: all } = await chooseFiles(lake, request, signal)
  const known = await knownFiles(lake, all)
  const { files, held } = await missingFiles({
    ...{ files: all, target: lake.store, signal },
    known: (file) => known.get(file.key),
  })
  const { s5cmd } = await detectS5cmd({ signal })
  const decisions = chooseMode({
    files,
    source: endOf(source),
    target: endOf(lake.store),
    s5cmd: s5cmd !== undefined,
    mode: request.mode,
    capped: request.bytesPerSecond !== undefined,
  })
  const steps = files.flatMap((file, index): SyncStep[] => {
    const decision = decisions[index]
    return decision === undefined ? [] : [{ ...decision, file }]
  })
  return { steps, bytes: files.reduce((sum, { size }) => sum + size, 0), held }
}

/**
 * Takes files of an archive into bronze, in the fastest way that is legal, and no further: what lies there already is
 * not asked for again. The next run makes silver and gold of it.
 *
 * @throws {@link LakeError} as {@link planSync}, and what ends a transfer as a whole. A single file that cannot be had is
 * in the report as `failed`.
 *
 * @example
 * const collection = parseCollectionRequest({ exchange: 'binance', markets: ['um'], dataTypes: ['fundingRate'] })
 * const report = await syncSource(lake, { source: 's3://data.binance.vision', collection, mode: 'auto' })
 */
export async function syncSource(
  lake: Lake,
  request: SyncRequest,
  { signal, onFile }: SyncOptions = {},
): Promise<TransferReport> {
  const { source, files, listed } = await chooseFiles(lake, request, signal)
  const known = await knownFiles(lake, files)
  const moved: MovedFile[] = []
  let report: TransferReport
  try {
    report = await transfer({
      files,
      source,
      target: lake.store,
      mode: request.mode,
      bytesPerSecond: request.bytesPerSecond,
      known: (file) => known.get(file.key),
      listed,
      onMoved: (file) => {
        moved.push(file)
        onFile?.(file, moved.length, files.length)
      },
      signal,
    })
  } catch (error) {
    // What has landed need not be hashed again. Where that cannot be noted, it is, and the first failure says more.
    await recordMoved(lake, moved).catch(() => undefined)
    throw brokenOff(error, moved.length, files.length)
  }
  await recordMoved(lake, moved)
  return report
}

/** What state is left is known here. */
function brokenOff(error: unknown, landed: number, files: number): unknown {
  if (!LakeError.is(error) || landed === 0) return error
  const message = `${error.message} ${landed} of ${files} files lie in bronze and stay; the same again takes the rest.`
  return new LakeError(error.code, message, { cause: error, details: { ...error.details, landed, files } })
}

interface Choice {
  readonly source: ObjectStore
  readonly files: readonly PlannedFile[]
  readonly listed: CountedFolders['objectsIn']
}

async function chooseFiles(lake: Lake, request: SyncRequest, signal: AbortSignal | undefined): Promise<Choice> {
  const { collection, listingUrl } = request
  const { markets, dataTypes, symbols, intervals, range, reconcile } = collection
  const datasets = request.datasets?.map((given) => (typeof given === 'string' ? parseDatasetId(given) : given))
  const adapter = lake.exchange(datasets?.[0]?.exchange ?? collection.exchange)
  const source = openSource(request, adapter)
  // A mode that cannot be is refused before the archive is looked through. Whether s5cmd is there is asked later.
  chooseMode({ files: [], source: endOf(source), target: endOf(lake.store), s5cmd: true, mode: request.mode })
  const what = datasets === undefined ? { markets, dataTypes, symbols, intervals } : { datasets }
  const found: ArchiveFile[] = []
  const now = probeTime(source, lake.now())
  const { store, objectsIn } = countedFolders(source)
  for await (const file of discoverArchive({ adapter, source: store, ...what, range, now, listingUrl, signal }))
    found.push(file)
  const files =
    datasets === undefined
      ? planCollection({ request: collection, files: found }).files
      : planNamed(adapter, datasets, { files: found, range, reconcile })
  if (files.length > 0) return { source, files, listed: objectsIn }
  throw nothingFound(source, datasets, range)
}

/** The files of named datasets, each once: one of many instruments may be wanted for several. */
function planNamed(
  adapter: ExchangeAdapter,
  datasets: readonly DatasetId[],
  options: Pick<DatasetFilesOptions, 'files' | 'range' | 'reconcile'>,
): PlannedFile[] {
  const planned = datasets.flatMap((dataset) => planDatasetFiles({ ...options, adapter, dataset }))
  return [...new Map(planned.map((file) => [file.key, file])).values()]
}

function nothingFound(
  source: ObjectStore,
  datasets: readonly DatasetId[] | undefined,
  range: TimeRange | undefined,
): LakeError {
  const what = datasets === undefined ? 'what was asked for' : datasets.map(formatDatasetId).join(' ')
  const when = range === undefined ? '' : ' in that range'
  const message = `${source.url} has no files of ${what}${when}. Nothing was moved. See what there is with: lake discover.`
  return new LakeError('NOT_FOUND', message, { details: { source: source.url } })
}

async function knownFiles(lake: Lake, files: readonly ArchiveFile[]): Promise<Map<string, InventoryFile>> {
  const known = new Map<string, InventoryFile>()
  for (const dataset of datasetsOf(files)) {
    for (const file of await lake.ledger.inventory(dataset)) known.set(file.sourceKey, file)
  }
  return known
}

/** What lies there, and from which state of the source: with both, also a copy that nobody has read is known again. */
async function recordMoved(lake: Lake, moved: readonly MovedFile[]): Promise<void> {
  for (const dataset of datasetsOf(moved.map(({ file }) => file))) {
    const name = formatDatasetId(dataset)
    const files = moved
      .filter(({ file }) => formatDatasetId(file.dataset) === name)
      .map(({ file, key, size, etag, sha256, state }): InventoryFile => ({
        ...{ sourceKey: file.key, key, size, etag, verified: state === 'verified' },
        ...(sha256 === undefined ? {} : { sha256 }),
        ...(file.etag === '' ? {} : { sourceEtag: file.etag }),
      }))
    // First, since it is found again as long as the partitions are made of the earlier bytes.
    await markMoved(
      lake,
      dataset,
      moved.filter(({ file }) => formatDatasetId(file.dataset) === name),
      lake.now(),
    )
    await lake.ledger.recordInventory(dataset, files)
  }
}

function datasetsOf(files: readonly ArchiveFile[]): DatasetId[] {
  return [...new Map(files.map(({ dataset }) => [formatDatasetId(dataset), dataset])).values()]
}
