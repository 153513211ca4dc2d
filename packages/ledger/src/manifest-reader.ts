import { type ObjectStore, parseManifestKey, type Series } from '@lake/core'
import type { Manifest } from './manifest.ts'
import { folderOf, type ManifestIndex } from './manifest-index.ts'
import { countByFolder, type ListedManifest, readListed } from './read-listed.ts'
import type { StoredManifest } from './read-manifest.ts'
import { keepIndex } from './rebuild-index.ts'

/** A manifest by its name. */
export interface ManifestEntry extends ListedManifest {
  readonly series: Series
  /** `YYYY-MM` */
  readonly month: string
}

/**
 * The manifests of a lake as they were when they were first asked for: each is listed and read at most once, however
 * many datasets are looked at. Open another one to see what was committed since.
 */
export interface ManifestReader {
  /** What there is below a prefix of `_lake/manifests/`, in order of the keys. */
  entries(prefix: string): Promise<readonly ManifestEntry[]>
  /** Manifests, in the order of the entries; what has vanished in between is left out. */
  read(entries: readonly ManifestEntry[]): Promise<readonly Manifest[]>
  /** Rolls up what had to be read one by one, for the next reader: see {@link rebuildIndex}. */
  keepIndex(): Promise<void>
}

/**
 * Opens a reader of the manifests of a lake; nothing is read yet.
 *
 * @example
 * const reader = openManifestReader(store)
 * const manifests = await reader.read(await reader.entries('_lake/manifests/klines/'))
 */
export function openManifestReader(store: ObjectStore, signal?: AbortSignal): ManifestReader {
  const listings = new Map<string, Promise<readonly ManifestEntry[]>>()
  const reading = new Map<string, Promise<unknown>>()
  const manifests = new Map<string, StoredManifest | undefined>()
  const indexes = new Map<string, Promise<ManifestIndex>>()
  const sizes = new Map<string, number>()

  async function list(prefix: string): Promise<readonly ManifestEntry[]> {
    const entries: ManifestEntry[] = []
    for await (const { key, etag } of store.list({ prefix, signal })) {
      const name = parseManifestKey(key)
      if (name !== undefined) entries.push({ key, etag, ...name })
    }
    for (const [folder, size] of countByFolder(entries)) sizes.set(folder, size)
    return entries
  }

  async function listingBelow(prefix: string): Promise<readonly ManifestEntry[]> {
    const wider = [...listings.keys()].find((listed) => prefix.startsWith(listed))
    const listing = listings.get(wider ?? prefix) ?? list(prefix)
    if (wider === undefined) listings.set(prefix, listing)
    return wider === undefined || wider === prefix ? listing : entriesBelow(await listing, prefix)
  }

  async function readFresh(entries: readonly ManifestEntry[]): Promise<void> {
    const batch = readListed(entries, { store, indexes, sizes, signal })
    for (const { key } of entries) reading.set(key, batch)
    try {
      const found = await batch
      for (const [index, { key }] of entries.entries()) manifests.set(key, found[index])
    } finally {
      // One that cannot be read fails those who ask for it, and not the others of its batch.
      for (const { key } of entries) reading.delete(key)
    }
  }

  async function readAll(entries: readonly ManifestEntry[]): Promise<void> {
    const missing = entries.filter(({ key }) => !manifests.has(key))
    const others = new Set(missing.flatMap(({ key }) => reading.get(key) ?? []))
    await readFresh(missing.filter(({ key }) => !reading.has(key)))
    if (others.size === 0) return
    await Promise.allSettled(others)
    await readAll(entries)
  }

  return {
    entries: listingBelow,
    read: async (entries) => {
      if (entries.some(({ key }) => !manifests.has(key))) await readAll(entries)
      return entries.flatMap(({ key }) => manifests.get(key)?.manifest ?? [])
    },
    keepIndex: async () => {
      for (const [folder, index] of indexes) {
        signal?.throwIfAborted()
        const listed = (await listingBelow(folder)).filter(({ key }) => folderOf(key) === folder)
        const stored = listed.map(({ key }) => manifests.get(key))
        await keepIndex({ store, folder, before: await index, listed, stored, signal })
      }
    },
  }
}

/** Keys are sorted, so what has a prefix stands together. */
function entriesBelow(entries: readonly ManifestEntry[], prefix: string): readonly ManifestEntry[] {
  const from = firstIndex(entries, 0, (key) => key >= prefix)
  return entries.slice(
    from,
    firstIndex(entries, from, (key) => !key.startsWith(prefix)),
  )
}

/** The first entry from a position on whose key is far enough; keys are sorted. */
function firstIndex(entries: readonly ManifestEntry[], start: number, isReached: (key: string) => boolean): number {
  let low = start
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isReached(entries[middle]?.key ?? '')) high = middle
    else low = middle + 1
  }
  return low
}
