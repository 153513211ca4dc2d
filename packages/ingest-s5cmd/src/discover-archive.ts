import {
  type ArchiveRules,
  type DatasetId,
  type ExchangeAdapter,
  formatDatasetId,
  LakeError,
  type ObjectStore,
  type TimeRange,
} from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import type { ArchiveScope } from './archive-scope.ts'
import type { AskPage } from './ask-page.ts'
import { discoverDataset } from './discover-dataset.ts'
import { discoverScope } from './discover-scope.ts'
import { sourceListing } from './list-source.ts'
import type { IgnoredObject } from './read-entries.ts'

export interface DiscoverOptions extends ArchiveScope {
  readonly adapter: ExchangeAdapter
  /** The archive, with keys as the adapter writes them. */
  readonly source: ObjectStore
  /** These, each for itself. When absent, the whole archive, or what the scope leaves of it. */
  readonly datasets?: readonly DatasetId[] | undefined
  /** Only files whose period overlaps it. Everything when absent. */
  readonly range?: TimeRange | undefined
  /**
   * The time, epoch microseconds UTC. When given, files are asked for that are not listed yet, up to yesterday: listings
   * go stale.
   */
  readonly now?: number | undefined
  /** Where the pages of an index are served; the adapter's place, or the source, when absent. */
  readonly listingUrl?: string | undefined
  /** How pages of an index are asked for. Default: over the web, with retries. */
  readonly askPage?: AskPage | undefined
  /** False saves a request for each file whose size the index does not say; the size is then 0. Default true. */
  readonly sizes?: boolean | undefined
  /** Told of each entry that is passed over although it lies where data files lie. */
  readonly onIgnored?: ((ignored: IgnoredObject) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The data files that an archive has. Which type exists where, for which symbols and how long, is read from its listing.
 *
 * With `datasets`: dataset by dataset in the given order, within one by the start of the period (UTC), the month before
 * its days; holds the files of one dataset in memory. Where the adapter says that the rows of a dataset may lie in files
 * of many instruments, these come with its own, under their own dataset, up to the day on which the instrument expires. Without: whatever is in the scope, folder by folder in the order
 * of the listing; holds a page of each folder that is being listed, and the name of each dataset of a folder.
 *
 * A source that cannot list is asked for each file that a range could have of a dataset, or of the scope's symbols, whose
 * names must then be given; the checksums of files found so are assumed to exist.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a dataset belongs to another exchange, when its archive has no files of that
 * type, when both datasets and a scope are given, or when the source cannot list and no range or no symbols say what to ask for.
 * @throws {@link LakeError} `UNSUPPORTED` when the exchange has no archive.
 * Failures of the source pass through.
 *
 * @example
 * const minutes = { adapter: binance, source, markets: ['um'], dataTypes: ['klines'], intervals: ['1m'] } as const
 * for await (const { key } of discoverArchive({ ...minutes, symbols: { quote: 'USDT' } })) console.log(key)
 */
export async function* discoverArchive(options: DiscoverOptions): AsyncGenerator<ArchiveFile, void, undefined> {
  const { adapter, source, range, signal } = options
  const rules = rulesOf(adapter)
  const listing = sourceListing({ source, rules, listingUrl: options.listingUrl, askPage: options.askPage })
  const datasets = requestedDatasets(options, rules)
  const budget = { left: MOST_PROBES }
  const expiresAt = (dataset: DatasetId): number | undefined => adapter.expiresAt?.(dataset)
  const search = { ...options, budget, exchange: adapter.id, listing, expiresAt }
  // An empty range overlaps a period that it lies in.
  if (range !== undefined && range.from >= range.to) return
  if (datasets === undefined) {
    yield* discoverScope(search)
    return
  }
  for (const dataset of datasets) {
    signal?.throwIfAborted()
    yield* await discoverDataset(search, dataset)
  }
}

/** Periods that are not listed and are asked for nevertheless: at 8 at once a few minutes. */
const MOST_PROBES = 50_000

function rulesOf(adapter: ExchangeAdapter): ArchiveRules {
  if (adapter.archive !== undefined) return adapter.archive
  throw new LakeError('UNSUPPORTED', `The lake knows no public archive of ${adapter.id}.`, {
    details: { exchange: adapter.id },
  })
}

/** Each dataset once. */
function requestedDatasets(options: DiscoverOptions, rules: ArchiveRules): DatasetId[] | undefined {
  const { adapter, datasets, markets, dataTypes, symbols, intervals } = options
  if (datasets === undefined) return undefined
  if ([markets, dataTypes, symbols, intervals].some((part) => part !== undefined)) {
    throw new LakeError('BAD_REQUEST', 'Give either datasets, or markets, dataTypes, symbols and intervals: not both.')
  }
  const byName = new Map(datasets.map((dataset) => [formatDatasetId(dataset), dataset]))
  for (const dataset of byName.values()) requireArchived(adapter, rules, dataset)
  return [...byName.values()]
}

function requireArchived(adapter: ExchangeAdapter, rules: ArchiveRules, dataset: DatasetId): void {
  const name = formatDatasetId(dataset)
  if (dataset.exchange !== adapter.id) {
    throw new LakeError('BAD_REQUEST', `${name} is no dataset of ${adapter.id}, whose archive was to be searched.`, {
      details: { dataset: name, exchange: adapter.id },
    })
  }
  if (rules.prefixes(dataset).length > 0) return
  throw new LakeError(
    'BAD_REQUEST',
    `The archive of ${adapter.id} never has ${dataset.dataType} of the market ${dataset.market}, so not ${name}.`,
    { details: { dataset: name } },
  )
}
