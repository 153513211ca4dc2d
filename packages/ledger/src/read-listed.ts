import type { ObjectStore } from '@lake/core'
import { folderOf, type ManifestIndex, readManifestIndex } from './manifest-index.ts'
import { readManifestAt, type StoredManifest } from './read-manifest.ts'

/** A manifest as a listing tells it. */
export interface ListedManifest {
  readonly key: string
  readonly etag: string
}

export interface ReadListedOptions {
  readonly store: ObjectStore
  /** What was rolled up, by folder: what is looked at here is added. */
  readonly indexes: Map<string, Promise<ManifestIndex>>
  /** How many manifests each folder has; those that are asked for when absent. */
  readonly sizes?: ReadonlyMap<string, number> | undefined
  readonly signal?: AbortSignal | undefined
}

/** So many objects are read at once. */
const CONCURRENCY = 32

/**
 * Manifests in the order of a listing, `undefined` for those that have vanished since. They are taken
 * from what is rolled up of their folders, as far as their etags are still the same; the others are read.
 */
export async function readListed(
  listed: readonly ListedManifest[],
  { store, indexes, sizes = countByFolder(listed), signal }: ReadListedOptions,
): Promise<(StoredManifest | undefined)[]> {
  // Nothing is rolled up of a single manifest.
  const folders = [...new Set(listed.map(({ key }) => folderOf(key)))].filter((folder) => (sizes.get(folder) ?? 0) > 1)
  const known = await inTurns(folders, signal, async (folder) => {
    const index = indexes.get(folder) ?? readManifestIndex(store, folder, signal)
    indexes.set(folder, index)
    return [folder, (await index).manifests] as const
  })
  const rolledUp = new Map(known)
  const found = listed.map(({ key, etag }) => {
    const stored = rolledUp.get(folderOf(key))?.get(key)
    // A store that tells no etags cannot confirm one.
    return etag !== '' && stored?.etag === etag ? stored : undefined
  })
  const missing = [...found.keys()].filter((index) => found[index] === undefined)
  await inTurns(missing, signal, async (index) => {
    found[index] = await readManifestAt(store, listed[index]?.key ?? '', signal)
  })
  return found
}

/** How many manifests of a listing each folder has. */
export function countByFolder(listed: readonly ListedManifest[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { key } of listed) counts.set(folderOf(key), (counts.get(folderOf(key)) ?? 0) + 1)
  return counts
}

async function inTurns<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal | undefined,
  read: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let at = 0; at < items.length; at += CONCURRENCY) {
    signal?.throwIfAborted()
    results.push(...(await Promise.all(items.slice(at, at + CONCURRENCY).map(read))))
  }
  return results
}
