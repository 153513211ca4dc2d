import {
  type DatasetId,
  formatDatasetId,
  type Gap,
  LakeError,
  type LakeErrorCode,
  rangesOverlap,
  type TimeRange,
} from '@lake/core'
import { type ManifestReader, openManifestReader, recordRefusals, type Refusal } from '@lake/ledger'
import type { ExplainedGap } from '@lake/quality'
import type { BuiltMonth } from './build-silver-month.ts'
import { blockedIn } from './blocked-in.ts'
import { missingRows } from './missing-rows.ts'
import type { Lake } from './define-lake.ts'
import { explainWithRefusals } from './explain-dataset.ts'
import { buildFromPages, fetchPages } from './fetch-pages.ts'
import { refusalOf } from './gap-refusals.ts'
import type { BlockedReport } from './blocked-report.ts'
import { heldRange, rowCount, silverFiles } from './silver-files.ts'
import type { SilverThreads } from './silver-threads.ts'
import type { HealShare } from './heal-share.ts'
import type { Venues } from './venues.ts'
import type { VenueMemory } from './venue-memory.ts'

/** A stretch of rows that is still missing, and why it was not filled. */
export interface LeftGap extends ExplainedGap {
  readonly why: string
}

/** Gaps that a venue may fill and was not asked for. */
export interface UnaskedGaps {
  readonly gaps: number
  readonly rows: number
  /** `budget` when enough was asked for, or what came of asking. */
  readonly reason: 'budget' | LakeErrorCode
  /** The reason in words. */
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
  /** Of these, the gaps that the venue may fill and was not asked for, the rows that they lack, and why. */
  readonly unasked: UnaskedGaps | null
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
  /** What may be asked for, the oldest gaps first, and which venues have stopped to answer. */
  readonly share: HealShare
  /** The lake's manifests as they are now, when several datasets are healed. */
  readonly reader?: ManifestReader | undefined
  /** What the lake remembers of venues, then too. */
  readonly memory?: VenueMemory | undefined
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
  const { lake, dataset, threads, share, memory, signal } = options
  let reader = options.reader ?? openManifestReader(lake.store, signal)
  const before = await silverFiles(reader, dataset)
  const range = options.range ?? heldRange(before)
  let refusals: readonly Refusal[] = []
  const explain = async (): Promise<readonly ExplainedGap[]> => {
    if (range === undefined) return []
    const explained = await explainWithRefusals({ lake, dataset, range, reader, memory, signal })
    refusals = explained.refusals
    return explained.gaps ?? []
  }
  const found = await explain()
  const built = new Map<string | undefined, BuiltMonth>()
  const round: HealRound = { options, asked: 0, requests: 0, wall: undefined, isWallOfOther: false }
  let left = found
  // A venue has no rows of what has not happened yet, and says nothing by not having them.
  const isDue = (gap: ExplainedGap): boolean => isFillable(gap) && gap.to <= lake.now()
  while (round.wall === undefined && share.gaps > 0 && share.rows > 0) {
    const asked = await askForGaps(round, left.filter(isDue))
    if (asked.length === 0) break
    for (const month of await buildFromPages({ lake, dataset, ranges: asked, threads, signal })) {
      const before = built.get(month.manifest?.month)
      const written = month.written + (before?.written ?? 0)
      const blocked = month.blocked + (before?.blocked ?? 0)
      const restated = [...(before?.restated ?? []), ...month.restated]
      built.set(month.manifest?.month, { ...month, written, blocked, restated })
    }
    reader = openManifestReader(lake.store, signal)
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
  const filled = found.filter((gap) => !left.some((one) => rangesOverlap(one, gap)))
  return {
    id: formatDatasetId(dataset),
    rowsAdded: rowCount(after) - rowCount(before),
    gapsFilled: filled.length,
    filled,
    gapsLeft: left.length,
    left: left.map((gap) => ({ ...gap, why: whyLeft(gap, refusals, { round, isDue: isDue(gap) }) })),
    unasked: unaskedOf(left.filter(isDue), round),
    requests: round.requests,
    blocked: blockedIn([...built.values()]),
    built: [...built.values()],
  }
}

function isFillable({ fillableBy }: ExplainedGap): boolean {
  return fillableBy.includes('rest')
}

function whyLeft(
  gap: ExplainedGap,
  refusals: readonly Refusal[],
  { round, isDue }: { readonly round: HealRound; readonly isDue: boolean },
): string {
  if (isDue) return notAsked(round)
  const isRefused = refusals.some(({ from, to }) => from <= gap.from && gap.to <= to)
  return isRefused ? `the venue does not have these rows (${gap.cause})` : `${gap.cause}: ${gap.because}`
}

/** What another dataset has met at the venue is told as what it is: its request is not one for these rows. */
function notAsked({ wall, isWallOfOther, options }: HealRound): string {
  if (wall === undefined) return BUDGET
  const { exchange } = options.dataset
  return isWallOfOther
    ? `${exchange} was not asked again, since it did not answer for another dataset: ${wall.message}`
    : wall.message
}

const BUDGET = 'as much was asked for as the budget allows'

function unaskedOf(gaps: readonly ExplainedGap[], round: HealRound): UnaskedGaps | null {
  if (gaps.length === 0) return null
  const rows = gaps.reduce((sum, { expected }) => sum + expected, 0)
  return { gaps: gaps.length, rows, reason: round.wall?.code ?? 'budget', why: notAsked(round) }
}

/** How far healing has come. */
interface HealRound {
  readonly options: HealDatasetOptions
  asked: number
  requests: number
  /** Why the venue cannot be asked any more. */
  wall: LakeError | undefined
  /** True when another dataset of the job was stopped there before. */
  isWallOfOther: boolean
}

async function askForGaps(round: HealRound, gaps: readonly Gap[]): Promise<readonly Gap[]> {
  const { lake, dataset, venues, share, signal, onGap } = round.options
  const asked: Gap[] = []
  for (const whole of gaps) {
    signal?.throwIfAborted()
    round.wall = share.walls.get(dataset.exchange)
    round.isWallOfOther = round.wall !== undefined
    if (round.wall !== undefined || share.gaps <= 0 || share.rows <= 0) break
    const gap = firstRows(whole, share.rows)
    try {
      round.requests += (await fetchPages({ lake, dataset, range: gap, venues, signal })).requests
    } catch (error) {
      if (!LakeError.is(error)) throw error
      if (isUnknownSymbol(error)) return [...asked, ...gaps.slice(asked.length)]
      // The other gaps would meet the same wall.
      round.wall = error
      if (OF_THE_VENUE.has(error.code)) share.walls.set(dataset.exchange, error)
      break
    }
    round.asked++
    share.gaps--
    share.rows -= gap.expected
    asked.push(gap)
    onGap?.(asked.length, gaps.length)
  }
  return asked
}

/** What would meet the other datasets of the venue as well. */
const OF_THE_VENUE: ReadonlySet<LakeErrorCode> = new Set(['UNAVAILABLE', 'BLOCKED_REGION', 'RATE_LIMITED'])

/** In the venue's own words: a page that is not found may lie elsewhere. */
function isUnknownSymbol({ code, details }: LakeError): boolean {
  return code === 'NOT_FOUND' && details['status'] !== 404
}

/** Rows that are not evenly spaced are few, and asked for together. */
function firstRows(gap: Gap, rows: number): Gap {
  const step = (gap.to - gap.from) / gap.expected
  if (gap.expected <= rows || !Number.isInteger(step)) return gap
  return { from: gap.from, to: gap.from + rows * step, expected: rows }
}
