import { LakeError, type ObjectStore } from '@lake/core'

/** Puts bytes under the name that is their hash, unless they are there. */
export async function keepBytes(
  store: ObjectStore,
  key: string,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await store.put(key, bytes, { ifAbsent: true, signal })
  } catch (error) {
    // Somebody kept the same bytes at the same time.
    if (!LakeError.is(error) || error.code !== 'CONFLICT') throw error
  }
}
