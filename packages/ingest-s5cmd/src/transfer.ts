import { randomUUID } from 'node:crypto'
import { LakeError, type ObjectStore } from '@lake/core'
import type { S3Credentials } from '@lake/storage'
import type { ArchiveFile } from './archive-file.ts'
import { chooseMode, type TransferMode } from './choose-mode.ts'
import { defaultTargetKey } from './default-target-key.ts'
import { detectS5cmd, type S5cmd } from './detect-s5cmd.ts'
import { type BatchResult, moveBatch } from './move-batch.ts'
import { preflightTransfer } from './preflight-transfer.ts'
import { processRunner } from './process-runner.ts'
import { sha256KeyOf } from './published-checksum.ts'
import type { Runner } from './runner.ts'
import { throttledStore } from './throttled-store.ts'
import type { MovedFile, TransferContext } from './transfer-context.ts'
import { endOf } from './transfer-end.ts'
import { saveTransferReport } from './transfer-history.ts'
import { type ReportBuilder, reportBuilder, type TransferReport } from './transfer-report.ts'
import { emptyTally, talliedStore } from './transfer-tally.ts'
import { inSpan, recordTransfer } from './transfer-telemetry.ts'
import type { KnownFile, TransferProgress } from './transferred-file.ts'

export interface TransferOptions {
  /** What to take, in this order; the `files` of a plan. */
  readonly files: readonly ArchiveFile[]
  readonly source: ObjectStore
  readonly target: ObjectStore
  /** Default `auto`: within S3 where that is legal, through this machine otherwise. See {@link chooseMode}. */
  readonly mode?: TransferMode | undefined
  /** Where a file's first version lies in the target. Default `bronze/<exchange>/archive/<key>`. */
  readonly targetKey?: ((file: ArchiveFile) => string) | undefined
  /** What an inventory remembers of a file in the target. */
  readonly known?: ((file: ArchiveFile) => KnownFile | undefined) | undefined
  /**
   * How many objects the source had below a folder, ending in `/`, when it was listed for this plan; see {@link countedFolders}. Of
   * a folder that the plan takes all of, nothing is then listed again; what has come there since is copied along.
   */
  readonly listed?: ((folder: string) => number | undefined) | undefined
  /** Files at once. Default 8 streams; within s5cmd, what it has itself, 256. */
  readonly concurrency?: number | undefined
  /** Files in one run of s5cmd. Default 1000. */
  readonly batchFiles?: number | undefined
  /** Tries of a file in all. Default 4. */
  readonly attempts?: number | undefined
  /** Before the second try, doubling from then on, with jitter. Default 500. */
  readonly pauseMillis?: number | undefined
  /** A run of s5cmd that says nothing for so long is ended. Default a minute and a second for each 4 MB, 300 000 at most. */
  readonly stallMillis?: number | undefined
  /** More failed files than this end the run. Default 10. */
  readonly failureLimit?: number | undefined
  /** A cap on what comes through this machine. s5cmd knows no such thing, so that then only a direct copy is by it. */
  readonly bytesPerSecond?: number | undefined
  /** Where s5cmd puts what it downloads. Default the system's folder for temporary files. */
  readonly stagingFolder?: string | undefined
  /** What the stores were opened with, where that is not in the environment: s5cmd must sign too. */
  readonly credentials?: S3Credentials | (() => Promise<S3Credentials>) | undefined
  /** `false` does without; absent, it is looked for on `PATH`. */
  readonly s5cmd?: S5cmd | false | undefined
  readonly runner?: Runner | undefined
  /** Default `process.env`: the proxy, certificates and AWS variables of it reach s5cmd. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** Keep the report in the target, unless there was nothing to do. Default true. */
  readonly saveReport?: boolean | undefined
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined
  /** Told of each file that lies in the target, at once. */
  readonly onMoved?: ((file: MovedFile) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Takes files of an archive into the target in the fastest way that is legal, and reports what that came to. Each
 * file's CHECKSUM is taken with it.
 *
 * What the target holds is not asked for again, so that a run that was killed or aborted at any moment is resumed by
 * the next. What it holds in another version stays; the new one lies beside it. A file that cannot be had is reported
 * as `failed`, and the rest goes on. Memory does not grow with the bytes.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when `direct` is asked for and cannot be; nothing was touched.
 * @throws {@link LakeError} `NO_SPACE` when a target folder lacks the room; nothing was moved.
 * @throws {@link LakeError} `NO_PERMISSION`, `READ_ONLY`, `NO_SPACE`, `STORE_FAILED` of either end, and the failure of
 *   the file that exceeds `failureLimit`. What has landed stays, and the report says so.
 * @throws {@link LakeError} `BAD_REQUEST` when a number among the options cannot be. Aborts throw `signal.reason`.
 *
 * @example
 * const report = await transfer({ files: planTransfer({ files }), source, target, mode: 'auto' })
 * console.log(report.modes, report.bytesThroughClient)
 */
export async function transfer(options: TransferOptions): Promise<TransferReport> {
  const { files, mode = 'auto', saveReport = true, runner = processRunner(), signal } = options
  signal?.throwIfAborted()
  checkNumbers(options)
  const { environment = process.env } = options
  const s5cmd = options.s5cmd ?? (await detectS5cmd({ environment, runner, signal })).s5cmd ?? false
  const context = contextOf({ ...options, runner, environment }, s5cmd === false ? undefined : s5cmd)
  const { sourceEnd: source, targetEnd: target } = context
  // A mode that cannot be is refused before anything is asked for.
  chooseMode({ files: [], source, target, s5cmd: s5cmd !== false, mode })
  await preflightTransfer({ files, target: options.target, targetKey: context.targetKey, signal })
  const about = { id: randomUUID().slice(0, 8), startedAt: new Date().toISOString(), mode }
  const builder = reportBuilder({ ...about, ...(s5cmd === false ? {} : { s5cmd: s5cmd.version }) })
  const started = performance.now()
  return inSpan('lake.transfer', { 'lake.transfer.mode': mode }, async (span) => {
    const fallbacks = { count: 0 }
    const finish = async (complete: boolean): Promise<TransferReport> => {
      const seconds = (performance.now() - started) / 1000
      const report = builder.finish({ complete, seconds, tally: context.tally, fallbacks: fallbacks.count })
      recordTransfer(report, span)
      const isIdle = report.skipped === report.files
      return saveReport && !isIdle ? withStored(options.target, report) : report
    }
    try {
      await moveAll(options, context, builder, fallbacks)
    } catch (error) {
      await finish(false)
      throw error
    }
    return finish(true)
  })
}

/** The files are where they are, whether or not the report of that can be kept. */
async function withStored(target: ObjectStore, report: TransferReport): Promise<TransferReport> {
  try {
    return { ...report, storedAs: await saveTransferReport(target, report) }
  } catch (error) {
    if (LakeError.is(error)) return { ...report, notStored: error.message }
    throw error
  }
}

async function moveAll(
  options: TransferOptions,
  context: TransferContext,
  builder: ReportBuilder,
  fallbacks: { count: number },
): Promise<void> {
  const { files, mode, batchFiles = 1000, failureLimit = 10, onMoved, signal } = options
  const { sourceEnd: source, targetEnd: target, s5cmd } = context
  const capped = options.bytesPerSecond !== undefined
  for (let start = 0; start < files.length; start += batchFiles) {
    signal?.throwIfAborted()
    const batch = files.slice(start, start + batchFiles)
    const decisions = chooseMode({ files: batch, source, target, s5cmd: s5cmd !== undefined, mode, capped })
    for await (const results of moveBatch(context, batch, decisions)) {
      for (const result of results) {
        if (result.isFallback) fallbacks.count++
        report(builder, result)
        const { moved, error } = result
        if (moved !== undefined) onMoved?.(moved)
        else if (endsTheRun(error) || builder.failed > failureLimit) throw error
      }
    }
  }
}

function report(builder: ReportBuilder, { file, decision, moved, error }: BatchResult): void {
  const { key } = file
  const { mode, reason } = decision
  if (moved === undefined) {
    const { code, message } = error
    builder.add({ key, mode, reason, state: 'failed', error: { code, message } }, 0, 0)
    return
  }
  const marks = {
    ...(moved.skipped ? { skipped: true as const } : {}),
    ...(moved.restated ? { restated: true as const } : {}),
  }
  const objects = sha256KeyOf(file) === undefined ? 1 : 2
  builder.add({ key, mode, reason, state: moved.state, ...marks }, moved.size, objects)
}

/** What the next file would meet too. */
function endsTheRun(error: LakeError): boolean {
  const { reason, region } = error.details
  if (reason === 'NoSuchBucket' || region !== undefined) return true
  return ['NO_PERMISSION', 'NO_SPACE', 'READ_ONLY', 'STORE_FAILED'].includes(error.code)
}

type Settled = TransferOptions & Required<Pick<TransferOptions, 'runner' | 'environment'>>

function contextOf(options: Settled, s5cmd: S5cmd | undefined): TransferContext {
  const { source, target, credentials, bytesPerSecond } = options
  const tally = emptyTally()
  const counted = talliedStore(source, tally)
  return {
    source: bytesPerSecond === undefined ? counted : throttledStore(counted, bytesPerSecond),
    target: talliedStore(target, tally),
    sourceEnd: endOf(source, credentials),
    targetEnd: endOf(target, credentials),
    s5cmd,
    runner: options.runner ?? processRunner(),
    environment: options.environment ?? {},
    targetKey: options.targetKey ?? defaultTargetKey,
    known: options.known ?? (() => undefined),
    listed: options.listed ?? (() => undefined),
    concurrency: options.concurrency,
    attempts: options.attempts ?? 4,
    pauseMillis: options.pauseMillis ?? 500,
    stallMillis: options.stallMillis ?? patienceFor(options.files),
    stagingFolder: options.stagingFolder,
    tally,
    learnt: { computesNoDigest: false },
    onProgress: options.onProgress,
    signal: options.signal,
  }
}

/** No server copies less than 4 MB a second, and s5cmd says nothing of a file before it is done. */
function patienceFor(files: readonly ArchiveFile[]): number {
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  return Math.min(60_000 + Math.ceil(bytes / 4000), 300_000)
}

function checkNumbers(options: TransferOptions): void {
  for (const name of ['concurrency', 'batchFiles', 'attempts', 'stallMillis'] as const) {
    const value = options[name]
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue
    throw new LakeError('BAD_REQUEST', `${name} is a positive integer, ${value} is not.`, { details: { name, value } })
  }
}
