import { type DatasetId, dayOf, formatDatasetId, gridOf, type TimeRange } from '@lake/core'
import { type ManifestFile, type ManifestReader, openManifestReader, readRefusals, type Refusal } from '@lake/ledger'
import { type ExplainedGap, explainGaps } from '@lake/quality'
import { collectEvidence } from './collect-evidence.ts'
import { missingRows } from './missing-rows.ts'
import type { Lake } from './define-lake.ts'
import { standingRefusals } from './gap-refusals.ts'
import { barsWithoutTrades } from './no-trades.ts'
import { openVenueMemory, type VenueMemory } from './venue-memory.ts'
import { heldRange, silverManifests } from './silver-files.ts'
import { refusedPeriods, standingFailures } from './standing-failures.ts'

export interface ExplainDatasetOptions {
  readonly lake: Lake
  readonly dataset: DatasetId
  /** From the first to the last period that the lake holds when absent. */
  readonly range?: TimeRange | undefined
  /** The lake's manifests, when several datasets are looked at. */
  readonly reader?: ManifestReader | undefined
  /** What the lake remembers of venues, then too. */
  readonly memory?: VenueMemory | undefined
  readonly signal?: AbortSignal | undefined
}

/** The gaps of a dataset, each with its cause. */
export interface DatasetGaps {
  readonly id: string
  /** `undefined` where rows have no grid to be missing from. */
  readonly gaps: readonly ExplainedGap[] | undefined
  /**
   * Bars that the venue leaves out because nothing was traded, of the UTC days that touch the range; absent for venues
   * that leave out none.
   */
  readonly noTrades?: number | undefined
}

/** What a dataset lacks, and why, as far as the lake tells. Reads no rows but trades of days with gaps in bars. */
export async function explainDataset(options: ExplainDatasetOptions): Promise<DatasetGaps> {
  const { refusals: _, ...explained } = await explainWithRefusals(options)
  return explained
}

/** The gaps of a dataset, and what venues refused, as far as that still stands; not read where there are no gaps. */
export interface GapsAndRefusals extends DatasetGaps {
  readonly refusals: readonly Refusal[]
}

/** The same, for who has to know what was asked for already. */
export async function explainWithRefusals(options: ExplainDatasetOptions): Promise<GapsAndRefusals> {
  const { lake, dataset, signal, reader = openManifestReader(lake.store, signal) } = options
  const { memory = openVenueMemory(lake.store) } = options
  const id = formatDatasetId(dataset)
  const adapter = lake.exchange(dataset.exchange)
  const manifests = await silverManifests(reader, dataset)
  const files = manifests.flatMap((manifest) => manifest.files)
  const range = options.range ?? heldRange(files, refusedPeriods(await standingFailures(lake, dataset, files)))
  if (range === undefined) return { id, gaps: [], refusals: [] }
  const gaps = missingRows({ adapter, dataset, range }, files)
  if (gaps === undefined) return { id, gaps, ...quietBars(options, files, range), refusals: [] }
  if (gaps.length === 0) return { id, gaps: [], refusals: [] }
  const refusals = standingRefusals(await readRefusals(lake.store, dataset), files)
  const evidence = await collectEvidence({ lake, reader, memory, dataset, gaps, manifests, refusals, signal })
  return { id, gaps: explainGaps(gaps, { evidence, now: lake.now(), interval: dataset.interval }), refusals }
}

/** Told only where the adapter says that bars without trades are left out. */
function quietBars(
  { lake, dataset }: ExplainDatasetOptions,
  files: readonly ManifestFile[],
  range: TimeRange,
): Pick<DatasetGaps, 'noTrades'> {
  const interval = gridOf(dataset)
  if (interval === undefined || lake.exchange(dataset.exchange).omitsEmptyBars !== true) return {}
  const [first, last] = [dayOf(range.from), dayOf(range.to - 1)]
  let noTrades = 0
  for (const [day, bars] of barsWithoutTrades(interval, files)) if (day >= first && day <= last) noTrades += bars
  return { noTrades }
}
