import type { LakeError, ObjectInfo } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import type { WantedCopy } from './copy-patterns.ts'
import { compareEtags } from './held-files.ts'
import { readPublishedChecksum, sha256KeyOf } from './published-checksum.ts'
import type { CopyPair } from './s5cmd-line.ts'
import type { MissingFile } from './sort-by-need.ts'
import { storedDigests } from './stored-digests.ts'
import type { BatchOutcome, MovedFile, TransferContext } from './transfer-context.ts'
import type { S3End } from './transfer-end.ts'

/** A file that was to be copied within the server, and what was asked of it for that. */
export interface DirectCopy extends MissingFile {
  readonly payload: WantedCopy | undefined
  readonly checksum: WantedCopy | undefined
}

export interface CopiesToCompare {
  readonly copies: readonly DirectCopy[]
  readonly failures: ReadonlyMap<CopyPair, LakeError>
  /** What a listing of the target shows after the copies. */
  readonly held: ReadonlyMap<string, ObjectInfo>
}

/**
 * Compares copies with the plan: size, etag where the two can be compared, and the sha256 where the target computes one. What is
 * not as it was planned is left to the checked way.
 *
 * Nothing is waited for file by file unless something is to be asked about it: a thousand files come to some milliseconds.
 *
 * @throws {@link LakeError} as the stores do. Aborts throw `signal.reason`.
 */
export async function compareCopies(
  context: TransferContext,
  target: S3End,
  { copies, failures, held }: CopiesToCompare,
): Promise<BatchOutcome> {
  const outcome: BatchOutcome = { moved: [], left: [] }
  const compared = copies.map((copy) => compareCopy(copy, held.get(copy.key), failures))
  for (const entry of compared.filter(({ hasOtherEtag }) => hasOtherEtag)) {
    entry.doubt = await whyOther(context, entry.copy.file)
  }
  await compareDigests(context, target, settle(context, compared, outcome), outcome)
  return outcome
}

interface Compared {
  readonly copy: DirectCopy
  readonly info: ObjectInfo | undefined
  readonly hasOtherEtag: boolean
  doubt: string | undefined
}

function compareCopy(
  copy: DirectCopy,
  info: ObjectInfo | undefined,
  failures: ReadonlyMap<CopyPair, LakeError>,
): Compared {
  const { file, payload, checksum } = copy
  const error = failureOf(failures, payload) ?? checksumFailure(failures, checksum)
  const doubt = error === undefined ? whyDoubtful(file, info) : error.message
  const hasOtherEtag = doubt === undefined && compareEtags(info?.etag ?? '', file.etag) === 'different'
  return { copy, info, hasOtherEtag, doubt }
}

function failureOf(failures: ReadonlyMap<CopyPair, LakeError>, copy: WantedCopy | undefined): LakeError | undefined {
  return copy === undefined ? undefined : failures.get(copy.pair)
}

/** An archive that was not listed may lack a CHECKSUM that it was believed to have. */
function checksumFailure(
  failures: ReadonlyMap<CopyPair, LakeError>,
  copy: WantedCopy | undefined,
): LakeError | undefined {
  const error = failureOf(failures, copy)
  return error?.code === 'NOT_FOUND' ? undefined : error
}

function whyDoubtful(file: ArchiveFile, info: ObjectInfo | undefined): string | undefined {
  if (info === undefined) return 's5cmd reported a copy that is not there.'
  return info.size === file.size ? undefined : `the copy has ${info.size} bytes, the plan says ${file.size}.`
}

/** A bucket that encrypts with a key of its own has other etags for the same bytes; then the source is unchanged. */
async function whyOther({ source, signal }: TransferContext, file: ArchiveFile): Promise<string | undefined> {
  const now = await source.head(file.key, { signal })
  return now?.etag === file.etag ? undefined : 'the source was replaced after the plan was made.'
}

interface Copied {
  readonly file: ArchiveFile
  readonly info: ObjectInfo
}

/** Gives the files whose bytes came just now and are, as far as that can be seen, those of the plan. */
function settle(
  { onProgress }: TransferContext,
  compared: readonly Compared[],
  { moved, left }: BatchOutcome,
): Copied[] {
  const copied: Copied[] = []
  for (const { copy, info, doubt } of compared) {
    const { file, held } = copy
    if (info === undefined || doubt !== undefined) {
      left.push({ file, failed: true, reason: `The direct copy failed: ${doubt ?? 'it is not there.'}` })
    } else if (held !== undefined) {
      moved.push(held)
    } else {
      onProgress?.({ key: file.key, bytes: file.size, size: file.size })
      copied.push({ file, info })
    }
  }
  return copied
}

/** Where the target computes a sha256 itself, it is compared with the CHECKSUM; otherwise the first reader does that. */
async function compareDigests(
  context: TransferContext,
  end: S3End,
  copied: readonly Copied[],
  { moved, left }: BatchOutcome,
): Promise<void> {
  const { target, signal } = context
  const published = copied.filter(({ file }) => sha256KeyOf(file) !== undefined)
  const digests = await storedDigests(
    end,
    published.map(({ info }) => info.key),
    context,
  )
  for (const entry of copied.filter(({ info }) => !digests.has(info.key))) moved.push(unverified(entry))
  if (digests.size === 0) return
  for (const { file, info } of published) {
    const { key, size, etag } = info
    const sha256 = digests.get(key)
    if (sha256 === undefined) continue
    const expected = await readPublishedChecksum(target, { ...file, checksumKey: `${key}.CHECKSUM` }, signal)
    if (expected === undefined) {
      moved.push({ ...unverified({ file, info }), sha256 })
    } else if (expected.sha256 === sha256) {
      moved.push({ file, key, size, etag, sha256, state: 'verified', skipped: false, restated: false })
    } else {
      // These bytes came just now, by this process, and nobody may take them for the archive's.
      await target.delete(key, { signal })
      left.push({ file, failed: true, reason: 'The sha256 that the target computed is not the published one.' })
    }
  }
}

function unverified({ file, info: { key, size, etag } }: Copied): MovedFile {
  return { file, key, size, etag, sha256: undefined, state: 'unverified', skipped: false, restated: false }
}
