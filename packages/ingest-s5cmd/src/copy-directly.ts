import { LakeError, type ObjectInfo } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import { copyPairs } from './copy-pairs.ts'
import { findPatterns, listAhead, type WantedCopy } from './copy-patterns.ts'
import { compareEtags, heldFiles } from './held-files.ts'
import { readPublishedChecksum, sha256KeyOf } from './published-checksum.ts'
import type { CopyPair } from './s5cmd-line.ts'
import { type MissingFile, sortByNeed } from './sort-by-need.ts'
import { storedDigests } from './stored-digests.ts'
import type { BatchOutcome, MovedFile, TransferContext } from './transfer-context.ts'
import { type S3End, s3Url, serverOf } from './transfer-end.ts'

export interface S3Ends {
  readonly source: S3End
  readonly target: S3End
}

/**
 * Copies files within an S3 server, with their CHECKSUM files, by one run of s5cmd: no payload passes through this
 * machine. What the target holds already is not copied again. Of many files that are all of a folder, s5cmd is told in one line.
 *
 * Afterwards a listing of the target is compared with the plan: size, and etag where the two can be compared. What
 * s5cmd did not copy, or what is not what was planned, is left to the checked way.
 *
 * @throws {@link LakeError} as the stores do. Aborts throw `signal.reason`.
 */
export async function copyDirectly(
  context: TransferContext,
  ends: S3Ends,
  files: readonly ArchiveFile[],
): Promise<BatchOutcome> {
  const { source, target } = ends
  // Where the inventory knows none of the files, they are hardly there: s5cmd starts while both ends are listed.
  const isLikelyNew = !files.some((file) => context.known(file) !== undefined)
  const sorting = sortByNeed(context, files)
  const { listed, signal } = context
  const ahead = isLikelyNew
    ? listAhead({ source: context.source, ends, keys: keysOf(files), listed, signal })
    : undefined
  const pairing = sorting.then(({ missing, isAlone }) => {
    const jobs = missing.map((need) => jobOf(need, ends))
    return { jobs, isAlone, copies: jobs.flatMap(({ payload, checksum }) => [payload, checksum]).filter(isCopy) }
  })
  const pairs = pairing.then(({ copies }) => copies.map(({ pair }) => pair))
  const patterns = pairing.then(async ({ copies, isAlone }) =>
    // Of what is in the target nothing may be written over, also not by what has come to the source since it was listed.
    findPatterns({ source: context.source, ends, copies, listed: isAlone ? listed : () => undefined, ahead, signal }),
  )
  // Failures of these are met below, also when something else fails before.
  for (const step of [sorting, pairs, patterns]) step.catch(() => undefined)
  const failures = await copyPairs({
    context,
    requestsEach: 1,
    pairs: isLikelyNew ? pairs : await pairs,
    patterns,
    // Two addresses of AWS are one server, and s5cmd takes one address: its own.
    endpoint:
      source.endpoint === target.endpoint || serverOf(target.endpoint) !== undefined ? target.endpoint : undefined,
    sourceRegion: source.region,
    targetRegion: target.region,
    requesterPays: source.requesterPays,
    credentials: await target.credentials?.(),
  })
  const { moved, left } = await sorting
  const { jobs } = await pairing
  if (jobs.length === 0) return { moved, left }
  const keys = jobs.map(({ key }) => key)
  const held = await heldFiles(context.target, keys, signal)
  const copied: Copied[] = []
  for (const { file, key, held: before, payload, checksum } of jobs) {
    const error = failureOf(failures, payload) ?? checksumFailure(failures, checksum)
    const info = held.get(key)
    const doubt = error === undefined ? await whyDoubtful(context, file, info) : error.message
    if (info === undefined || doubt !== undefined) {
      left.push({ file, failed: true, reason: `The direct copy failed: ${doubt ?? 'it is not there.'}` })
    } else if (before !== undefined) {
      moved.push(before)
    } else {
      context.onProgress?.({ key: file.key, bytes: file.size, size: file.size })
      copied.push({ file, info })
    }
  }
  await compareDigests(context, target, copied, { moved, left })
  return { moved, left }
}

function keysOf(files: readonly ArchiveFile[]): string[] {
  return files.flatMap((file) => [file.key, sha256KeyOf(file) ?? []].flat())
}

interface Copied {
  readonly file: ArchiveFile
  readonly info: ObjectInfo
}

interface Job extends MissingFile {
  readonly payload: WantedCopy | undefined
  readonly checksum: WantedCopy | undefined
}

function jobOf(need: MissingFile, { source, target }: S3Ends): Job {
  const { file, key, held } = need
  const checksumKey = sha256KeyOf(file)
  const copyOf = (fromKey: string, toKey: string): WantedCopy => ({
    ...{ fromKey, toKey },
    pair: { from: s3Url(source, fromKey), to: s3Url(target, toKey) },
  })
  return {
    ...need,
    payload: held === undefined ? copyOf(file.key, key) : undefined,
    checksum: checksumKey === undefined ? undefined : copyOf(checksumKey, `${key}.CHECKSUM`),
  }
}

function isCopy(copy: WantedCopy | undefined): copy is WantedCopy {
  return copy !== undefined
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

async function whyDoubtful(
  { source, signal }: TransferContext,
  file: ArchiveFile,
  info: ObjectInfo | undefined,
): Promise<string | undefined> {
  if (info === undefined) return 's5cmd reported a copy that is not there.'
  if (info.size !== file.size) return `the copy has ${info.size} bytes, the plan says ${file.size}.`
  if (compareEtags(info.etag, file.etag) !== 'different') return undefined
  // A bucket that encrypts with a key of its own has other etags for the same bytes; then the source is unchanged.
  const now = await source.head(file.key, { signal })
  return now?.etag === file.etag ? undefined : 'the source was replaced after the plan was made.'
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
  const keys = published.map(({ info }) => info.key)
  const digests = await storedDigests(end, keys, context)
  const digestOf = new Map(keys.map((key, index) => [key, digests[index]]))
  for (const { file, info } of copied) {
    const { key, size, etag } = info
    const sha256 = digestOf.get(key)
    const named = { ...file, checksumKey: `${key}.CHECKSUM` }
    const expected = sha256 === undefined ? undefined : await readPublishedChecksum(target, named, signal)
    if (expected !== undefined && expected.sha256 !== sha256) {
      // These bytes came just now, by this process, and nobody may take them for the archive's.
      await target.delete(key, { signal })
      left.push({ file, failed: true, reason: 'The sha256 that the target computed is not the published one.' })
      continue
    }
    const state: MovedFile['state'] = expected === undefined ? 'unverified' : 'verified'
    moved.push({ file, key, size, etag, sha256, state, skipped: false, restated: false })
  }
}
