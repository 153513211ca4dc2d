import { LakeError, type ObjectStore, readObject, versionKey } from '@lake/core'
import { type ManifestFile, sha256Of } from '@lake/ledger'

/**
 * The bytes that a manifest knows: as they lie there, or as a commit that was killed has kept them. `undefined` when
 * they are nowhere.
 */
export async function knownBytes(
  store: ObjectStore,
  { key, sha256 }: ManifestFile,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  for (const place of [key, versionKey(sha256)]) {
    try {
      const bytes = await readObject(store, place, { signal })
      // The etag may be another one: of a lake that was copied elsewhere.
      if (sha256Of(bytes) === sha256) return bytes
    } catch (error) {
      if (!isGone(error)) throw error
    }
  }
  return undefined
}

function isGone(error: unknown): boolean {
  return LakeError.is(error) && error.code === 'NOT_FOUND'
}
