import {
  type ArchiveRules,
  type DatasetId,
  type ExchangeAdapter,
  formatDatasetId,
  LakeError,
  type ObjectStore,
  rangesOverlap,
  type TimeRange,
} from '@lake/core'
import type { ArchiveFile } from './archive-file.ts'
import { probeArchive } from './probe-archive.ts'

/** A listed object that is no data file of the dataset, and why. */
export interface IgnoredObject {
  readonly key: string
  /** A checksum without its file, a name that the archive's grammar does not know, or a file of another dataset. */
  readonly why: 'orphan-checksum' | 'foreign-name' | 'other-dataset'
}

export interface DiscoverOptions {
  readonly adapter: ExchangeAdapter
  /** The archive, with keys as the adapter writes them. */
  readonly source: ObjectStore
  readonly datasets: readonly DatasetId[]
  /** Only files whose period overlaps it. Everything when absent. */
  readonly range?: TimeRange | undefined
  /** Told of each listed object that is passed over although it lies where the dataset's files lie. */
  readonly onIgnored?: ((ignored: IgnoredObject) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The data files that an archive has of some datasets: dataset by dataset in the given order, within one by the
 * start of the period (UTC), the month before its days.
 *
 * What exists is read from the listing. A source that cannot list is asked for each file that the range could
 * have, see {@link probeArchive}; the checksums of files found so are assumed to exist.
 * Holds the files of one dataset in memory.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a dataset belongs to another exchange, when its archive has no
 * files of that type, or when the source cannot list and no range says what to ask for.
 * @throws {@link LakeError} `UNSUPPORTED` when the exchange has no archive.
 * Failures of the source pass through.
 *
 * @example
 * const datasets = [parseDatasetId('binance/spot/klines/BTCUSDT/1m')]
 * for await (const file of discoverArchive({ adapter: binance, source, datasets })) console.log(file.key)
 */
export async function* discoverArchive(options: DiscoverOptions): AsyncGenerator<ArchiveFile, void, undefined> {
  const rules = rulesOf(options.adapter)
  const datasets = new Map(options.datasets.map((dataset) => [formatDatasetId(dataset), dataset]))
  for (const dataset of datasets.values()) requireArchived(options.adapter, rules, dataset)
  // An empty range overlaps a period that it lies in.
  if (options.range !== undefined && options.range.from >= options.range.to) return
  for (const dataset of datasets.values()) {
    options.signal?.throwIfAborted()
    const files = await findFiles(options, rules, dataset)
    yield* files.sort(byPeriodThenKind)
  }
}

function rulesOf(adapter: ExchangeAdapter): ArchiveRules {
  if (adapter.archive !== undefined) return adapter.archive
  throw new LakeError('UNSUPPORTED', `The lake knows no public archive of ${adapter.id}.`, {
    details: { exchange: adapter.id },
  })
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

async function findFiles(options: DiscoverOptions, rules: ArchiveRules, dataset: DatasetId): Promise<ArchiveFile[]> {
  try {
    return await listFiles(options, rules, dataset)
  } catch (error) {
    if (!LakeError.is(error) || error.code !== 'UNSUPPORTED') throw error
    const { source, range, signal } = options
    if (range !== undefined) return probeArchive({ rules, source, dataset, range, signal })
    throw new LakeError(
      'BAD_REQUEST',
      `${source.url} cannot list what it has. Say what to ask it for: give --from and --to (closed-open days).`,
      { cause: error, details: { source: source.url, dataset: formatDatasetId(dataset) } },
    )
  }
}

async function listFiles(options: DiscoverOptions, rules: ArchiveRules, dataset: DatasetId): Promise<ArchiveFile[]> {
  const { source, range, onIgnored, signal } = options
  const { checksumSuffix } = rules
  const wanted = formatDatasetId(dataset)
  const files: ArchiveFile[] = []
  const keys = new Set<string>()
  const checksums = new Set<string>()
  for (const prefix of rules.prefixes(dataset)) {
    for await (const { key, size, etag } of source.list({ prefix, signal })) {
      if (checksumSuffix !== undefined && key.endsWith(checksumSuffix)) {
        checksums.add(key)
        continue
      }
      // Prefixes may overlap.
      if (keys.has(key)) continue
      keys.add(key)
      const name = rules.parseKey(key)
      if (name === undefined) onIgnored?.({ key, why: 'foreign-name' })
      else if (formatDatasetId(name.dataset) !== wanted) onIgnored?.({ key, why: 'other-dataset' })
      else if (range === undefined || rangesOverlap(name.period, range)) {
        files.push({ key, dataset, period: name.period, size, etag })
      }
    }
  }
  if (checksumSuffix === undefined) return files
  for (const key of checksums) {
    if (!keys.has(key.slice(0, -checksumSuffix.length))) onIgnored?.({ key, why: 'orphan-checksum' })
  }
  return files.map((file) => {
    const checksumKey = file.key + checksumSuffix
    return checksums.has(checksumKey) ? { ...file, checksumKey } : file
  })
}

function byPeriodThenKind(a: ArchiveFile, b: ArchiveFile): number {
  return a.period.from - b.period.from || b.period.to - a.period.to
}
