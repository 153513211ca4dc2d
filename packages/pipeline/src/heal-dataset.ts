import {
  canonicalJson,
  type DatasetId,
  type ExchangeAdapter,
  formatDatasetId,
  type Gap,
  LakeError,
  manifestPrefix,
  rangesOverlap,
  silverSeries,
  type TimeRange,
} from '@lake/core'
import { type ManifestFile, readRefusals, recordRefusals, type Refusal, sha256Of } from '@lake/ledger'
import type { BuiltMonth } from './build-silver-month.ts'
import { missingRows } from './dataset-report.ts'
import type { Lake } from './define-lake.ts'
import { buildFromPages, fetchPages } from './fetch-pages.ts'
import type { SilverThreads } from './silver-threads.ts'
import type { Venues } from './venues.ts'

/** A stretch of rows that is still missing, and why it was not filled. */
export interface LeftGap extends Gap {
  readonly why: string
}

/** What healing did to one dataset. */
export interface HealedDataset {
  readonly id: string
  readonly rowsAdded: number
  readonly gapsFilled: number
  readonly gapsLeft: number
  readonly left: readonly LeftGap[]
  /** Requests that were made of the venue. */
  readonly requests: number
  readonly built: readonly BuiltMonth[]
}

export interface HealDatasetOptions {
  readonly lake: Lake
  readonly dataset: DatasetId
  /** Where to look for gaps; from the first to the last period that the lake holds when absent. */
  readonly range?: TimeRange | undefined
  /** The most gaps to ask for; the oldest come first. */
  readonly budget?: number | undefined
  readonly threads: SilverThreads
  readonly venues: Venues
  readonly signal?: AbortSignal | undefined
  readonly onGap?: ((done: number, total: number) => void) | undefined
}

/**
 * Asks the venue for the rows that a dataset lacks, and builds the partitions that got some, until nothing more comes:
 * venues give some rows late. A stretch that the venue does not have either is remembered, and not asked for again
 * until the archive's files of that time change; so healing again does nothing.
 *
 * @throws {@link LakeError} what building the partitions throws. A venue that does not answer is told in `left`.
 */
export async function healDataset(options: HealDatasetOptions): Promise<HealedDataset> {
  const { lake, dataset, threads, budget = Number.POSITIVE_INFINITY, signal } = options
  const adapter = lake.exchange(dataset.exchange)
  const before = await silverFiles(lake, dataset, signal)
  const range = options.range ?? heldRange(before)
  const gapsOf = (files: readonly ManifestFile[]): readonly Gap[] =>
    range === undefined ? [] : (missingRows({ adapter, dataset, range }, files) ?? [])
  const found = gapsOf(before)
  const built = new Map<string | undefined, BuiltMonth>()
  const round: HealRound = { options, asked: 0, requests: 0, wall: undefined }
  const refused = found.length === 0 ? [] : [...(await readRefusals(lake.store, dataset))]
  let files = before
  while (isServed(adapter, dataset) && round.wall === undefined && round.asked < budget) {
    const gaps = gapsOf(files).filter((gap) => !isRefused(gap, refused, evidenceOf(gap, files)))
    const asked = await askForGaps(round, gaps)
    if (asked.length === 0) break
    for (const month of await buildFromPages({ lake, dataset, ranges: asked, threads, signal })) {
      const written = month.written + (built.get(month.manifest?.month)?.written ?? 0)
      built.set(month.manifest?.month, { ...month, written })
    }
    const after = await silverFiles(lake, dataset, signal)
    const unanswered = gapsOf(after).filter((gap) => asked.some(({ from, to }) => from === gap.from && to === gap.to))
    const refusals = refusalsOf(lake, unanswered, after)
    await recordRefusals(lake.store, dataset, refusals)
    refused.push(...refusals)
    files = after
  }
  const left = gapsOf(files)
  const why = reasonFor(adapter, dataset, round)
  return {
    id: formatDatasetId(dataset),
    rowsAdded: rowsOf(files) - rowsOf(before),
    gapsFilled: found.filter((gap) => !left.some((one) => rangesOverlap(one, gap))).length,
    gapsLeft: left.length,
    left: left.map((gap) => ({
      ...gap,
      why: isRefused(gap, refused, evidenceOf(gap, files)) ? 'the venue does not have these rows' : why,
    })),
    requests: round.requests,
    built: [...built.values()],
  }
}

/** How far healing has come. */
interface HealRound {
  readonly options: HealDatasetOptions
  asked: number
  requests: number
  /** Why the venue cannot be asked any more. */
  wall: string | undefined
}

async function askForGaps(round: HealRound, gaps: readonly Gap[]): Promise<readonly Gap[]> {
  const { lake, dataset, venues, signal, onGap, budget = Number.POSITIVE_INFINITY } = round.options
  const asked: Gap[] = []
  for (const gap of gaps) {
    signal?.throwIfAborted()
    if (round.asked >= budget) break
    try {
      round.requests += (await fetchPages({ lake, dataset, range: gap, venues, signal })).requests
    } catch (error) {
      if (!LakeError.is(error)) throw error
      // The other gaps would meet the same wall.
      round.wall = error.message
      break
    }
    round.asked++
    asked.push(gap)
    onGap?.(asked.length, gaps.length)
  }
  return asked
}

function isServed({ rest }: ExchangeAdapter, { dataType, market }: DatasetId): boolean {
  return rest?.series.some((one) => one.dataType === dataType && one.markets.includes(market)) ?? false
}

function reasonFor(adapter: ExchangeAdapter, dataset: DatasetId, { wall, options }: HealRound): string {
  if (!isServed(adapter, dataset)) return `${adapter.id} does not serve ${dataset.dataType} over REST`
  return wall ?? `the budget of ${String(options.budget)} gaps is used up`
}

/** The silver partitions that the lake holds of a dataset, in order of time. */
export async function silverFiles(lake: Lake, dataset: DatasetId, signal?: AbortSignal): Promise<ManifestFile[]> {
  const files: ManifestFile[] = []
  for await (const manifest of lake.ledger.manifests({ prefix: manifestPrefix(silverSeries(dataset)), signal })) {
    files.push(...manifest.files)
  }
  return files
}

function heldRange(files: readonly ManifestFile[]): TimeRange | undefined {
  const [first] = files
  if (first === undefined) return undefined
  return { from: first.span.from, to: files.reduce((to, { span }) => Math.max(to, span.to), first.span.to) }
}

function rowsOf(files: readonly ManifestFile[]): number {
  return files.reduce((rows, file) => rows + file.rows, 0)
}

/** What an answer rests on: the archive's files of the months around. Pages are not part of it: they are the answers. */
function evidenceOf(gap: TimeRange, files: readonly ManifestFile[]): string {
  const inputs = files
    .filter(({ span }) => rangesOverlap(span, gap))
    .flatMap((file) => file.inputs.filter(({ key }) => !key.endsWith('.page')).map(({ sha256 }) => sha256))
  return sha256Of(canonicalJson(inputs.sort())).slice(0, 16)
}

function isRefused(gap: Gap, refusals: readonly Refusal[], evidence: string): boolean {
  return refusals.some((one) => one.from <= gap.from && gap.to <= one.to && one.evidence === evidence)
}

function refusalsOf(lake: Lake, unanswered: readonly Gap[], files: readonly ManifestFile[]): Refusal[] {
  const askedAt = lake.now()
  return unanswered.map(({ from, to }) => ({
    source: 'rest',
    from,
    to,
    evidence: evidenceOf({ from, to }, files),
    askedAt,
  }))
}
