import type { ArchiveFile } from './archive-file.ts'
import { compareCopies, type DirectCopy } from './compare-copies.ts'
import { copyPairs } from './copy-pairs.ts'
import { findPatterns, listAhead, type WantedCopy } from './copy-patterns.ts'
import { heldFiles } from './held-files.ts'
import { sha256KeyOf } from './published-checksum.ts'
import { type MissingFile, sortByNeed } from './sort-by-need.ts'
import type { BatchOutcome, TransferContext } from './transfer-context.ts'
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
  const compared = await compareCopies(context, target, { copies: jobs, failures, held })
  return { moved: [...moved, ...compared.moved], left: [...left, ...compared.left] }
}

function keysOf(files: readonly ArchiveFile[]): string[] {
  return files.flatMap((file) => [file.key, sha256KeyOf(file) ?? []].flat())
}

function jobOf(need: MissingFile, { source, target }: S3Ends): DirectCopy {
  const { file, key, held } = need
  const checksumKey = sha256KeyOf(file)
  const copyOf = (fromKey: string, toKey: string): WantedCopy => ({
    fromKey,
    toKey,
    pair: { from: s3Url(source, fromKey), to: s3Url(target, toKey) },
  })
  return {
    file,
    key,
    held,
    payload: held === undefined ? copyOf(file.key, key) : undefined,
    checksum: checksumKey === undefined ? undefined : copyOf(checksumKey, `${key}.CHECKSUM`),
  }
}

function isCopy(copy: WantedCopy | undefined): copy is WantedCopy {
  return copy !== undefined
}
