import {
  type DatasetId,
  formatDatasetId,
  type Interval,
  LakeError,
  partitionKind,
  rangesOverlap,
  silverSeries,
} from '@lake/core'
import type { TransferredFile } from '@lake/ingest-s5cmd'
import { type InventoryFile, openManifestReader, recordFailedMonths } from '@lake/ledger'
import { buildSilverMonth, type BuiltMonth } from './build-silver-month.ts'
import { copyWithinServer } from './copy-within-server.ts'
import type { Lake } from './define-lake.ts'
import type { HeldFile, HeldFrames, HeldPage } from './held-file.ts'
import { withHeldMonths } from './held-months.ts'
import { listHeldPages } from './held-pages.ts'
import { fillFromDays } from './fill-from-days.ts'
import { type FileChange, openFormatSentinel, type SentinelTurn } from './format-sentinel.ts'
import { discardUnused } from './discard-unused.ts'
import { inOrder } from './in-order.ts'
import { type PassedOverFile, plannedPassedOver } from './passed-over.ts'
import type { DatasetPlan, MonthPlan } from './plan-run.ts'
import { newWork } from './new-work.ts'
import type { RunOptions } from './run-options.ts'
import type { RunFailure } from './run-failure.ts'
import type { RunProgress } from './run-report.ts'
import { fingerprintIn, inventoryFile, rowlessFiles } from './inventory-file.ts'
import { openInventoryRecorder } from './inventory-recorder.ts'
import type { RefusedFile } from './refused-file.ts'
import { openRefusedFiles } from './refused-files.ts'
import { retryConflicts } from './retry-conflicts.ts'
import { openSharedInventories } from './shared-inventories.ts'
import type { SilverThreads } from './silver-threads.ts'
import { type MonthArrival, transferMonth } from './transfer-month.ts'
import { withinLifetime } from './within-lifetime.ts'

/** A dataset whose silver a run has brought up to date; gold and the report are still to come. */
export interface BroughtIn {
  readonly plan: DatasetPlan
  /** A month that could not be brought in is among them as it stands. */
  readonly built: readonly BuiltMonth[]
  readonly transferred: readonly TransferredFile[]
  readonly changes: readonly FileChange[]
  /** The months, and single files of others, that could not be brought in. */
  readonly failures: readonly RunFailure[]
  /** Files of days that were replaced at the source, while the file of their month stands. */
  readonly passedOver: readonly PassedOverFile[]
}

export interface BringInDatasetOptions extends RunOptions {
  /** The intervals of gold that follow, which are made ahead where that costs little. */
  readonly gold?: readonly Interval[] | undefined
}

/** So many bytes of gold wait in memory for the silver of their dataset; what is made after that is made when its turn comes. */
const MOST_AHEAD = 2 ** 25

/**
 * Brings the silver of one dataset up to date, month by month: while one month is parsed and written, the files of the
 * next are on their way. A new file that is refused is reported and left out; a month that fails otherwise is reported
 * and leaves its partitions as they were; the others go on.
 * Months in between that only a venue gave are brought up to date with the others. {@link completeDataset} has to follow.
 */
