import type { ObjectStore } from '@lake/core'

/** A store, and what its listings have told. */
export interface CountedFolders {
  readonly store: ObjectStore
  /** How many objects there were below a folder, whose name ends in `/`; `undefined` when no listing has passed all of it. */
  readonly objectsIn: (folder: string) => number | undefined
}

/**
 * The same store, counting what its listings have in each folder. Whoever lists a source through it to make a plan can
 * tell `transfer`, which then need not list a folder again to know that the plan takes all of it.
 *
 * @example
 * const { store, objectsIn } = countedFolders(source)
 * const files: ArchiveFile[] = []
 * for await (const file of discoverArchive({ adapter, source: store, datasets })) files.push(file)
 * await transfer({ files: planTransfer({ files }), source, target, listed: objectsIn })
 */
export function countedFolders(inner: ObjectStore): CountedFolders {
  const counts = new Map<string, number>()
  const store: ObjectStore = {
    ...inner,
    async *list(options = {}) {
      const { prefix = '', delimiter } = options
      const found = new Map<string, number>()
      for await (const info of inner.list(options)) {
        const folder = info.key.slice(0, info.key.lastIndexOf('/') + 1)
        found.set(folder, (found.get(folder) ?? 0) + 1)
        yield info
      }
      // Part of a folder tells nothing of the rest, and a folded listing nothing of what lies below.
      if (delimiter !== undefined || (prefix !== '' && !prefix.endsWith('/'))) return
      for (const [folder, count] of totals(found, prefix)) counts.set(folder, count)
    },
  }
  return { store, objectsIn: (folder) => counts.get(folder) }
}

/** What lies in a folder or deeper, for all folders below a prefix. */
function totals(found: ReadonlyMap<string, number>, prefix: string): Map<string, number> {
  const sums = new Map([[prefix, 0]])
  for (const [folder, count] of found) {
    for (let end = prefix.length; end >= 0; end = nextFolder(folder, end)) {
      const parent = folder.slice(0, end)
      sums.set(parent, (sums.get(parent) ?? 0) + count)
    }
  }
  return sums
}

/** Where the name of the folder below ends, -1 at the last. */
function nextFolder(folder: string, end: number): number {
  const slash = folder.indexOf('/', end)
  return slash < 0 ? -1 : slash + 1
}
