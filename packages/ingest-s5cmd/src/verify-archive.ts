import { LakeError, type ObjectStore } from '@lake/core'
import { mapInOrder } from './map-in-order.ts'
import { readPublishedChecksum } from './published-checksum.ts'
import { quarantineFile } from './quarantine-file.ts'
import { originalKey } from './restated-key.ts'
import { transferFile } from './transfer-file.ts'
import { digestOf } from './verified-stream.ts'

/** A file of bronze that is to be checked. */
export interface HeldFile {
  /** Where it lies in the target. */
  readonly key: string
  /** What an inventory has; absent, the CHECKSUM beside it counts. */
  readonly sha256?: string | undefined
}

export interface VerifyArchiveOptions {
  readonly target: ObjectStore
  /** Everything below `bronze/<exchange>/archive/` when absent. */
  readonly files?: Iterable<HeldFile> | AsyncIterable<HeldFile> | undefined
  /** Where a damaged file is fetched from once more. Absent, it is only put aside. */
  readonly source?: ObjectStore | undefined
  /** Files at once. Default 8. */
  readonly concurrency?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a check of one file found. */
export interface Verification {
  readonly key: string
  /**
   * | state | meaning |
   * |---|---|
   * | `verified` | its sha256 is the one that is expected |
   * | `unverified` | nothing is known to compare it with |
   * | `missing` | it was asked for, and is not there |
   * | `repaired` | it was damaged: the damaged bytes lie in quarantine, fresh ones in their place |
   * | `quarantined` | it was damaged: its bytes lie in quarantine, and there are no better ones |
   */
  readonly state: 'verified' | 'unverified' | 'missing' | 'repaired' | 'quarantined'
  readonly size: number
  /** Of the bytes that were read; empty when there were none. */
  readonly sha256: string
  readonly expected?: string | undefined
  readonly quarantineKey?: string | undefined
  /** Why it could not be compared or repaired. */
  readonly error?: { readonly code: string; readonly message: string } | undefined
}

const BRONZE = 'bronze/'
const CHECKSUM = '.CHECKSUM'
const CHUNK = 1000

/**
 * Reads every byte of the archive files in a lake again, and tells what it found of each, in their order. A file that
 * is not what it should be is moved to `_lake/quarantine/`, and fetched from the source once more. Memory holds a few
 * chunks of bytes and a thousand names.
 *
 * @throws {@link LakeError} as the target does; what is wrong with a file is told, not thrown. Aborts throw
 *   `signal.reason`.
 *
 * @example
 * for await (const { key, state } of verifyArchive({ target })) if (state !== 'verified') console.log(state, key)
 */
export async function* verifyArchive(options: VerifyArchiveOptions): AsyncGenerator<Verification, void, undefined> {
  const { target, concurrency = 8, signal } = options
  const files = options.files ?? bronzeFiles(target, signal)
  for await (const chunk of chunksOf(files)) {
    yield* mapInOrder(chunk, { concurrency, signal, work: (file, aborted) => verifyOne(options, file, aborted) })
  }
}

async function* bronzeFiles(target: ObjectStore, signal: AbortSignal | undefined): AsyncGenerator<HeldFile> {
  for await (const { key } of target.list({ prefix: BRONZE, signal })) {
    if (/^bronze\/[^/]+\/archive\//.test(key) && !key.endsWith(CHECKSUM)) yield { key }
  }
}

async function* chunksOf(files: Iterable<HeldFile> | AsyncIterable<HeldFile>): AsyncGenerator<HeldFile[]> {
  let chunk: HeldFile[] = []
  for await (const file of files) {
    chunk.push(file)
    if (chunk.length < CHUNK) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

async function verifyOne(
  { target, source }: VerifyArchiveOptions,
  file: HeldFile,
  signal: AbortSignal,
): Promise<Verification> {
  const { key } = file
  const held = await contentOf(target, key, signal)
  if (held === undefined) return { key, state: 'missing', size: 0, sha256: '', expected: file.sha256 }
  const { size, sha256 } = held
  let expected: string | undefined
  try {
    expected = file.sha256 ?? (await publishedBeside(target, key, signal))
  } catch (error) {
    return { key, state: 'unverified', size, sha256, error: factsOf(error) }
  }
  if (expected === undefined) return { key, state: 'unverified', size, sha256 }
  if (expected === sha256) return { key, state: 'verified', size, sha256, expected }
  const quarantineKey = await quarantineFile(target, held, signal)
  const found = { key, size, sha256, expected, quarantineKey }
  if (source === undefined) return { ...found, state: 'quarantined' }
  try {
    const isBack = await fetchAgain({ source, target, key, signal })
    return { ...found, state: isBack ? 'repaired' : 'quarantined' }
  } catch (error) {
    return { ...found, state: 'quarantined', error: factsOf(error) }
  }
}

async function contentOf(
  target: ObjectStore,
  key: string,
  signal: AbortSignal,
): Promise<
  { readonly key: string; readonly size: number; readonly etag: string; readonly sha256: string } | undefined
> {
  try {
    const { info, body } = await target.get(key, { signal })
    return { key, size: info.size, etag: info.etag, sha256: await digestOf(body) }
  } catch (error) {
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return undefined
    throw error
  }
}

async function publishedBeside(target: ObjectStore, key: string, signal: AbortSignal): Promise<string | undefined> {
  // The CHECKSUM of a later version names the file as the archive does.
  const named = { key: originalKey(key), checksumKey: `${key}${CHECKSUM}` }
  return (await readPublishedChecksum(target, named, signal))?.sha256
}

/** False when the source has another version by now, which then lies beside the place of this one. */
async function fetchAgain(options: {
  readonly source: ObjectStore
  readonly target: ObjectStore
  readonly key: string
  readonly signal: AbortSignal
}): Promise<boolean> {
  const { source, target, key, signal } = options
  const targetKey = originalKey(key)
  const sourceKey = targetKey.replace(/^bronze\/[^/]+\/archive\//, '')
  const info = await source.head(sourceKey, { signal })
  if (info === undefined) {
    throw new LakeError('NOT_FOUND', `${source.url} has no ${sourceKey} any more.`, { details: { key: sourceKey } })
  }
  const file = { key: sourceKey, size: info.size, checksumKey: `${sourceKey}${CHECKSUM}` }
  const fetched = await transferFile({ file, source, target, targetKey, signal })
  return fetched.key === key
}

function factsOf(error: unknown): { readonly code: string; readonly message: string } {
  if (LakeError.is(error)) return { code: error.code, message: error.message }
  throw error
}
