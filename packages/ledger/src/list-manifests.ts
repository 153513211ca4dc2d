import type { ObjectStore } from '@lake/core'
import type { Manifest } from './manifest.ts'
import { folderOf, MANIFEST_PREFIX } from './manifest-index.ts'
import { type ListedManifest, readListed } from './read-listed.ts'

export interface ListManifestsOptions {
  /** @default `_lake/manifests/` */
  readonly prefix?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Every manifest below a prefix, in order of their keys, those of one series in memory at a time. */
export async function* listManifests(
  store: ObjectStore,
  options: ListManifestsOptions = {},
): AsyncGenerator<Manifest, void, undefined> {
  const { signal } = options
  for await (const { listed } of listFolders(store, options)) {
    for (const stored of await readListed(listed, { store, indexes: new Map(), signal })) {
      if (stored !== undefined) yield stored.manifest
    }
  }
}

/** The manifests of a series, as a listing tells them. */
export interface ManifestFolder {
  readonly folder: string
  readonly listed: readonly ListedManifest[]
}

/** What manifests there are below a prefix, folder by folder, in order of their keys. */
export async function* listFolders(
  store: ObjectStore,
  { prefix = MANIFEST_PREFIX, signal }: ListManifestsOptions,
): AsyncGenerator<ManifestFolder, void, undefined> {
  let folder = ''
  let listed: ListedManifest[] = []
  for await (const { key, etag } of store.list({ prefix, signal })) {
    if (!key.endsWith('.json')) continue
    if (folderOf(key) !== folder && listed.length > 0) {
      yield { folder, listed }
      listed = []
    }
    folder = folderOf(key)
    listed.push({ key, etag })
  }
  if (listed.length > 0) yield { folder, listed }
}
