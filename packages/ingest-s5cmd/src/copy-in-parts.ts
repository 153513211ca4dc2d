import { LakeError } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import type { S3Ends } from './copy-directly.ts'
import { holdLanded } from './hold-landed.ts'
import { readPublishedChecksum } from './published-checksum.ts'
import { retrying } from './retrying.ts'
import { type MissingFile, sortByNeed } from './sort-by-need.ts'
import type { BatchOutcome, MovedFile, TransferContext } from './transfer-context.ts'

/**
 * Copies files within an S3 server that are too large for one request, part by part, one file after the other: no
 * payload passes through this machine. A copy of which a part fails leaves nothing. What fails is left to the checked way.
 *
 * @throws {@link LakeError} as the stores do. Aborts throw `signal.reason`.
 */
export async function copyInParts(
  context: TransferContext,
  ends: S3Ends,
  files: readonly ArchiveFile[],
): Promise<BatchOutcome> {
  const { moved, left, missing } = await sortByNeed(context, files)
  for (const need of missing) {
    try {
      moved.push(await copyOne(context, ends, need))
    } catch (error) {
      if (!LakeError.is(error) || error.code === 'NO_SPACE') throw error
      left.push({ file: need.file, failed: true, reason: `The direct copy failed: ${error.message}` })
    }
  }
  return { moved, left }
}

async function copyOne(
  context: TransferContext,
  { source, target }: S3Ends,
  { file, key, held }: MissingFile,
): Promise<MovedFile> {
  const { attempts, pauseMillis, tally, onProgress, signal } = context
  const { copyFrom } = target
  if (copyFrom === undefined) throw new LakeError('UNSUPPORTED', 'The target cannot copy in parts.')
  const { bucket, requesterPays } = source
  const from = { bucket, key: source.prefix + file.key, size: file.size, etag: file.etag, requesterPays }
  const onRetry = (): void => {
    tally.retries++
  }
  const copy = async (): Promise<MovedFile> => {
    // A look at what is there, the begin, the parts and the end.
    tally.requests += 3 + Math.ceil(file.size / (target.largestCopyBytes ?? file.size))
    const { size, etag } = await copyFrom(from, key, { signal })
    await holdLanded(context.target, { key, etag }, signal)
    await holdUnchanged(context, file, key)
    onProgress?.({ key: file.key, bytes: file.size, size: file.size })
    return { file, key, size, etag, state: 'unverified', skipped: false, restated: false }
  }
  const moved = held ?? (await retrying({ attempts, pauseMillis, signal, onRetry }, copy))
  const published = await readPublishedChecksum(context.source, file, signal)
  if (published !== undefined) await context.target.put(`${key}.CHECKSUM`, published.bytes, { signal })
  return moved
}

/** Not every server heeds the condition of a copy: the parts of a file that was replaced meanwhile are of two files. */
async function holdUnchanged(
  { source, target, signal }: TransferContext,
  file: ArchiveFile,
  key: string,
): Promise<void> {
  const now = await source.head(file.key, { signal })
  if (now !== undefined && now.size === file.size && (file.etag === '' || now.etag === file.etag)) return
  // These bytes came just now, by this process.
  await target.delete(key, { signal })
  const message = `${file.key} was replaced at the source after the plan was made. Nothing was kept of the copy.`
  throw new LakeError('NOT_FOUND', message, { details: { key: file.key, expected: file.etag } })
}
