import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LakeError } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import { copyPairs } from './copy-pairs.ts'
import { heldFiles } from './held-files.ts'
import { parseChecksum } from './parse-checksum.ts'
import { sha256KeyOf } from './published-checksum.ts'
import type { CopyPair } from './s5cmd-line.ts'
import { withSoleCopier } from './sole-copier.ts'
import { type MissingFile, sortByNeed } from './sort-by-need.ts'
import { withStagingFolder } from './staging-folder.ts'
import type { BatchOutcome, TransferContext } from './transfer-context.ts'
import { type S3End, s3Url, type TransferEnd } from './transfer-end.ts'
import { digestOf } from './verified-stream.ts'

/** So much of a batch lies on the disk of this machine at once. */
const STAGED_BYTES = 1024 ** 3

/**
 * Downloads files by s5cmd into a folder of this machine, compares each with its CHECKSUM, and uploads those that
 * agree: by s5cmd to a bucket, by a put to any other target. The folder is empty again afterwards, whatever happens.
 * What fails is left to the checked way.
 *
 * @throws {@link LakeError} as the target does; `NO_SPACE` when the folder's disk is full. Aborts throw `signal.reason`.
 */
export async function copyThroughDisk(
  context: TransferContext,
  ends: { readonly source: S3End; readonly target: TransferEnd },
  files: readonly ArchiveFile[],
): Promise<BatchOutcome> {
  const { moved, left, missing } = await sortByNeed(context, files)
  const absent = missing.filter(({ held }) => held === undefined)
  for (const { file, held } of missing) {
    if (held !== undefined) left.push({ file, failed: false, reason: 'Its CHECKSUM is missing in the target.' })
  }
  for (const group of groupsBySize(absent)) {
    await withStagingFolder(context.stagingFolder, async (folder) => {
      const staged = await download(context, ends.source, group, folder, left)
      const landed =
        ends.target.kind === 's3'
          ? await uploadAlone(context, ends.target, staged, left)
          : await putEach(context, staged, left)
      moved.push(...landed)
    })
  }
  return { moved, left }
}

interface Staged extends MissingFile {
  readonly path: string
  readonly checksumPath: string | undefined
  readonly sha256: string
}

type Left = BatchOutcome['left']
type Moved = BatchOutcome['moved']

function groupsBySize(missing: readonly MissingFile[]): MissingFile[][] {
  const groups: MissingFile[][] = []
  let bytes = Infinity
  for (const need of missing) {
    if (bytes + need.file.size > STAGED_BYTES) {
      groups.push([])
      bytes = 0
    }
    bytes += need.file.size
    groups.at(-1)?.push(need)
  }
  return groups
}

async function download(
  context: TransferContext,
  source: S3End,
  group: readonly MissingFile[],
  folder: string,
  left: Left,
): Promise<Staged[]> {
  // Names of our own: a key of the source never becomes a path.
  const jobs = group.map((need, index) => {
    const checksumKey = sha256KeyOf(need.file)
    const place = (key: string, name: string): CopyPair => ({ from: s3Url(source, key), to: join(folder, name) })
    const checksum = checksumKey === undefined ? undefined : place(checksumKey, `${index}.CHECKSUM`)
    return { need, payload: place(need.file.key, `${index}`), checksum }
  })
  const failures = await copyPairs({
    context,
    requestsEach: 2,
    pairs: jobs.flatMap(({ payload, checksum }) => (checksum === undefined ? [payload] : [payload, checksum])),
    endpoint: source.endpoint,
    sourceRegion: source.region,
    anonymous: source.signedBy === 'nobody',
    requesterPays: source.requesterPays,
    credentials: await source.credentials?.(),
  })
  for (const [pair, error] of failures) {
    if (error.code === 'NO_SPACE') throw stagingFull(folder, pair, error)
  }
  const staged: Staged[] = []
  for (const { need, payload, checksum } of jobs) {
    const { file } = need
    const missesChecksum = checksum !== undefined && failures.get(checksum)?.code === 'NOT_FOUND'
    const error =
      failures.get(payload) ?? (missesChecksum || checksum === undefined ? undefined : failures.get(checksum))
    if (error !== undefined) {
      left.push({ file, failed: true, reason: `s5cmd failed: ${error.message}` })
      continue
    }
    const checksumPath = missesChecksum ? undefined : checksum?.to
    const size = await sizeOf(payload.to)
    if (size === undefined) {
      left.push({ file, failed: true, reason: 's5cmd reported a download that is not there.' })
      continue
    }
    context.tally.bytesThroughClient += size
    context.tally.localBytes += size
    context.onProgress?.({ key: file.key, bytes: size, size: file.size })
    const sha256 = await digestOf(createReadStream(payload.to))
    const doubt = size === file.size ? await whyDoubtful(file, sha256, checksumPath) : `it came with ${size} bytes`
    if (doubt === undefined) staged.push({ ...need, path: payload.to, checksumPath, sha256 })
    else left.push({ file, failed: true, reason: `What s5cmd brought is not what is published: ${doubt}.` })
  }
  return staged
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch {
    return undefined
  }
}

