import {
  type ArchiveQuery,
  type DatasetId,
  formatDatasetId,
  LakeError,
  type ObjectStore,
  type TimeRange,
} from '@lake/core'
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
  /** When an instrument ends, by its name: files of many instruments from then on hold no row of it. */
  readonly expiresAt?: ((dataset: DatasetId) => number | undefined) | undefined
  readonly onIgnored?: ((ignored: IgnoredObject) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The files of one dataset, and those of many instruments that may hold rows of it: what is listed, and what is not listed
 * yet; by the start of the period, the month first.
 */
export async function discoverDataset(search: Search, dataset: DatasetId): Promise<ArchiveFile[]> {
  const files = await findFiles(search, dataset)
  return files.sort((a, b) => a.period.from - b.period.from || b.period.to - a.period.to)
}

async function findFiles(search: Search, dataset: DatasetId): Promise<ArchiveFile[]> {
  const { listing, source, signal } = search
  const { rules } = listing
  if (listing.listing.kind !== 'probe') {
    try {
      return await listFiles(search, dataset)
    } catch (error) {
      if (!isListless(error)) throw error
      if (search.range === undefined) throw needsRange(search, error)
    }
  }
  const { range } = search
  if (range === undefined) throw needsRange(search, undefined)
  const files = await probeArchive({ rules, source, dataset, range, signal })
  for (const shared of sharedDatasets(search, dataset)) {
    const left = rangeBeforeExpiry(search, dataset)
    // One name after the other: what one has found, the next is not asked for.
    if (left !== undefined)
      files.push(...(await probeArchive({ rules, source, dataset: shared, range: left, signal, but: [...files] })))
  }
  return files
}

/** The datasets as which the archive has the files of many instruments, in the order in which they are preferred. */
function sharedDatasets({ listing: { rules } }: Pick<Search, 'listing'>, dataset: DatasetId): DatasetId[] {
  return (rules.sharedBy?.(dataset) ?? []).map((shared) => shared.dataset)
}

/** Undefined when the instrument had ended before. */
function rangeBeforeExpiry({ range, expiresAt }: Search, dataset: DatasetId): TimeRange | undefined {
  const end = expiresAt?.(dataset)
  if (range === undefined || end === undefined || range.to <= end) return range
  return range.from < end ? { from: range.from, to: end } : undefined
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
  const wanted = [dataset, ...sharedDatasets(search, dataset)]
  const names = new Set(wanted.map(formatDatasetId))
  const end = search.expiresAt?.(dataset) ?? Infinity
  const files: ArchiveFile[] = []
  const listed = new ListedPeriods()
  const holds = (found: DatasetId, key: string): boolean => {
    if (names.has(formatDatasetId(found))) return true
    onIgnored?.({ key, why: 'other-dataset' })
    return false
  }
  const entries = readEntries(entriesOf(search, wanted), { rules, range, holds, onIgnored })
  const isOwn = sameAs(dataset)
  for await (const file of measureFiles(entries, { ...search, sizes: search.sizes ?? true })) {
    const own = isOwn(file.dataset)
    if (!own && file.period.from >= end) continue
    files.push(own ? { ...file, dataset } : file)
    listed.add(own ? dataset : file.dataset, file.period)
  }
  if (search.now === undefined) return files
  const tails: Tail[] = [...listed.tails(), ...listed.otherTails(() => true)]
  if (files.length === 0 && range !== undefined) {
    for (const one of wanted) {
      for (const kind of ['day', 'month'] as const) {
        tails.push({ dataset: one, kind, listedTo: range.from, isUnlisted: true })
      }
    }
  }
  for await (const file of probeTails({ ...search, rules, now: search.now }, tails)) {
    if (isOwn(file.dataset) || file.period.from < end) files.push(file)
  }
  return files
}

function sameAs(dataset: DatasetId): (other: DatasetId) => boolean {
  const name = formatDatasetId(dataset)
  return (other) => other === dataset || formatDatasetId(other) === name
}

/** Everything that lies where files of the datasets lie, each key once: prefixes may overlap. */
async function* entriesOf(
  search: Search,
  datasets: readonly DatasetId[],
): AsyncGenerator<SourceEntry, void, undefined> {
  const { listing, range, signal } = search
  if (listing.listing.kind === 'index-api') {
    if (range === undefined) throw needsRange(search, undefined)
    yield* askIndex(listing, { ...queryOf(datasets), range }, signal)
    return
  }
  const keys = new Set<string>()
  const prefixes = new Set(datasets.flatMap((dataset) => listing.rules.prefixes(dataset)))
  for (const prefix of prefixes) {
    for await (const entry of listBelow(listing, prefix, signal)) {
      if (keys.has(entry.key)) continue
      keys.add(entry.key)
      yield entry
    }
  }
}

function queryOf(datasets: readonly DatasetId[]): Omit<ArchiveQuery, 'range'> {
  const intervals = datasets.flatMap(({ interval }) => interval ?? [])
  return {
    markets: [...new Set(datasets.map(({ market }) => market))],
    dataTypes: [...new Set(datasets.map(({ dataType }) => dataType))],
    symbols: [...new Set(datasets.map(({ symbol }) => symbol))],
    intervals: intervals.length === 0 ? undefined : [...new Set(intervals)],
  }
}
