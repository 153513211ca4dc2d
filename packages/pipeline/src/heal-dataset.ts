import {
  canonicalJson,
  type DatasetId,
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
 * Asks the venue for the rows that a dataset lacks, and builds the partitions that got some. A stretch that the venue
 * does not have either is remembered, and not asked for again until the archive's files of that time change; so
 * healing again does nothing.
 *
 * @throws {@link LakeError} what building the partitions throws. A venue that does not answer is told in `left`.
 */
export async function healDataset(options: HealDatasetOptions): Promise<HealedDataset> {
  const { lake, dataset, budget = Number.POSITIVE_INFINITY, threads, venues, signal, onGap } = options
  const id = formatDatasetId(dataset)
  const adapter = lake.exchange(dataset.exchange)
  const before = await silverFiles(lake, dataset, signal)
  const range = options.range ?? heldRange(before)
  const gaps = range === undefined ? [] : (missingRows({ adapter, dataset, range }, before) ?? [])
  const isServed = adapter.rest?.series.some(
    ({ dataType, markets }) => dataType === dataset.dataType && markets.includes(dataset.market),
  )
  const why = new Map<Gap, string>()
  const refused = gaps.length === 0 ? [] : await readRefusals(lake.store, dataset)
  const wanted = gaps.filter((gap) => {
    if (isServed !== true) why.set(gap, `${adapter.id} does not serve ${dataset.dataType} over REST`)
    else if (isRefused(gap, refused, evidenceOf(gap, before))) why.set(gap, 'the venue does not have these rows')
    return !why.has(gap)
  })
  const asked: Gap[] = []
  let requests = 0
  for (const gap of wanted) {
    signal?.throwIfAborted()
    if (asked.length >= budget) {
      why.set(gap, `the budget of ${budget} gaps is used up`)
      continue
    }
    try {
      requests += (await fetchPages({ lake, dataset, range: gap, venues, signal })).requests
      asked.push(gap)
    } catch (error) {
      if (!LakeError.is(error)) throw error
      // The other gaps would meet the same wall.
      for (const left of wanted) if (!asked.includes(left)) why.set(left, error.message)
      break
    }
    onGap?.(asked.length, Math.min(wanted.length, budget))
  }
  const built = asked.length === 0 ? [] : await buildFromPages({ lake, dataset, ranges: asked, threads, signal })
  const after = asked.length === 0 ? before : await silverFiles(lake, dataset, signal)
  const left = range === undefined ? [] : (missingRows({ adapter, dataset, range }, after) ?? [])
  await recordRefusals(lake.store, dataset, refusalsOf(lake, left, asked, after))
  return {
    id,
    rowsAdded: rowsOf(after) - rowsOf(before),
    gapsFilled: asked.filter((gap) => !left.some((one) => rangesOverlap(one, gap))).length,
    gapsLeft: left.length,
    left: left.map((gap) => ({ ...gap, why: reasonOf(gap, why) })),
    requests,
    built,
  }
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

function reasonOf(gap: Gap, why: ReadonlyMap<Gap, string>): string {
  for (const [one, reason] of why) if (rangesOverlap(one, gap)) return reason
  return 'the venue does not have these rows'
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

function refusalsOf(
  lake: Lake,
  left: readonly Gap[],
  asked: readonly Gap[],
  files: readonly ManifestFile[],
): Refusal[] {
  const askedAt = lake.now()
  return left
    .filter((gap) => asked.some((one) => one.from <= gap.from && gap.to <= one.to))
    .map(({ from, to }) => ({ source: 'rest', from, to, evidence: evidenceOf({ from, to }, files), askedAt }))
}
