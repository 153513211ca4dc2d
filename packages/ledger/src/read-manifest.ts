import { collectBytes, LakeError, manifestKey, type ObjectStore, type Series } from '@lake/core'
import { type Manifest, parseManifest } from './manifest.ts'

/** A manifest and the etag under which it was read: what a swap must match. */
export interface StoredManifest {
  readonly manifest: Manifest
  readonly etag: string
}

/**
 * The manifest of a series' month; `undefined` when there is none.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when it cannot be read.
 */
export async function readManifest(
  store: ObjectStore,
  series: Series,
  month: string,
): Promise<StoredManifest | undefined> {
  return readManifestAt(store, manifestKey(series, month))
}

/** The same by its key. */
export async function readManifestAt(
  store: ObjectStore,
  key: string,
  signal?: AbortSignal,
): Promise<StoredManifest | undefined> {
  try {
    const { info, body } = await store.get(key, { signal })
    const text = new TextDecoder().decode(await collectBytes(body))
    return { manifest: parseManifest(text, key), etag: info.etag }
  } catch (error) {
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return undefined
    throw error
  }
}
