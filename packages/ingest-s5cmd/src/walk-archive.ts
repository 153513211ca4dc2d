import type { ArchiveFolder } from '@lake/core'
import type { ScopeTest } from './archive-scope.ts'
import { crawl, type SourceEntry, type SourceListing } from './list-source.ts'
import { mapInOrder } from './map-in-order.ts'

export interface WalkOptions {
  readonly listing: SourceListing
  readonly scope: ScopeTest
  /** Told of each folder in which no data file can lie. */
  readonly onForeignFolder: (folder: string) => void
  readonly signal?: AbortSignal | undefined
}

/** Entries that are read together. */
export type SourceGroup = AsyncIterable<SourceEntry> | Iterable<SourceEntry>

/** Folders at once. */
const CONCURRENCY = 8

/** A stretch of the archive that is listed as a whole, or the entries that lie directly in a folder. */
type Unit = { readonly folder: string; readonly isWhole?: true } | { readonly entries: readonly SourceEntry[] }

/** Of a folder with more files than that the rest is not worth a look at its folders. */
const MOST_ENTRIES = 1000

/**
 * The entries of an archive that may be in a scope, one group after the other; a group is a folder that is listed as a
 * whole. Goes down folder by folder while a folder's name can rule something out, then lists what is below at once, several
 * groups at a time. Within a group the order is that of the keys.
 */
export async function* walkArchive(options: WalkOptions): AsyncGenerator<SourceGroup, void, undefined> {
  const { listing, signal } = options
  if (listing.listing.kind === 'html-index') {
    yield crawl(listing, '', (folder) => enters(options, folder), signal)
    return
  }
  const units = await expand(options)
  const groups = mapInOrder(units, {
    concurrency: CONCURRENCY,
    signal,
    work: (unit, either) => start(options, unit, either),
  })
  for await (const group of groups) yield group
}

/** Has the first page come while groups before it are read. */
async function start({ listing }: WalkOptions, unit: Unit, signal: AbortSignal): Promise<SourceGroup> {
  if ('entries' in unit) return unit.entries
  const entries = listing.source.list({ prefix: unit.folder, signal })[Symbol.asyncIterator]()
  return rest(await entries.next(), entries)
}

async function* rest(
  first: IteratorResult<SourceEntry>,
  entries: AsyncIterator<SourceEntry>,
): AsyncGenerator<SourceEntry, void, undefined> {
  try {
    for (let next = first; next.done !== true; next = await entries.next()) yield next.value
  } finally {
    await entries.return?.()
  }
}

/** From the root, a level at a time, down to the folders that need no further look; in the order of their names. */
async function expand(options: WalkOptions): Promise<Unit[]> {
  let units: Unit[] = [{ folder: '' }]
  for (;;) {
    const isDone = units.every((unit) => isFinal(options, unit))
    if (isDone) return units
    const next: Unit[] = []
    const { signal } = options
    const levels = mapInOrder(units, {
      concurrency: CONCURRENCY,
      signal,
      work: (unit, either) => below(options, unit, either),
    })
    for await (const level of levels) for (const unit of level) next.push(unit)
    units = next
  }
}

async function below(options: WalkOptions, unit: Unit, signal: AbortSignal): Promise<Unit[]> {
  if ('entries' in unit || isFinal(options, unit)) return [unit]
  const entries: SourceEntry[] = []
  const folders: Unit[] = []
  const { source } = options.listing
  for await (const entry of source.list({ prefix: unit.folder, delimiter: '/', signal })) {
    if (entry.key.endsWith('/')) {
      if (enters(options, entry.key)) folders.push({ folder: entry.key })
    } else if (entries.push(entry) > MOST_ENTRIES) {
      return [{ ...unit, isWhole: true }]
    }
  }
  // Together, so that files find their checksums.
  return entries.length === 0 ? folders : [{ entries }, ...folders]
}

function enters(options: WalkOptions, folder: string): boolean {
  const { rules } = options.listing
  if (rules.readFolder === undefined) return true
  const readings = rules.readFolder(folder)
  if (readings.length === 0) options.onForeignFolder(folder)
  return readings.some((reading) => options.scope.mayHold(reading))
}

function isFinal(options: WalkOptions, unit: Unit): boolean {
  if ('entries' in unit || unit.isWhole === true) return true
  const { folder } = unit
  const { rules } = options.listing
  if (rules.readFolder === undefined) return true
  return rules.readFolder(folder).every((reading: ArchiveFolder) => {
    return options.scope.isSettled(reading) || !options.scope.mayHold(reading)
  })
}
