import { type DatasetId, intervalStart, type PageAsk, type RestSeries, type TimeRange } from '@lake/core'
import type { FetchTally } from './fetch-report.ts'
import type { PageRows } from './page-rows.ts'

/** One answer to one question, as a walk sees it. */
export interface PageAnswer {
  readonly rows: PageRows
  /** The parsed body, for series with a `nextCursor`. */
  readonly json?: unknown
  /** Of the body. */
  readonly sha256: string
  /** What of it is final ends here. */
  readonly finalTo: number
}

/** A page of a walk, and the stretch of time whose rows it settles. */
export interface WalkedPage<Answer extends PageAnswer> {
  readonly answer: Answer
  readonly range: TimeRange
}

/** What every walk is given. */
export interface WalkOptions<Answer extends PageAnswer> {
  readonly series: RestSeries
  readonly dataset: DatasetId
  /** What to walk over. */
  readonly window: TimeRange
  /** The most rows to ask for at once. */
  readonly limit: number
  readonly tally: FetchTally
  /** The last answer to another window's question, since a venue may give it once more. */
  readonly lastAnswer?: { readonly sha256: string } | undefined
  readonly ask: (ask: PageAsk) => Promise<Answer>
  /** Waits before asking the same again. */
  readonly pause: (attempt: number) => Promise<void>
}

/** How often the same is asked again when a venue does not give what was asked for. */
export const MOST_REPEATS = 3

/** How many answers without a step forward a walk stands, however they differ. */
export const MOST_FRUITLESS = 12

/** The instant before which the rows of a dataset are final, when `now` is the venue's clock. */
export function finalBefore({ interval, dataType }: DatasetId, now: number): number {
  if (interval !== undefined) return intervalStart(interval, now)
  // A row of metrics stands for the five minutes that begin with it.
  return dataType === 'metrics' ? intervalStart('5m', now) : now
}

/** Earliest and latest time among the rows of a page that lie in a range; both `undefined` without any. */
export function extent(times: Float64Array, { from, to }: TimeRange): { count: number; first: number; last: number } {
  let count = 0
  let first = Infinity
  let last = -Infinity
  for (const time of times) {
    if (time < from || time >= to) continue
    count += 1
    if (time < first) first = time
    if (time > last) last = time
  }
  return { count, first, last }
}

/** How many rows stand after a row of a later time, in the order of the walk. */
export function countLate(times: Float64Array): number {
  const descending = (times[0] ?? 0) > (times.at(-1) ?? 0)
  let late = 0
  for (let row = 1; row < times.length; row++) {
    const step = (times[row] ?? 0) - (times[row - 1] ?? 0)
    if (descending ? step > 0 : step < 0) late += 1
  }
  return late
}
