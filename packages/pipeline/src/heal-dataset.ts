import { type DatasetId, formatDatasetId, type Gap, LakeError, rangesOverlap, type TimeRange } from '@lake/core'
import { readRefusals, recordRefusals, type Refusal } from '@lake/ledger'
import type { ExplainedGap } from '@lake/quality'
import type { BuiltMonth } from './build-silver-month.ts'
import { blockedIn } from './blocked-in.ts'
import { missingRows } from './missing-rows.ts'
import type { Lake } from './define-lake.ts'
import { explainDataset } from './explain-dataset.ts'
import { buildFromPages, fetchPages } from './fetch-pages.ts'
import { refusalOf, standingRefusals } from './gap-refusals.ts'
import { type ManifestReader, openManifestReader } from './manifest-reader.ts'
import type { BlockedReport } from './run-report.ts'
import { heldRange, rowCount, silverFiles } from './silver-files.ts'
import type { SilverThreads } from './silver-threads.ts'
import type { Venues } from './venues.ts'

/** A stretch of rows that is still missing, and why it was not filled. */
export interface LeftGap extends ExplainedGap {
  readonly why: string
}

/** What healing did to one dataset. */
export interface HealedDataset {
  readonly id: string
  readonly rowsAdded: number
  readonly gapsFilled: number
  /** These gaps, with the causes that let the venue be asked. */
  readonly filled: readonly ExplainedGap[]
  readonly gapsLeft: number
  readonly left: readonly LeftGap[]
  /** Requests that were made of the venue. */
  readonly requests: number
  /** Partitions whose newest state failed a check: what they were before stays. */
  readonly blocked: readonly BlockedReport[]
  readonly built: readonly BuiltMonth[]
}

export interface HealDatasetOptions {
  readonly lake: Lake
  readonly dataset: DatasetId
  /** Where to look for gaps; from the first to the last period that the lake holds when absent. */
  readonly range?: TimeRange | undefined
  /** The most gaps to ask for; the oldest come first. */
  readonly budget?: number | undefined
  /** The lake's manifests as they are now, when several datasets are healed. */
  readonly reader?: ManifestReader | undefined
  readonly threads: SilverThreads
  readonly venues: Venues
  readonly signal?: AbortSignal | undefined
  readonly onGap?: ((done: number, total: number) => void) | undefined
}

/**
 * Asks the venue for the rows that a dataset lacks, where the cause allows that it has them, and builds the partitions
 * that got some, until nothing more comes: venues give some rows late. A stretch that the venue does not have either
 * is remembered, and not asked for again until the archive's files of that time change; so healing again does nothing.
 *
 * @throws {@link LakeError} what building the partitions throws. A venue that does not answer is told in `left`.
 */
export async function healDataset(options: HealDatasetOptions): Promise<HealedDataset> {
  const { lake, dataset, threads, budget = Number.POSITIVE_INFINITY, signal } = options
  let reader = options.reader ?? openManifestReader(lake, signal)
  const before = await silverFiles(reader, dataset)
  const range = options.range ?? heldRange(before)
  const explain = async (): Promise<readonly ExplainedGap[]> =>
    range === undefined ? [] : ((await explainDataset({ lake, dataset, range, reader, signal })).gaps ?? [])
  const found = await explain()
  const built = new Map<string | undefined, BuiltMonth>()
  const round: HealRound = { options, asked: 0, requests: 0, wall: undefined }
  let left = found
  while (round.wall === undefined && round.asked < budget) {
    const asked = await askForGaps(round, left.filter(isFillable))
    if (asked.length === 0) break
    for (const month of await buildFromPages({ lake, dataset, ranges: asked, threads, signal })) {
      const before = built.get(month.manifest?.month)
      const written = month.written + (before?.written ?? 0)
      const blocked = month.blocked + (before?.blocked ?? 0)
      const restated = [...(before?.restated ?? []), ...month.restated]
      built.set(month.manifest?.month, { ...month, written, blocked, restated })
    }
    reader = openManifestReader(lake, signal)
    const files = await silverFiles(reader, dataset)
    const missing =
      range === undefined
        ? []
        : (missingRows({ adapter: lake.exchange(dataset.exchange), dataset, range }, files) ?? [])
    const unanswered = asked.filter(({ from, to }) => missing.some((gap) => gap.from <= from && to <= gap.to))
    await recordRefusals(
      lake.store,
      dataset,
      unanswered.map((gap) => refusalOf(gap, files, lake.now())),
    )
    left = await explain()
  }
  const after = round.asked === 0 ? before : await silverFiles(reader, dataset)
  const refusals = left.length === 0 ? [] : standingRefusals(await readRefusals(lake.store, dataset), after)
  const filled = found.filter((gap) => !left.some((one) => rangesOverlap(one, gap)))
  return {
    id: formatDatasetId(dataset),
    rowsAdded: rowCount(after) - rowCount(before),
    gapsFilled: filled.length,
    filled,
    gapsLeft: left.length,
    left: left.map((gap) => ({ ...gap, why: whyLeft(gap, refusals, round) })),
    requests: round.requests,
    blocked: blockedIn([...built.values()]),
    built: [...built.values()],
  }
}

function isFillable({ fillableBy }: ExplainedGap): boolean {
  return fillableBy.includes('rest')
}

function whyLeft(gap: ExplainedGap, refusals: readonly Refusal[], { wall, options: { budget } }: HealRound): string {
  if (isFillable(gap)) return wall ?? `the budget of ${String(budget)} gaps is used up`
  const isRefused = refusals.some(({ from, to }) => from <= gap.from && gap.to <= to)
  return isRefused ? `the venue does not have these rows (${gap.cause})` : `${gap.cause}: ${gap.because}`
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
