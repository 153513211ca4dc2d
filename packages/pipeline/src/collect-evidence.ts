import {
  type DatasetId,
  manifestPrefix,
  monthOf,
  nestsIn,
  parsePeriod,
  periodsIn,
  rangesOverlap,
  type Series,
  silverSeries,
  type TimeRange,
} from '@lake/core'
import { type ManifestFile, readSourceRecords, type Refusal } from '@lake/ledger'
import type { FileEvidence, GapEvidence, RunEvidence, SeriesEvidence, SiblingEvidence } from '@lake/quality'
import type { Lake } from './define-lake.ts'
import { heldPageOf } from './held-file.ts'
import { isServed } from './is-served.ts'
import { knownOutages } from './known-outages.ts'
import type { ManifestReader } from './manifest-reader.ts'

export interface CollectEvidenceOptions {
  readonly lake: Lake
  readonly reader: ManifestReader
  readonly dataset: DatasetId
  readonly gaps: readonly TimeRange[]
  /** The silver partitions of the dataset. */
  readonly files: readonly ManifestFile[]
  /** What sources refused, as far as that still stands. */
  readonly refusals: readonly Refusal[]
}

/**
 * What a lake knows that may explain gaps of bars: the same interval of the venue's other symbols, the symbol's other
 * intervals, the archive's files as last seen, refusals, and the outages that the adapter names or the lake has learned of. Reads manifests and
 * inventories of the months with gaps, and no rows.
 */
export async function collectEvidence(options: CollectEvidenceOptions): Promise<GapEvidence> {
  const { lake, dataset, gaps, refusals } = options
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
  return {
    others,
    siblings,
    files: await fileEvidence(options),
    runs: refusals.map(runEvidence),
    outages: await knownOutages(lake, dataset, others),
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
  const bySeries = new Map<string, SeriesFiles>()
  const entries = await reader.entries(market)
  for (const { series, files } of await reader.read(entries.filter(({ month }) => months.has(month)))) {
    const id = JSON.stringify(series)
    const known = bySeries.get(id) ?? { series, files: [] }
    known.files.push(...files)
    bySeries.set(id, known)
  }
  return [...bySeries.values()]
}

function evidenceOf(name: string, files: readonly ManifestFile[]): SeriesEvidence {
  return { name, covered: files.map(({ span }) => span), gaps: files.flatMap((file) => file.gaps ?? []) }
}

async function fileEvidence({ lake, dataset, gaps, files }: CollectEvidenceOptions): Promise<FileEvidence[]> {
  const { archive } = lake.exchange(dataset.exchange)
  const held = files
    .flatMap(({ inputs }) => inputs.map(({ key }) => key))
    .filter((key) => heldPageOf(key) === undefined)
  const isHeld = (key: string): boolean => held.some((one) => one.endsWith(`/${key}`))
  const records = await readSourceRecords(lake.store, dataset)
  const present = new Set(records.filter(({ vanishedAt }) => vanishedAt === undefined).map(({ key }) => key))
  const evidence: FileEvidence[] = []
  for (const period of new Set(gaps.flatMap((gap) => periodsIn('day', gap).map(({ label }) => label)))) {
    const { label, from, to } = parsePeriod(period)
    for (const file of [parsePeriod(label.slice(0, 7)), { label, from, to, kind: 'day' as const }]) {
      const name = archive?.key(dataset, file)
      if (name === undefined) continue
      const about = { name, source: 'archive', period: file.kind, from: file.from, to: file.to } as const
      if (isHeld(name)) evidence.push({ ...about, state: 'held' })
      // Only who has looked can say that a file is not there.
      else if (records.length > 0 && !present.has(name)) evidence.push({ ...about, state: 'absent' })
    }
  }
  return evidence.filter((file) => gaps.some((gap) => rangesOverlap(gap, file)))
}

function runEvidence({ from, to, askedAt }: Refusal): RunEvidence {
  return { from, to, at: askedAt, source: 'rest', outcome: 'refused', reason: 'it has no such rows' }
}
