import { LakeError, type ObjectStore } from '@lake/core'
import { type KeptBytes, keptBytes } from './kept-bytes.ts'
import { readPublishedChecksum } from './published-checksum.ts'
import type { MovedFile } from './transfer-context.ts'
import type { KnownFile } from './transferred-file.ts'

export interface SettleCopyOptions {
  readonly target: ObjectStore
  /** What `transfer` told of it. */
  readonly moved: MovedFile
  /** Keeps what is read, for whoever parses it. */
  readonly kept?: KeptBytes | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads a file that came by a direct copy, so that nobody has seen its bytes, and compares them with the CHECKSUM
 * beside it. Gives what an inventory may remember of it. When the bytes are not the published ones, or the CHECKSUM is
 * none, both are taken away, as if they had never come, and it gives `undefined`.
 *
 * A file that the target had before is never taken away.
 *
 * @throws {@link LakeError} as the target does. Aborts throw `signal.reason`.
 */
export async function settleCopy(options: SettleCopyOptions): Promise<KnownFile | undefined> {
  const { target, moved, kept = keptBytes(0), signal } = options
  const { file, key, etag, skipped, state } = moved
  if (skipped) return undefined
  if (moved.sha256 !== undefined && state === 'verified') return { key, etag, sha256: moved.sha256 }
  const sha256 = await kept.digest(target, moved, { ifMatch: etag, signal })
  try {
    const published = await readPublishedChecksum(target, { ...file, checksumKey: checksumKeyOf(moved) }, signal)
    if (published === undefined || published.sha256 === sha256) return { key, etag, sha256 }
  } catch (error) {
    if (!LakeError.is(error) || !['WRONG_FILE', 'BAD_FORMAT'].includes(error.code)) throw error
  }
  for (const name of [`${key}.CHECKSUM`, key]) await target.delete(name, { signal })
  return undefined
}

function checksumKeyOf({ file, key }: MovedFile): string | undefined {
  return file.checksumKey === undefined ? undefined : `${key}.CHECKSUM`
}
