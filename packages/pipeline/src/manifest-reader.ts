import { parseManifestKey, type Series } from '@lake/core'
import type { Manifest } from '@lake/ledger'
import type { Lake } from './define-lake.ts'

/** A manifest by its name. */
interface ManifestEntry {
  readonly key: string
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
}

/** What all manifests lie below. */
export const MANIFEST_PREFIX = '_lake/manifests/'

/** So many are read at once. */
const CONCURRENCY = 32

/** Opens a reader of the manifests of a lake; nothing is read yet. */
export function openManifestReader(
  { store, ledger }: Pick<Lake, 'store' | 'ledger'>,
  signal?: AbortSignal,
): ManifestReader {
  const listings = new Map<string, Promise<readonly ManifestEntry[]>>()
  const manifests = new Map<string, Promise<Manifest | undefined>>()

  async function list(prefix: string): Promise<readonly ManifestEntry[]> {
    const entries: ManifestEntry[] = []
    for await (const { key } of store.list({ prefix, signal })) {
      const name = parseManifestKey(key)
      if (name !== undefined) entries.push({ key, ...name })
    }
    return entries
  }

  function manifestOf({ key, series, month }: ManifestEntry): Promise<Manifest | undefined> {
    const manifest = manifests.get(key) ?? ledger.manifest(series, month).then((stored) => stored?.manifest)
    manifests.set(key, manifest)
    return manifest
  }

  return {
    entries: async (prefix) => {
      const wider = [...listings.keys()].find((listed) => prefix.startsWith(listed))
      const listing = listings.get(wider ?? prefix) ?? list(prefix)
      if (wider === undefined) listings.set(prefix, listing)
      return wider === undefined || wider === prefix ? listing : entriesBelow(await listing, prefix)
    },
    read: async (entries) => {
      const found: (Manifest | undefined)[] = []
      for (let at = 0; at < entries.length; at += CONCURRENCY) {
        signal?.throwIfAborted()
        found.push(...(await Promise.all(entries.slice(at, at + CONCURRENCY).map(manifestOf))))
      }
      return found.filter((manifest) => manifest !== undefined)
    },
  }
}

/** Keys are sorted, so what has a prefix stands together. */
function entriesBelow(entries: readonly ManifestEntry[], prefix: string): readonly ManifestEntry[] {
  const from = firstIndex(entries, (key) => key >= prefix)
  const rest = entries.slice(from)
  const end = rest.findIndex(({ key }) => !key.startsWith(prefix))
  return end < 0 ? rest : rest.slice(0, end)
}

function firstIndex(entries: readonly ManifestEntry[], isReached: (key: string) => boolean): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isReached(entries[middle]?.key ?? '')) high = middle
    else low = middle + 1
  }
  return low
}
