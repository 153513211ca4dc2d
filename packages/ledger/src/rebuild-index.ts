import type { ObjectStore } from '@lake/core'
import { listFolders, type ListManifestsOptions } from './list-manifests.ts'
import { type ManifestIndex, putManifestIndex, readManifestIndex } from './manifest-index.ts'
import { type ListedManifest, readListed } from './read-listed.ts'
import type { StoredManifest } from './read-manifest.ts'

/**
 * Rolls up the manifests below a prefix into `_lake/index`, where what lies there is not what the listing tells: one
 * listing, one document for each series, and the manifests that changed. Never needed: without it, all are read.
 *
 * Gives how many documents were put. A store that takes none, as one that nobody may write to, is no error.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when a manifest cannot be read.
 *
 * @example
 * await rebuildIndex(store, { prefix: manifestPrefix(series) })
 */
export async function rebuildIndex(store: ObjectStore, options: ListManifestsOptions = {}): Promise<number> {
  const { signal } = options
  let documents = 0
  for await (const { folder, listed } of listFolders(store, options)) {
    const before = await readManifestIndex(store, folder, signal)
    const indexes = new Map([[folder, Promise.resolve(before)]])
    const stored = await readListed(listed, { store, indexes, signal })
    if (await keepIndex({ store, folder, before, listed, stored, signal })) documents++
  }
  return documents
}

export interface KeepIndexOptions {
  readonly store: ObjectStore
  readonly folder: string
  readonly before: ManifestIndex
  /** All manifests of the folder. */
  readonly listed: readonly ListedManifest[]
  /** In the same order, as far as they were read. */
  readonly stored: readonly (StoredManifest | undefined)[]
  readonly signal?: AbortSignal | undefined
}

/** Puts what is known of a folder in the place of what was rolled up before, unless that says the same. */
export async function keepIndex(options: KeepIndexOptions): Promise<boolean> {
  const { store, folder, before, listed, stored, signal } = options
  const isFresh = ({ key, etag }: ListedManifest): boolean => before.manifests.get(key)?.etag === etag
  if (listed.length === before.manifests.size && listed.every(isFresh)) return false
  const manifests = new Map<string, StoredManifest>()
  for (const [index, one] of listed.entries()) {
    const known = stored[index] ?? (isFresh(one) ? before.manifests.get(one.key) : undefined)
    if (known !== undefined) manifests.set(one.key, known)
  }
  // One manifest is read as cheaply.
  return manifests.size < 2 ? false : putManifestIndex(store, folder, { etag: before.etag, manifests }, signal)
}
