import { type DatasetId, formatDatasetId, LakeError, quarantineKey } from '@lake/core'
import { type ManifestFile, openManifestReader } from '@lake/ledger'
import { buildSilverMonth, type BuiltMonth } from './build-silver-month.ts'
import { blockedIn } from './blocked-in.ts'
import type { Lake } from './define-lake.ts'
import { listQuarantine, type QuarantinedFile, type QuarantineRequest } from './list-quarantine.ts'
import { openRun } from './open-run.ts'
import { notePendingGold } from './pending-gold.ts'
import { refreshGold } from './refresh-gold.ts'
import { retryConflicts } from './retry-conflicts.ts'
import type { BlockedReport } from './blocked-report.ts'
import type { RunFailure } from './run-failure.ts'
import { rowCount, silverFiles } from './silver-files.ts'
import { rollUpManifests } from './roll-up-manifests.ts'
import { runRecord } from './run-record.ts'
import { openSilverThreads, type SilverThreads } from './silver-threads.ts'

/** What a replay did to one dataset. */
export interface ReplayedDataset {
  readonly id: string
  /** Files with lines that were put aside, before and after. */
  readonly files: number
  readonly filesLeft: number
  /** Lines that were put aside, before and after. */
  readonly quarantined: number
  readonly quarantinedLeft: number
  /** Rows that silver gained. */
  readonly rowsAdded: number
  /** Silver partitions that have other bytes than before. */
  readonly partitionsChanged: number
  /** Partitions whose newest state failed a check: what they were before stays. */
  readonly blocked: readonly BlockedReport[]
}

/** What a replay did. */
export interface ReplayReport {
  readonly datasets: readonly ReplayedDataset[]
  readonly failures: readonly RunFailure[]
}

/**
 * Reads the bronze files again whose lines were put aside, with the parser and the descriptions of today: partitions
 * are made anew, gold after them, and lines that are rows now leave the quarantine. Where nothing was corrected,
 * nothing changes. Killed at any moment, it can be run again.
 *
 * @throws {@link LakeError} `BAD_REQUEST` for a malformed request. What fails in one dataset is in `failures`.
 *
 * @example
 * const { datasets } = await replayQuarantine(lake)
 * console.log(datasets[0]?.rowsAdded, datasets[0]?.quarantinedLeft)
 */
export async function replayQuarantine(
  given: Lake,
  request: QuarantineRequest = {},
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ReplayReport> {
  const lake = openRun(given)
  const byDataset = new Map<string, QuarantinedFile[]>()
  for await (const file of listQuarantine(lake, request, { signal })) {
    const id = formatDatasetId(file.dataset)
    byDataset.set(id, [...(byDataset.get(id) ?? []), file])
  }
  const datasets: ReplayedDataset[] = []
  const failures: RunFailure[] = []
  await using threads = openSilverThreads(lake.threads)
  for (const [id, files] of byDataset) {
    const [first] = files
    if (first === undefined) continue
    try {
      const replayed = await replayDataset(lake, first.dataset, { files, threads, signal })
      datasets.push(replayed.report)
      failures.push(...replayed.failures)
    } catch (error) {
      if (!LakeError.is(error)) throw error
      failures.push({ id, error })
    }
  }
  const changed = datasets.filter(({ partitionsChanged }) => partitionsChanged > 0).map(({ id }) => id)
  if (changed.length > 0) await lake.ledger.recordRun(runRecord('quarantine', { datasets, failures }))
  await rollUpManifests(lake, changed, signal)
  return { datasets, failures }
}

interface ReplayOptions {
  readonly files: readonly QuarantinedFile[]
  readonly threads: SilverThreads
  readonly signal: AbortSignal | undefined
}

async function replayDataset(
  lake: Lake,
  dataset: DatasetId,
  { files, threads, signal }: ReplayOptions,
): Promise<{ readonly report: ReplayedDataset; readonly failures: readonly RunFailure[] }> {
  const adapter = lake.exchange(dataset.exchange)
  const before = await silverFiles(openManifestReader(lake.store, signal), dataset)
  const replay = new Set(files.map(({ sha256 }) => sha256))
  const months = monthsOf(before, replay)
  await dropUnused(lake, files, before)
  await notePendingGold(lake, dataset, months)
  const built: BuiltMonth[] = []
  for (const month of months) {
    signal?.throwIfAborted()
    const options = { lake, adapter, dataset, month, files: [], threads, replay, signal }
    built.push(await retryConflicts(() => buildSilverMonth(options)))
  }
  const { failures } = await refreshGold(lake, dataset, built, { signal })
  const after = await silverFiles(openManifestReader(lake.store, signal), dataset)
  const left: QuarantinedFile[] = []
  for await (const file of listQuarantine(lake, { datasets: [dataset] }, { signal })) left.push(file)
  const known = new Set(before.map(({ sha256 }) => sha256))
  const report: ReplayedDataset = {
    id: formatDatasetId(dataset),
    files: files.length,
    filesLeft: left.length,
    quarantined: lineCount(files),
    quarantinedLeft: lineCount(left),
    rowsAdded: rowCount(after) - rowCount(before),
    partitionsChanged: after.filter(({ sha256 }) => !known.has(sha256)).length,
    blocked: blockedIn(built),
  }
  return { report, failures }
}

function monthsOf(files: readonly ManifestFile[], inputs: ReadonlySet<string>): string[] {
  const made = files.filter((file) => file.inputs.some(({ sha256 }) => inputs.has(sha256)))
  return [...new Set(made.map(({ label }) => label.slice(0, 7)))].sort()
}

/** Lines of files that no partition is made of and that bronze does not hold either: what a refused run left. */
async function dropUnused(
  { store }: Lake,
  files: readonly QuarantinedFile[],
  partitions: readonly ManifestFile[],
): Promise<void> {
  const used = new Set(partitions.flatMap(({ inputs }) => inputs.map(({ sha256 }) => sha256)))
  for (const { dataset, key, sha256 } of files) {
    if (used.has(sha256) || (await store.head(key)) !== undefined) continue
    await store.delete(quarantineKey(dataset, sha256))
  }
}

function lineCount(files: readonly QuarantinedFile[]): number {
  return files.reduce((lines, { rows }) => lines + rows.length, 0)
}
