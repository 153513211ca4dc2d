import { DATA_TYPES, type DatasetId, INTERVALS, isBarType, LakeError, MARKETS } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import { type ArchiveScope, type ScopeTest, scopeTest } from './archive-scope.ts'
import { discoverDataset, isListless, needsRange, type Search } from './discover-dataset.ts'
import { askIndex } from './list-source.ts'
import { ListedPeriods } from './listed-periods.ts'
import { measureFiles } from './measure-files.ts'
import { probeTails } from './probe-tail.ts'
import { readEntries } from './read-entries.ts'
import { exactSymbols } from './symbol-selector.ts'
import { type SourceGroup, walkArchive } from './walk-archive.ts'

export type ScopeSearch = Search & ArchiveScope

/** The files of a part of an archive, group by group as its folders come; after a group, what is not listed of it yet. */
export async function* discoverScope(search: ScopeSearch): AsyncGenerator<ArchiveFile, void, undefined> {
  const scope = scopeTest(search)
  if (search.listing.listing.kind === 'probe') {
    yield* probeScope(search, undefined)
    return
  }
  let isListed = false
  const listed = new ListedPeriods()
  try {
    for await (const group of groupsOf(search, scope)) {
      isListed = true
      yield* readGroup(search, scope, group, listed)
    }
    const { listing, now } = search
    if (now === undefined) return
    // Months of what has only days so far, and days of what has only months, where its kind has both.
    const others = listed.otherTails((dataset, kind) => listed.hasKind(dataset, kind))
    yield* probeTails({ ...search, rules: listing.rules, now }, others)
  } catch (error) {
    // Only where nothing was listed: the same files must not come twice.
    if (isListed || !isListless(error)) throw error
    yield* probeScope(search, error)
  }
}

async function* groupsOf(search: ScopeSearch, scope: ScopeTest): AsyncGenerator<SourceGroup, void, undefined> {
  const { listing, range, onIgnored, signal } = search
  if (listing.listing.kind !== 'index-api') {
    yield* walkArchive({
      listing,
      scope,
      signal,
      onForeignFolder: (key) => onIgnored?.({ key, why: 'foreign-folder' }),
    })
    return
  }
  if (range === undefined) throw needsRange(search, undefined)
  const { markets, dataTypes, intervals } = search
  yield askIndex(listing, { markets, dataTypes, symbols: exactSymbols(search.symbols), intervals, range }, signal)
}

async function* readGroup(
  search: ScopeSearch,
  scope: ScopeTest,
  group: SourceGroup,
  all: ListedPeriods,
): AsyncGenerator<ArchiveFile, void, undefined> {
  const { listing, now, range, onIgnored } = search
  const { rules } = listing
  const listed = new ListedPeriods()
  const entries = readEntries(group, { rules, range, holds: (dataset) => scope.holds(dataset), onIgnored })
  for await (const file of measureFiles(entries, { ...search, sizes: search.sizes ?? true })) {
    yield file
    if (now === undefined) continue
    listed.add(file.dataset, file.period)
    all.add(file.dataset, file.period)
  }
  if (now !== undefined) yield* probeTails({ ...search, rules, now }, listed.tails())
}

/** Asks for every name that the scope could mean, dataset by dataset. */
async function* probeScope(search: ScopeSearch, cause: unknown): AsyncGenerator<ArchiveFile, void, undefined> {
  const { listing, source, range } = search
  const symbols = exactSymbols(search.symbols)
  if (range === undefined) throw needsRange(search, cause)
  if (symbols === undefined) {
    throw new LakeError(
      'BAD_REQUEST',
      `${source.url} cannot list what it has. Say what to ask it for: give the names of the symbols, without * and ?.`,
      { cause, details: { source: source.url, field: 'symbols' } },
    )
  }
  const probing = { ...search, listing: { ...listing, listing: { kind: 'probe' } } } as const
  for (const dataset of namedDatasets(search, symbols)) {
    search.signal?.throwIfAborted()
    if (listing.rules.prefixes(dataset).length > 0) yield* await discoverDataset(probing, dataset)
  }
}

function* namedDatasets(search: ScopeSearch, symbols: readonly string[]): Generator<DatasetId, void, undefined> {
  const { exchange, markets = MARKETS, dataTypes = DATA_TYPES, intervals = INTERVALS } = search
  for (const market of markets) {
    for (const dataType of dataTypes) {
      for (const symbol of symbols) {
        if (!isBarType(dataType)) yield { exchange, market, dataType, symbol }
        else for (const interval of intervals) yield { exchange, market, dataType, symbol, interval }
      }
    }
  }
}