function stagingFull(folder: string, { from }: CopyPair, cause: LakeError): LakeError {
  const message =
    `There is no room left for ${from} in ${folder}, where files lie on their way. What has landed stays, and the same goes on from ` +
    'there: make room on that disk, or name a folder on another one (TMPDIR).'
  return new LakeError('NO_SPACE', message, { cause, details: { ...cause.details, folder } })
}

async function whyDoubtful(file: ArchiveFile, sha256: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  if ((await sizeOf(path)) === undefined) return 'its CHECKSUM is not there'
  try {
    const name = file.key.slice(file.key.lastIndexOf('/') + 1)
    const published = parseChecksum(await readFile(path, 'utf8'), name)
    return published === sha256 ? undefined : `its sha256 is ${sha256}, the CHECKSUM says ${published}`
  } catch (error) {
    if (LakeError.is(error)) return error.message
    throw error
  }
}

/** The downloads took a while: what others have brought meanwhile is not written over. */
async function uploadAlone(
  context: TransferContext,
  target: S3End,
  staged: readonly Staged[],
  left: Left,
): Promise<Moved> {
  if (staged.length === 0) return []
  const work = async (signal: AbortSignal): Promise<Moved> => {
    const keys = staged.map(({ key }) => key)
    const held = await heldFiles(context.target, keys, signal)
    const wanted = staged.filter(({ file, key }) => {
      if (!held.has(key)) return true
      left.push({ file, failed: false, reason: TAKEN })
      return false
    })
    return upload({ ...context, signal }, target, wanted, left)
  }
  return withSoleCopier(context.target, work, context.signal)
}

const TAKEN = 'Another process took it in the meantime.'

async function upload(context: TransferContext, target: S3End, staged: readonly Staged[], left: Left): Promise<Moved> {
  const jobs = staged.map((entry) => ({
    entry,
    payload: { from: entry.path, to: s3Url(target, entry.key) },
    checksum:
      entry.checksumPath === undefined
        ? undefined
        : { from: entry.checksumPath, to: s3Url(target, `${entry.key}.CHECKSUM`) },
  }))
  const pairs: CopyPair[] = jobs.flatMap(({ payload, checksum }) =>
    checksum === undefined ? [payload] : [payload, checksum],
  )
  const place = { endpoint: target.endpoint, targetRegion: target.region, credentials: await target.credentials?.() }
  const failures = await copyPairs({ context, requestsEach: 1, pairs, ...place })
  const keys = staged.map(({ key }) => key)
  const held = await heldFiles(context.target, keys, context.signal)
  const moved: Moved = []
  for (const { entry, payload, checksum } of jobs) {
    const { file, key, sha256 } = entry
    const error = failures.get(payload) ?? (checksum === undefined ? undefined : failures.get(checksum))
    const info = held.get(key)
    if (error !== undefined || info?.size !== file.size) {
      left.push({ file, failed: true, reason: `s5cmd failed: ${error?.message ?? 'the upload is not there.'}` })
    } else {
      moved.push({ file, key, size: info.size, etag: info.etag, sha256, state: stateOf(entry), ...FRESH })
    }
  }
  return moved
}

async function putEach({ target, signal }: TransferContext, staged: readonly Staged[], left: Left): Promise<Moved> {
  const moved: Moved = []
  for (const entry of staged) {
    const { file, key, sha256 } = entry
    try {
      const info = await target.put(key, createReadStream(entry.path), { ifAbsent: true, signal })
      if (entry.checksumPath !== undefined) {
        await target.put(`${key}.CHECKSUM`, await readFile(entry.checksumPath), { signal })
      }
      moved.push({ file, key, size: info.size, etag: info.etag, sha256, state: stateOf(entry), ...FRESH })
    } catch (error) {
      if (!LakeError.is(error) || error.code !== 'CONFLICT') throw error
      left.push({ file, failed: true, reason: TAKEN })
    }
  }
  return moved
}

const FRESH = { skipped: false, restated: false } as const

function stateOf({ checksumPath }: Staged): 'verified' | 'unverified' {
  return checksumPath === undefined ? 'unverified' : 'verified'
}
