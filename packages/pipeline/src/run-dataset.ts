import { formatDatasetId, type FormatFingerprint, LakeError, partitionKind } from '@lake/core'
import type { TransferredFile } from '@lake/ingest-s5cmd'
import type { InventoryFile } from '@lake/ledger'
import { buildGold } from './build-gold.ts'
import { buildSilverMonth, type BuiltMonth } from './build-silver-month.ts'
import { copyWithinServer } from './copy-within-server.ts'
import { reportDataset } from './dataset-report.ts'
import type { Lake } from './define-lake.ts'
import { healDataset, type HealedDataset } from './heal-dataset.ts'
import type { HeldFile, HeldFrames, HeldPage } from './held-file.ts'
import { listHeldPages } from './held-pages.ts'
import { openFormatSentinel, type SentinelTurn } from './format-sentinel.ts'
import { discardUnused } from './discard-unused.ts'
import { inOrder } from './in-order.ts'
import { settlePendingGold } from './pending-gold.ts'
import type { DatasetPlan, MonthPlan } from './plan-run.ts'
import type { RunOptions } from './run-options.ts'
import type { DatasetReport, RunFailure, RunProgress } from './run-report.ts'
import { DEFAULT_GOLD, type RunRequest } from './run-request.ts'
import { settleRebuilds } from './rebuild-marks.ts'
import { retryConflicts } from './retry-conflicts.ts'
import type { SilverThreads } from './silver-threads.ts'
import { type MonthArrival, transferMonth } from './transfer-month.ts'
import type { Venues } from './venues.ts'

/** What a run did to one dataset, and the months that it could not bring in. */
export interface DatasetOutcome {
  readonly report: DatasetReport
  readonly failures: readonly RunFailure[]
}

/** What the datasets of a run share. */
export interface RunResources {
  readonly threads: SilverThreads
  readonly venues: Venues
}

/**
 * Runs the plan of one dataset, month by month: while one month is parsed and written, the files of the next are on
 * their way. A month that fails is reported and leaves its partitions as they were; the others go on. Gold follows
 * when all of silver is there, since a bar may reach into the next month.
 */
export async function runDataset(
  lake: Lake,
  plan: DatasetPlan,
  { gold: goldIntervals = DEFAULT_GOLD, heal = false }: Pick<RunRequest, 'gold' | 'heal'>,
  { threads, venues }: RunResources,
  { signal, onProgress }: RunOptions,
): Promise<DatasetOutcome> {
  const { dataset, months } = plan
  const id = formatDatasetId(dataset)
  const tell = (progress: Omit<RunProgress, 'id'>): void => onProgress?.({ id, ...progress })
  tell({ stage: 'plan', label: `${fileCount(plan)} to look at`, done: 1, total: 1 })
  const inventory = new Map((await lake.ledger.inventory(dataset)).map((file) => [file.sourceKey, file]))
  const sentinel = openFormatSentinel({
    lake,
    adapter: plan.adapter,
    dataset,
    inventory: inventory.values(),
    signal,
  })
  threads.expect(newWork(plan, inventory))
  const pages = await listHeldPages(lake.store, plan.adapter, dataset, signal)
  const copied = await copyWithinServer({ lake, plan, inventory, signal })
  let arrivedFiles = 0
  const onFile = (label: string): void => {
    tell({ stage: 'bronze', label, done: ++arrivedFiles, total: fileCount(plan) })
  }
  let before: Promise<MonthArrival> = Promise.resolve({ landed: [] })
  const bringIn = async (month: MonthPlan): Promise<MonthOutcome> => {
    const turn = sentinel.queue()
    const earlier = before
    before = transferMonth({ lake, plan, month, inventory, copied, onFile, signal })
    try {
      const arrival = { ...(await before), reaching: reachingInto(month, await earlier) }
      const held = pages.get(month.month) ?? []
      return await bringInMonth({ lake, plan, month, arrival, pages: held, threads, sentinel: turn, signal })
    } finally {
      turn.done()
    }
  }
  const sourceEtags = new Map(months.flatMap(({ files }) => files.map(({ key, etag }) => [key, etag])))
  const built: BuiltMonth[] = []
  const transferred: TransferredFile[] = []
  const failures: RunFailure[] = []
  // Days are computed side by side within a month, months side by side where a month is one partition.
  const concurrency = partitionKind(dataset) === 'month' ? threads.concurrency : 2
  for await (const outcome of inOrder(months, concurrency, bringIn)) {
    if (outcome.error === undefined) {
      // Only what a partition was made of counts as held.
      await lake.ledger.recordInventory(
        dataset,
        outcome.landed.map((file) => ({
          ...inventoryFile(file, sourceEtags),
          ...fingerprintIn(sentinel.fingerprints, file.key),
        })),
      )
      built.push(outcome.built)
      transferred.push(...outcome.landed)
      tell({ stage: 'silver', label: outcome.month, done: built.length + failures.length, total: months.length })
    } else {
      await discardUnused(lake, dataset, outcome.month, ownFiles(outcome, months), outcome.error)
      failures.push({ id, month: outcome.month, error: outcome.error })
    }
  }
  const healed = heal ? await healIn(lake, plan, { threads, venues, signal, tell }) : undefined
  if (healed?.failure !== undefined) failures.push(healed.failure)
  const silver = withHealed(built, healed?.outcome?.built ?? [])
  const gold = await buildGold({ lake, scope: plan, built: silver, intervals: goldIntervals, signal, tell })
  const noted = (healed?.outcome?.built ?? []).flatMap(({ manifest }) => manifest?.month ?? [])
  if (gold.failures.length === 0) await settlePendingGold(lake, dataset, noted)
  const report = reportDataset({
    scope: plan,
    transferred,
    built: silver,
    gold,
    healed: healed?.outcome,
    changes: sentinel.changes,
  })
  await settleRebuilds(lake, dataset, new Map(transferred.map((file) => [file.sourceKey, file.sha256])), signal)
  return { report, failures: [...failures, ...gold.failures] }
}

