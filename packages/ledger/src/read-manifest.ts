import { collectBytes, LakeError, manifestKey, type ObjectStore, readObject, type Series } from '@lake/core'
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
  const key = manifestKey(series, month)
  try {
    const { info, body } = await store.get(key)
    const text = new TextDecoder().decode(await collectBytes(body))
    return { manifest: parseManifest(text, key), etag: info.etag }
  } catch (error) {
    if (LakeError.is(error) && error.code === 'NOT_FOUND') return undefined
    throw error
  }
}

/** Every manifest below a prefix, in order of their keys, one in memory at a time. */
export async function* listManifests(
  store: ObjectStore,
  options: { readonly prefix?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Manifest, void, undefined> {
  const { prefix = '_lake/manifests/', signal } = options
  for await (const { key } of store.list({ prefix, signal })) {
    if (!key.endsWith('.json')) continue
    yield parseManifest(new TextDecoder().decode(await readObject(store, key, { signal })), key)
  }
}
