import { LakeError } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import type { ModeDecision } from './choose-mode.ts'
import { copyAlone } from './copy-alone.ts'
import { copyInParts } from './copy-in-parts.ts'
import { copyThroughDisk } from './copy-through-disk.ts'
import { mapInOrder } from './map-in-order.ts'
import { type BatchOutcome, checkInside, type MovedFile, type TransferContext } from './transfer-context.ts'
import { transferFile } from './transfer-file.ts'
import { inSpan } from './transfer-telemetry.ts'

/** What became of one file of a batch. */
export type BatchResult = {
  readonly file: ArchiveFile
  /** How it was moved in the end, and why. */
  readonly decision: ModeDecision
  /** Another way was tried before, and failed. */
  readonly isFallback: boolean
} & (
  { readonly moved: MovedFile; readonly error?: undefined } | { readonly moved?: undefined; readonly error: LakeError }
)

/**
 * Moves the files of a batch, each as was decided for it, and tells of those that are done by then. What a run of s5cmd does not manage is then streamed
 * through this process, file by file, with all checks: a failing batch costs only its failed files.
 *
 * @throws {@link LakeError} as {@link copyAlone} and {@link copyThroughDisk} do. Aborts throw `signal.reason`.
 */
export async function* moveBatch(
  context: TransferContext,
  files: readonly ArchiveFile[],
  decisions: readonly ModeDecision[],
): AsyncGenerator<readonly BatchResult[], void, undefined> {
  const { sourceEnd: source, targetEnd: target } = context
  const checked: Checked[] = []
  for (const [decision, group] of byWay(files, decisions)) {
    const { mode, via } = decision
    if (via === 'stream' || source.kind !== 's3') {
      checked.push(...group.map((file) => ({ file, decision, isFallback: false })))
      continue
    }
    const work = async (): Promise<BatchOutcome> => {
      if (via === 'parts' && target.kind === 's3') return copyInParts(context, { source, target }, group)
      if (mode === 'direct' && target.kind === 's3') return copyAlone(context, { source, target }, group)
      return copyThroughDisk(context, { source, target }, group)
    }
    const attributes = { 'lake.transfer.mode': mode, 'lake.transfer.files': group.length }
    const { moved, left } = await inSpan('lake.transfer.batch', attributes, work)
    yield moved.map((file) => ({ file: file.file, decision, moved: file, isFallback: false }))
    for (const { file, reason, failed } of left) {
      checked.push({ file, decision: { mode: 'traditional', via: 'stream', reason }, isFallback: failed })
    }
  }
  for await (const result of moveChecked(context, checked)) yield [result]
}

interface Checked {
  readonly file: ArchiveFile
  readonly decision: ModeDecision
  readonly isFallback: boolean
}

/** Decisions are shared between files: one group for each. */
function byWay(files: readonly ArchiveFile[], decisions: readonly ModeDecision[]): Map<ModeDecision, ArchiveFile[]> {
  const groups = new Map<ModeDecision, ArchiveFile[]>()
  for (const [index, file] of files.entries()) {
    const decision = decisions[index]
    if (decision === undefined) continue
    const group = groups.get(decision)
    if (group === undefined) groups.set(decision, [file])
    else group.push(file)
  }
  return groups
}

async function* moveChecked(
  context: TransferContext,
  files: readonly Checked[],
): AsyncGenerator<BatchResult, void, undefined> {
  const { concurrency = STREAMS, signal } = context
  yield* mapInOrder(files, {
    concurrency,
    signal,
    work: async (entry, aborted): Promise<BatchResult> => {
      try {
        return { ...entry, moved: await moveOne(context, entry.file, aborted) }
      } catch (error) {
        if (LakeError.is(error)) return { ...entry, error }
        throw error
      }
    },
  })
}

const STREAMS = 8

async function moveOne(context: TransferContext, file: ArchiveFile, signal: AbortSignal): Promise<MovedFile> {
  const { source, target, known, attempts, pauseMillis, onProgress, tally } = context
  const targetKey = context.targetKey(file)
  checkInside(file.key)
  checkInside(targetKey)
  const { key, size, etag, sha256, verified, skipped, restated, bytesReceived, retries } = await transferFile({
    ...{ file, source, target, attempts, pauseMillis, onProgress, signal },
    targetKey,
    known: known(file),
  })
  tally.bytesThroughClient += bytesReceived
  tally.retries += retries
  return { file, key, size, etag, sha256, state: verified ? 'verified' : 'unverified', skipped, restated }
}