interface BringInOptions {
  readonly lake: Lake
  readonly plan: DatasetPlan
  readonly month: MonthPlan
  readonly arrival: MonthArrival & { readonly reaching: readonly TransferredFile[] }
  readonly pages: readonly (HeldPage | HeldFrames)[]
  readonly threads: SilverThreads
  readonly sentinel: SentinelTurn
  readonly signal: AbortSignal | undefined
}

/** A month in silver, or why it is not; with the files that lie in bronze for it. */
type MonthOutcome = { readonly month: string; readonly landed: readonly TransferredFile[] } & (
  { readonly built: BuiltMonth; readonly error?: undefined } | { readonly error: LakeError }
)

async function bringInMonth(options: BringInOptions): Promise<MonthOutcome> {
  const { lake, plan, month: planned, arrival, pages, threads, sentinel, signal } = options
  const { adapter, dataset } = plan
  const { month, files } = planned
  const { landed, reaching, error: stopped } = arrival
  try {
    if (stopped !== undefined) throw stopped
    const periods = new Map([...files, ...planned.reaching].map((file) => [file.key, file.period]))
    const archives = [...landed, ...reaching].flatMap(({ key, sourceKey, sha256, verified }): HeldFile[] => {
      const period = periods.get(sourceKey)
      return period === undefined ? [] : [{ source: 'archive', key, sha256, period, verified }]
    })
    const held = [...archives, ...pages]
    const build = { lake, adapter, dataset, month, files: held, threads, sentinel, signal }
    const built = await retryConflicts(() => buildSilverMonth(build))
    sentinel.took(archives)
    return { month, landed, built }
  } catch (error) {
    if (LakeError.is(error)) return { month, landed, error }
    throw error
  }
}

/** What has arrived of the files that reach into a month from the one before. */
function reachingInto({ reaching }: MonthPlan, { landed }: MonthArrival): TransferredFile[] {
  const keys = new Set(reaching.map(({ key }) => key))
  return landed.filter(({ sourceKey }) => keys.has(sourceKey))
}

/** The files that no other month is made of. */
function ownFiles({ landed }: MonthOutcome, months: readonly MonthPlan[]): TransferredFile[] {
  const shared = new Set(months.flatMap(({ reaching }) => reaching.map(({ key }) => key)))
  return landed.filter(({ sourceKey }) => !shared.has(sourceKey))
}

/** What the inventory keeps of a file that was taken into bronze. */
export function inventoryFile(file: TransferredFile, sourceEtags: ReadonlyMap<string, string>): InventoryFile {
  const { sourceKey, key, size, sha256, etag, verified } = file
  const sourceEtag = sourceEtags.get(sourceKey) ?? ''
  return { sourceKey, key, size, sha256, etag, verified, ...(sourceEtag === '' ? {} : { sourceEtag }) }
}

function fingerprintIn(
  fingerprints: ReadonlyMap<string, FormatFingerprint>,
  key: string,
): Pick<InventoryFile, 'fingerprint'> {
  const fingerprint = fingerprints.get(key)
  return fingerprint === undefined ? {} : { fingerprint }
}

async function healIn(
  lake: Lake,
  { dataset, range }: DatasetPlan,
  options: {
    threads: SilverThreads
    venues: Venues
    signal: AbortSignal | undefined
    tell: (progress: Omit<RunProgress, 'id'>) => void
  },
): Promise<{ readonly outcome?: HealedDataset; readonly failure?: RunFailure }> {
  const { threads, venues, signal, tell } = options
  try {
    const onGap = (done: number, total: number): void => {
      tell({ stage: 'heal', label: 'asked the venue', done, total })
    }
    return { outcome: await healDataset({ lake, dataset, range, threads, venues, signal, onGap }) }
  } catch (error) {
    if (!LakeError.is(error)) throw error
    return { failure: { id: formatDatasetId(dataset), error } }
  }
}

/** A month that was healed counts once: as it is now, with all that was written. */
function withHealed(built: readonly BuiltMonth[], healed: readonly BuiltMonth[]): BuiltMonth[] {
  const months = new Map<string | undefined, BuiltMonth>()
  for (const month of [...built, ...healed]) {
    const before = months.get(month.manifest?.month)
    const written = month.written + (before?.written ?? 0)
    const blocked = month.blocked + (before?.blocked ?? 0)
    const restated = [...(before?.restated ?? []), ...month.restated]
    const skipped = before?.skipped ?? month.skipped
    months.set(month.manifest?.month, { ...month, written, blocked, skipped, restated })
  }
  return [...months.values()]
}

/** What the lake does not hold yet. */
function newWork(
  { months }: DatasetPlan,
  inventory: ReadonlyMap<string, InventoryFile>,
): { readonly partitions: number; readonly bytes: number } {
  const files = months.flatMap((month) => month.files.filter(({ key }) => !inventory.has(key)))
  return { partitions: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) }
}

function fileCount(plan: DatasetPlan): number {
  return plan.months.reduce((sum, month) => sum + month.files.length, 0)
}