export async function bringInDataset(
  lake: Lake,
  plan: DatasetPlan,
  threads: SilverThreads,
  { gold = [], signal, onProgress }: BringInDatasetOptions,
): Promise<BroughtIn> {
  const { dataset } = plan
  const id = formatDatasetId(dataset)
  const tell = (progress: Omit<RunProgress, 'id'>): void => onProgress?.({ id, ...progress })
  const files = fileCount(plan)
  tell({ stage: 'plan', label: `${files} ${files === 1 ? 'file' : 'files'} to look at`, done: 1, total: 1 })
  const shared = await openSharedInventories(lake, dataset, plan.months)
  const own = await lake.ledger.inventory(dataset)
  // What lies in bronze was noted last by whoever brought it in.
  const inventory = new Map([...own.map((file) => [file.sourceKey, file] as const), ...shared.held])
  const rowless = rowlessFiles(own)
  const sentinel = openFormatSentinel({
    lake,
    adapter: plan.adapter,
    dataset,
    inventory: own,
    signal,
  })
  // What lies in bronze for another instrument is still to be read for this one.
  threads.expect(newWork(plan, new Set(own.map(({ sourceKey }) => sourceKey))))
  const pages = await listHeldPages(lake.store, plan.adapter, dataset, signal)
  const months = await withHeldMonths({ plan, paged: pages.keys(), reader: openManifestReader(lake.store, signal) })
  const copied = await copyWithinServer({ lake, plan, inventory, signal })
  let arrivedFiles = 0
  let bytesAhead = 0
  const onFile = (label: string): void => {
    tell({ stage: 'bronze', label, done: ++arrivedFiles, total: files })
  }
  let before: Promise<MonthArrival> = Promise.resolve({ landed: [], refused: [] })
  const bringIn = async (month: MonthPlan): Promise<MonthOutcome> => {
    const turn = sentinel.queue()
    const earlier = before
    before = transferMonth({ lake, plan, month, inventory, copied, onFile, signal })
    try {
      const arrival = { ...(await before), reaching: reachingInto(month, await earlier) }
      const held = pages.get(month.month) ?? []
      const ahead = bytesAhead < MOST_AHEAD ? gold : []
      const outcome = await bringInMonth({
        ...{
          lake,
          plan,
          month,
          arrival,
          inventory,
          pages: held,
          threads,
          sentinel: turn,
          gold: ahead,
          rowless,
          signal,
        },
      })
      bytesAhead += outcome.error === undefined ? aheadBytes(outcome.built) : 0
      return outcome
    } finally {
      turn.done()
    }
  }
  const sourceEtags = new Map(
    months.flatMap(({ files, days }) => [...files, ...days].map(({ key, etag }) => [key, etag])),
  )
  const built: BuiltMonth[] = []
  const transferred: TransferredFile[] = []
  const failures: RunFailure[] = []
  const recorder = openInventoryRecorder(lake.ledger, dataset)
  // Days are computed side by side within a month, months side by side where a month is one partition: while some are
  // computed, others are on their way into bronze or into silver.
  const concurrency = partitionKind(dataset) === 'month' ? 2 * threads.concurrency : 2
  try {
    for await (const outcome of inOrder(months, concurrency, bringIn)) {
      if (outcome.error === undefined) {
        const taken = await discardRefused(lake, dataset, outcome, months)
        // Only what a partition was made of counts as held.
        const noted = taken.map((file) => ({
          ...inventoryFile(file, sourceEtags),
          ...fingerprintIn(sentinel.fingerprints, file.key),
        }))
        recorder.add(noted)
        shared.add(noted)
        built.push(outcome.built)
        transferred.push(...taken)
        const { month } = outcome
        failures.push(...outcome.refused.map(({ sourceKey: file, error }) => ({ id, month, file, error })))
        if (outcome.left !== undefined) failures.push({ id, month, error: outcome.left })
        tell({ stage: 'silver', label: outcome.month, done: built.length, total: months.length })
      } else {
        await discardUnused(lake, dataset, outcome.month, ownFiles(outcome.landed, months), outcome.error)
        failures.push({ id, month: outcome.month, error: outcome.error })
        const manifest = (await lake.ledger.manifest(silverSeries(dataset), outcome.month))?.manifest
        built.push({ manifest, written: 0, skipped: 0, restated: [], blocked: 0 })
      }
    }
  } finally {
    await recorder.settle()
    await shared.settle()
  }
  try {
    await rememberFailures(lake, plan, { built, failures })
  } catch (error) {
    if (!LakeError.is(error)) throw error
    failures.push({ id, error })
  }
  const passedOver = await plannedPassedOver(lake, plan, { inventory, transferred })
  return {
    plan: withinLifetime(plan, built, failures.length),
    built,
    transferred,
    changes: sentinel.changes,
    failures,
    passedOver,
  }
}

/** What failed explains gaps until it no more does. */
async function rememberFailures(
  lake: Lake,
  { adapter, dataset, range }: DatasetPlan,
  { built, failures }: Pick<BroughtIn, 'built' | 'failures'>,
): Promise<void> {
  const failedAt = lake.now()
  const failed = failures.flatMap(({ month, file, error: { code, message } }) =>
    month === undefined ? [] : [{ month, ...(file === undefined ? {} : { file }), code, message, failedAt }],
  )
  const done = built.flatMap(({ manifest }) => manifest?.month ?? [])
  const isOutside = ({ file }: { readonly file?: string | undefined }): boolean => {
    const period = file === undefined ? undefined : adapter.archive?.parseKey(file)?.period
    return period !== undefined && !rangesOverlap(period, range)
  }
  await recordFailedMonths(lake.store, dataset, { failed, done, isOutside })
}

