import { type DatasetId, formatDatasetId, LakeError, type ObjectStore, type TimeRange } from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import { askIndex, listBelow, type SourceEntry, type SourceListing } from './list-source.ts'
import { measureFiles } from './measure-files.ts'
import { probeArchive } from './probe-archive.ts'
import { type ProbeBudget, probeTails, type Tail } from './probe-tail.ts'
import { ListedPeriods } from './listed-periods.ts'
import { type IgnoredObject, readEntries } from './read-entries.ts'

/** What a search for a single dataset and one for a scope have in common. */
export interface Search {
  readonly listing: SourceListing
  readonly exchange: string
  readonly source: ObjectStore
  readonly range?: TimeRange | undefined
  readonly now?: number | undefined
  readonly budget?: ProbeBudget | undefined
  readonly sizes?: boolean | undefined
  readonly onIgnored?: ((ignored: IgnoredObject) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** The files of one dataset: what is listed, and what is not listed yet; by the start of the period, the month first. */
export async function discoverDataset(search: Search, dataset: DatasetId): Promise<ArchiveFile[]> {
  const files = await findFiles(search, dataset)
  return files.sort((a, b) => a.period.from - b.period.from || b.period.to - a.period.to)
}

async function findFiles(search: Search, dataset: DatasetId): Promise<ArchiveFile[]> {
  const { listing, source, range, signal } = search
  const { rules } = listing
  if (listing.listing.kind !== 'probe') {
    try {
      return await listFiles(search, dataset)
    } catch (error) {
      if (!isListless(error)) throw error
      if (range === undefined) throw needsRange(search, error)
    }
  }
  if (range === undefined) throw needsRange(search, undefined)
  return probeArchive({ rules, source, dataset, range, signal })
}

/** True for the failure that means: this source cannot list, so it must be asked for names. */
export function isListless(error: unknown): error is LakeError {
  return LakeError.is(error) && error.code === 'UNSUPPORTED'
}

export function needsRange({ source }: Search, cause: unknown): LakeError {
  return new LakeError(
    'BAD_REQUEST',
    `${source.url} cannot list what it has. Say what to ask it for: give --from and --to (closed-open days).`,
    { cause, details: { source: source.url, field: 'range' } },
  )
}

async function listFiles(search: Search, dataset: DatasetId): Promise<ArchiveFile[]> {
  const { listing, range, onIgnored } = search
  const { rules } = listing
  const wanted = formatDatasetId(dataset)
  const files: ArchiveFile[] = []
  const listed = new ListedPeriods()
  const holds = (found: DatasetId, key: string): boolean => {
    if (formatDatasetId(found) === wanted) return true
    onIgnored?.({ key, why: 'other-dataset' })
    return false
  }
  const entries = readEntries(entriesOf(search, dataset), { rules, range, holds, onIgnored })
  for await (const file of measureFiles(entries, { ...search, sizes: search.sizes ?? true })) {
    files.push({ ...file, dataset })
    listed.add(dataset, file.period)
  }
  if (search.now === undefined) return files
  const tails: Tail[] = [...listed.tails(), ...listed.otherTails(() => true)]
  if (files.length === 0 && range !== undefined) {
    for (const kind of ['day', 'month'] as const) tails.push({ dataset, kind, listedTo: range.from, isUnlisted: true })
  }
  for await (const file of probeTails({ ...search, rules, now: search.now }, tails)) files.push(file)
  return files
}

/** Everything that lies where files of the dataset lie, each key once: prefixes may overlap. */
async function* entriesOf(search: Search, dataset: DatasetId): AsyncGenerator<SourceEntry, void, undefined> {
  const { listing, range, signal } = search
  if (listing.listing.kind === 'index-api') {
    if (range === undefined) throw needsRange(search, undefined)
    const { market, dataType, symbol, interval } = dataset
    const intervals = interval === undefined ? undefined : [interval]
    const query = { markets: [market], dataTypes: [dataType], symbols: [symbol], intervals, range }
    yield* askIndex(listing, query, signal)
    return
  }
  const keys = new Set<string>()
  for (const prefix of listing.rules.prefixes(dataset)) {
    for await (const entry of listBelow(listing, prefix, signal)) {
      if (keys.has(entry.key)) continue
      keys.add(entry.key)
      yield entry
    }
  }
}
