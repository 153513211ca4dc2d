import { LakeError, type ObjectStore } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import { parseChecksum } from './parse-checksum.ts'

/** A CHECKSUM as received, and the digest in it. */
export interface PublishedChecksum {
  readonly bytes: Uint8Array
  readonly sha256: string
}

/** The real ones have about 100 bytes. */
const MAX_BYTES = 65_536

/**
 * Where the source publishes the sha256 of a file; `undefined` when it publishes none. An MD5 proves less than what
 * everything else relies on: a file with only that counts as without.
 */
export function sha256KeyOf(file: Pick<ArchiveFile, 'checksumKey' | 'checksumAlgorithm'>): string | undefined {
  return file.checksumAlgorithm === 'md5' ? undefined : file.checksumKey
}

/**
 * The sha256 that the source publishes for a file; `undefined` when there is none.
 *
 * @throws {@link LakeError} as {@link parseChecksum}; also `BAD_FORMAT` when the text is absurdly long.
 */
export async function readPublishedChecksum(
  source: ObjectStore,
  file: Pick<ArchiveFile, 'key' | 'checksumKey' | 'checksumAlgorithm'>,
  signal: AbortSignal | undefined,
): Promise<PublishedChecksum | undefined> {
  const key = sha256KeyOf(file)
  if (key === undefined) return undefined
  const bytes = await readSmall(source, key, signal)
  if (bytes === undefined) return undefined
  const text = new TextDecoder().decode(bytes)
  return { bytes, sha256: parseChecksum(text, file.key.slice(file.key.lastIndexOf('/') + 1)) }
}

async function readSmall(
  source: ObjectStore,
  key: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    const { body } = await source.get(key, { signal })
    for await (const chunk of body) {
      chunks.push(chunk)
      size += chunk.length
      if (size <= MAX_BYTES) continue
      throw new LakeError(
        'BAD_FORMAT',
        `${key} is no CHECKSUM: it has more than ${MAX_BYTES} bytes. Nothing was stored.`,
        {
          details: { file: key, limit: MAX_BYTES },
        },
      )
    }
  } catch (error) {
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return undefined
    throw error
  }
  return Buffer.concat(chunks)
}