/** What landed of a month, without its refused files, which are taken out of bronze again. */
async function discardRefused(
  lake: Lake,
  dataset: DatasetId,
  { month, landed, refused }: MonthOutcome,
  months: readonly MonthPlan[],
): Promise<readonly TransferredFile[]> {
  for (const { sourceKey, error } of refused) {
    const files = landed.filter((file) => file.sourceKey === sourceKey)
    await discardUnused(lake, dataset, month, ownFiles(files, months), error)
  }
  const keys = new Set(refused.map(({ sourceKey }) => sourceKey))
  return landed.filter(({ sourceKey }) => !keys.has(sourceKey))
}

interface BringInOptions {
  readonly lake: Lake
  readonly plan: DatasetPlan
  readonly month: MonthPlan
  readonly arrival: MonthArrival & { readonly reaching: readonly TransferredFile[] }
  readonly inventory: ReadonlyMap<string, InventoryFile>
  readonly pages: readonly (HeldPage | HeldFrames)[]
  readonly threads: SilverThreads
  readonly sentinel: SentinelTurn
  /** Hashes of files that hold no row of the dataset. */
  readonly rowless: ReadonlySet<string>
  readonly gold: readonly Interval[]
  readonly signal: AbortSignal | undefined
}

/**
 * A month in silver, and why holes of it were left, or why it is not; with the files that lie in bronze for it, those
 * that were refused among them.
 */
type MonthOutcome = {
  readonly month: string
  readonly landed: readonly TransferredFile[]
  readonly refused: readonly RefusedFile[]
} & (
  | { readonly built: BuiltMonth; readonly left?: LakeError | undefined; readonly error?: undefined }
  | { readonly error: LakeError }
)

async function bringInMonth(options: BringInOptions): Promise<MonthOutcome> {
  const { lake, plan, month: planned, arrival, inventory, pages, threads, sentinel, gold, rowless, signal } = options
  const { adapter, dataset } = plan
  const { month, files } = planned
  const { landed, kept, reaching, error: stopped } = arrival
  try {
    if (stopped !== undefined) throw stopped
    const periods = new Map([...files, ...planned.reaching].map((file) => [file.key, file.period]))
    const archives = [...landed, ...reaching].flatMap(({ key, sourceKey, sha256, verified }): HeldFile[] => {
      const period = periods.get(sourceKey)
      return period === undefined || rowless.has(sha256) ? [] : [{ source: 'archive', key, sha256, period, verified }]
    })
    const held = [...archives, ...pages]
    const refused = openRefusedFiles([...landed, ...reaching], arrival.refused)
    const onRefused = refused.add
    const build = { lake, adapter, dataset, month, files: held, threads, kept, sentinel, onRefused, gold, signal }
    const built = await retryConflicts(() => buildSilverMonth(build))
    const filled = await fillFromDays({ plan, month: planned, build, built, inventory })
    const left = [...refused.all(), ...filled.refused].sort((a, b) => (a.sourceKey < b.sourceKey ? -1 : 1))
    return { month, landed: [...landed, ...filled.landed], refused: left, built: filled.built, left: filled.error }
  } catch (error) {
    if (LakeError.is(error)) return { month, landed, refused: [], error }
    throw error
  }
}

function aheadBytes({ ahead }: BuiltMonth): number {
  return [...(ahead?.values() ?? [])].flat().reduce((sum, { file }) => sum + file.bytes.length, 0)
}

/** What has arrived of the files that reach into a month from the one before. */
function reachingInto({ reaching }: MonthPlan, { landed }: MonthArrival): TransferredFile[] {
  const keys = new Set(reaching.map(({ key }) => key))
  return landed.filter(({ sourceKey }) => keys.has(sourceKey))
}

/** The files that no other month is made of. */
function ownFiles(landed: readonly TransferredFile[], months: readonly MonthPlan[]): TransferredFile[] {
  const shared = new Set(months.flatMap(({ reaching }) => reaching.map(({ key }) => key)))
  return landed.filter(({ sourceKey }) => !shared.has(sourceKey))
}

function fileCount(plan: DatasetPlan): number {
  return plan.months.reduce((sum, month) => sum + month.files.length, 0)
}
