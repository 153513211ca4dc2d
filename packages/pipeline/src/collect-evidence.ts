import {
  type DatasetId,
  type Gap,
  manifestPrefix,
  monthOf,
  nestsIn,
  parsePeriod,
  type Period,
  periodsIn,
  rangesOverlap,
  type Series,
  silverSeries,
} from '@lake/core'
import {
  type Manifest,
  type ManifestFile,
  type ManifestReader,
  readSourceRecords,
  type Refusal,
  type SourceRecord,
} from '@lake/ledger'
import type { FileEvidence, GapEvidence, SeriesEvidence, SiblingEvidence } from '@lake/quality'
import type { Lake } from './define-lake.ts'
import { heldPageOf } from './held-file.ts'
import { isServed } from './is-served.ts'
import { knownOutages } from './known-outages.ts'
import { lifetimeEvidence } from './lifetime-evidence.ts'
import { listingEvidence } from './listing-evidence.ts'
import { runEvidence } from './run-evidence.ts'
import { tradeEvidence } from './trade-evidence.ts'
import type { VenueMemory } from './venue-memory.ts'

export interface CollectEvidenceOptions {
  readonly lake: Lake
  readonly reader: ManifestReader
  readonly memory: VenueMemory
  readonly dataset: DatasetId
  readonly gaps: readonly Gap[]
  /** The manifests of the dataset in silver, in order of time. */
  readonly manifests: readonly Manifest[]
  /** What sources refused, as far as that still stands. */
  readonly refusals: readonly Refusal[]
  readonly signal?: AbortSignal | undefined
}

/**
 * What a lake knows that may explain gaps of bars: when the instrument was listed, the same interval of the venue's
 * other symbols, the symbol's other intervals and its trades, the archive's files as last seen, what own runs failed on,
 * refusals, and the outages that the adapter names or the lake has learned of. Reads manifests and inventories of the
 * months with gaps, and no rows but trades of days with gaps.
 */
export async function collectEvidence(options: CollectEvidenceOptions): Promise<GapEvidence> {
  const { lake, dataset, gaps, memory } = options
  const adapter = lake.exchange(dataset.exchange)
  const months = new Set(gaps.flatMap((gap) => periodsIn('month', gap).map(({ from }) => monthOf(from))))
  const bySeries = await manifestsAround(options, months)
  const others: SeriesEvidence[] = []
  const siblings: SiblingEvidence[] = []
  for (const { series, files } of bySeries) {
    const { symbol, interval } = series
    if (symbol !== dataset.symbol && interval === dataset.interval) others.push(evidenceOf(symbol, files))
    if (symbol !== dataset.symbol || interval === undefined || dataset.interval === undefined) continue
    if (interval === dataset.interval) continue
    siblings.push({ ...evidenceOf(interval, files), isFiner: nestsIn(interval, dataset.interval) })
  }
  const [listings, trades, files, runs, outages] = await Promise.all([
    listingEvidence(memory, dataset).then((listings) => listings ?? lifetimeEvidence(options)),
    tradeEvidence(options),
    fileEvidence(options),
    runEvidence(options),
    knownOutages(lake, dataset, others, memory),
  ])
  return {
    ...{ listings, others, siblings, trades, files, runs, outages },
    askable: isServed(adapter, dataset) ? ['archive', 'rest'] : ['archive'],
  }
}

interface SeriesFiles {
  readonly series: Series
  readonly files: ManifestFile[]
}

/** The partitions of the same table and market in the months that matter. */
async function manifestsAround(
  { reader, dataset }: CollectEvidenceOptions,
  months: ReadonlySet<string>,
): Promise<readonly SeriesFiles[]> {
  const own = silverSeries(dataset)
  const market = manifestPrefix({ ...own, symbol: '', interval: undefined }).replace(/\/+$/, '/')
  const all: SeriesFiles[] = []
  const entries = await reader.entries(market)
  for (const { series, files } of await reader.read(entries.filter(({ month }) => months.has(month)))) {
    // In order of their keys, the months of a series stand together.
    const last = all.at(-1)
    if (last?.series.symbol === series.symbol && last.series.interval === series.interval) last.files.push(...files)
    else all.push({ series, files: [...files] })
  }
  return all
}

function evidenceOf(name: string, files: readonly ManifestFile[]): SeriesEvidence {
  return { name, covered: files.map(({ span }) => span), gaps: files.flatMap((file) => file.gaps ?? []) }
}

async function fileEvidence({ lake, dataset, gaps, manifests }: CollectEvidenceOptions): Promise<FileEvidence[]> {
  const { archive } = lake.exchange(dataset.exchange)
  const held = manifests
    .flatMap(({ files }) => files)
    .flatMap(({ inputs }) => inputs.map(({ key }) => key))
    .filter((key) => heldPageOf(key) === undefined)
  const isHeld = (key: string): boolean => held.some((one) => one.endsWith(`/${key}`))
  const { records, of } = await recordsAround(lake, dataset)
  const present = new Set(records.filter(({ vanishedAt }) => vanishedAt === undefined).map(({ key }) => key))
  const sharedKeys = (file: Period): string[] =>
    (archive?.sharedBy?.(dataset) ?? []).flatMap((shared) => archive?.key(shared.dataset, file) ?? [])
  const evidence: FileEvidence[] = []
  for (const period of new Set(gaps.flatMap((gap) => periodsIn('day', gap).map(({ label }) => label)))) {
    const { label, from, to } = parsePeriod(period)
    for (const file of [parsePeriod(label.slice(0, 7)), { label, from, to, kind: 'day' as const }]) {
      const name = archive?.key(of, file)
      if (name === undefined) continue
      const held = [name, ...sharedKeys(file)].find(isHeld)
      const about = { source: 'archive', period: file.kind, from: file.from, to: file.to } as const
      if (held !== undefined) evidence.push({ ...about, name: held, state: 'held' })
      // Only who has looked can say that a file is not there.
      else if (records.length > 0 && !present.has(name)) evidence.push({ ...about, name, state: 'absent' })
    }
  }
  return evidence.filter((file) => gaps.some((gap) => rangesOverlap(gap, file)))
}

/** What the source was seen to have: of the dataset, or where it has no files of its own, of those that hold its rows. */
async function recordsAround(
  lake: Lake,
  dataset: DatasetId,
): Promise<{ readonly of: DatasetId; readonly records: readonly SourceRecord[] }> {
  const records = await readSourceRecords(lake.store, dataset)
  const [shared] = lake.exchange(dataset.exchange).archive?.sharedBy?.(dataset) ?? []
  if (records.length > 0 || shared === undefined) return { of: dataset, records }
  const others = await readSourceRecords(lake.store, shared.dataset)
  return others.length === 0 ? { of: dataset, records } : { of: shared.dataset, records: others }
}
