import { type Interval, intervalMicros, LakeError, nextIntervalStart, type TimeRange } from '@lake/core'
import {
  countLate,
  MOST_FRUITLESS,
  MOST_REPEATS,
  type PageAnswer,
  type WalkedPage,
  type WalkOptions,
} from './page-walk.ts'
import type { PageRows } from './page-rows.ts'
import { seriesSpan } from './series-span.ts'

/*
 * One walk serves both directions: backward is forward on a time axis that is turned round, where t becomes -1 - t, so
 * that closed-open ranges stay closed-open.
 *
 * What a venue leaves open is asked again, never assumed:
 *
 * - A page shorter than asked for is not the end: the walk goes on after its last row.
 * - Events can share an instant, and a page can end in the middle of one. So the next page of events is asked for from
 *   the last instant on, and settles it once more if it has rows of it that have not come: others by their number, or
 *   more where rows have none.
 * - An answer without new rows is believed when a narrower question gets none either. From there on questions double in
 *   width, so that a dead month costs a few requests and a gap is crossed all the same.
 * - A page of other rows than asked for is asked for again. If that does not help, one with room left counts as an
 *   answer without new rows, and a full one fails the walk.
 */

/**
 * The pages of a window, oldest first or newest first as the series pages. Their ranges follow each other without a
 * gap, except where the venue has no rows.
 *
 * @throws {@link LakeError} `UNAVAILABLE` when the venue keeps giving other rows than it was asked for.
 * @throws {@link LakeError} `UNSUPPORTED` when more rows share an instant than a page holds.
 */
export async function* walkByTime<Answer extends PageAnswer>(
  options: WalkOptions<Answer>,
): AsyncGenerator<WalkedPage<Answer>, void, undefined> {
  const { series, dataset, window, limit, tally, ask, pause } = options
  const { interval } = dataset
  const backward = series.walk === 'backward'
  const turn = (range: TimeRange): TimeRange => (backward ? { from: -range.to, to: -range.from } : range)
  const span = seriesSpan(series, dataset)
  const { from: start, to: end } = turn(window)
  /** Up to where every row is in a page. */
  let settled = start
  /** From where on to ask. */
  let position = start
  let edge: Edge = { time: -Infinity, count: 0, names: new Set() }
  /** The width of the next question, after an answer without new rows. */
  let narrow = Infinity
  let widest = interval === undefined ? 0 : limit * barLength(interval)
  let nothingBefore = false
  let short = false
  let repeats = 0
  /** Answers since the last step forward. */
  let fruitless = 0
  /** The last answer with rows, to this window's questions or to those of the one before. */
  let previous = options.lastAnswer?.sha256

  while (settled < end) {
    const reach = Math.min(end, Math.max(settled + 1, position + Math.min(span, narrow)))
    const asked = turn({ from: position, to: reach })
    const answer = await ask({ dataset, ...asked, limit: limitFor(limit, interval, asked) })
    const times = backward ? answer.rows.times.map((time) => -1 - time) : answer.rows.times
    const page = survey({ times, nameOf: answer.rows.nameOf }, { from: settled, to: reach }, edge, start)
    const before = settled
    const again = times.length > 0 && answer.sha256 === previous

    fruitless += 1
    if ((again || page.foreign) && repeats < MOST_REPEATS && fruitless < MOST_FRUITLESS) {
      tally.repeated += 1
      nothingBefore = false
      // Its rows may be ones that come late, so they count too.
      const { earliest } = page
      if (!again && earliest < settled) yield { answer, range: turn({ from: earliest, to: settled }) }
      previous = answer.sha256
      await pause((repeats += 1))
      continue
    }
    repeats = 0
    if (page.count > 0 || page.edgeNews > 0) {
      const { first, last, earliest } = page
      // Rows from before that come late count too: their own page may have been without them.
      const from = Math.min(settled, earliest, page.edgeNews > 0 ? edge.time : Infinity)
      const next = afterLast(page, settled, reach, backward ? undefined : interval)
      yield { answer, range: turn({ from, to: next }) }

      if (short) tally.short += 1
      tally.overlapping += page.before - page.edgeCount
      tally.late += countLate(times)
      short = times.length < limit && next < reach
      if (page.count > 0) {
        edge = interval === undefined ? edgeAt(last, times, answer.rows.nameOf) : { time: last, count: 1, names: NONE }
        widest = Math.max(widest, last - first)
      } else {
        const { count, names } = edgeAt(edge.time, times, answer.rows.nameOf)
        edge = { time: edge.time, count: Math.max(edge.count, count), names: new Set([...edge.names, ...names]) }
      }
      settled = next
      position = interval === undefined && page.beyond === 0 ? edge.time : next
      ;[narrow, nothingBefore] = [Infinity, false]
    } else {
      if (times.length >= limit && page.beyond === 0) throw neverPasses(options, asked, page.foreign)
      if (times.length === 0) tally.empty += 1
      const doubted = page.beyond === 0 && !nothingBefore
      nothingBefore = true
      if (doubted) narrow = narrow < Infinity ? narrow : Math.ceil(Math.max(widest, (end - settled) / 4))
      else [settled, narrow] = [reach, narrow * 2]
      // An empty answer says nothing of the last instant either, which the page before may have cut.
      if (!doubted || times.length > 0) position = settled
    }
    if (settled > before) fruitless = 0
    if (times.length > 0) previous = answer.sha256
    if (!backward && answer.finalTo <= settled) return
  }
}

/** The last instant that has come, and how many rows of it. */
interface Edge {
  readonly time: number
  readonly count: number
  /** Which they are; empty where rows have no numbers. */
  readonly names: ReadonlySet<string>
}

const NONE: ReadonlySet<string> = new Set()

/** How a page lies to what was asked for. */
interface Survey {
  /** Rows that were asked for and had not come yet, with their first and last time. */
  readonly count: number
  readonly first: number
  readonly last: number
  /** Rows of before, those of the last known instant among them, and the first of the others that is in the window. */
  readonly before: number
  readonly edgeCount: number
  /** Rows of the last known instant that had not come. */
  readonly edgeNews: number
  readonly earliest: number
  readonly beyond: number
  /** True when it holds other rows than the known ones of the last instant, but none that was asked for or lies beyond. */
  readonly foreign: boolean
}

function survey(
  { times, nameOf }: Pick<PageRows, 'times' | 'nameOf'>,
  asked: TimeRange,
  edge: Edge,
  start: number,
): Survey {
  const { from, to } = asked
  let [count, first, last] = [0, Infinity, -Infinity]
  let [before, edgeCount, others, beyond, earliest] = [0, 0, 0, 0, Infinity]
  for (let row = 0; row < times.length; row++) {
    const time = times[row] ?? 0
    if (time >= to) {
      beyond += 1
    } else if (time >= from) {
      count += 1
      if (time < first) first = time
      if (time > last) last = time
    } else {
      before += 1
      if (time === edge.time) {
        edgeCount += 1
        if (nameOf !== undefined && !edge.names.has(nameOf(row))) others += 1
      } else if (time >= start && time < earliest) earliest = time
    }
  }
  return {
    count,
    first,
    last,
    before,
    edgeCount,
    edgeNews: nameOf === undefined ? Math.max(0, edgeCount - edge.count) : others,
    beyond,
    earliest,
    foreign: before > edgeCount && before === times.length,
  }
}

function edgeAt(time: number, times: Float64Array, nameOf: PageRows['nameOf']): Edge {
  const names = new Set<string>()
  let count = 0
  for (let row = 0; row < times.length; row++) {
    if (times[row] !== time) continue
    count += 1
    if (nameOf !== undefined) names.add(nameOf(row))
  }
  return { time, count, names }
}

/** Up to where a page settles the rows. */
function afterLast(
  { count, last, beyond }: Survey,
  settled: number,
  reach: number,
  interval: Interval | undefined,
): number {
  if (beyond > 0) return reach
  if (count === 0) return settled
  return interval === undefined ? last + 1 : Math.min(reach, nextIntervalStart(interval, last))
}

/** Of a calendar month the shortest, since this is how far a page reaches at least. */
function barLength(interval: Interval = '1d'): number {
  return interval === '1mo' ? 28 * intervalMicros('1d') : intervalMicros(interval)
}

/** No more rows than there can be: many venues weigh a request by what it asks for. */
function limitFor(limit: number, interval: Interval | undefined, { from, to }: TimeRange): number {
  if (interval === undefined) return limit
  return Math.min(limit, Math.max(1, Math.ceil((to - from) / barLength(interval))))
}

function neverPasses({ series, limit }: WalkOptions<PageAnswer>, asked: TimeRange, foreign: boolean): LakeError {
  const details = { series: series.id, ...asked, limit }
  return foreign
    ? new LakeError(
        'UNAVAILABLE',
        `${series.id} was asked ${MOST_REPEATS + 1} times for rows from ${asked.from} to ${asked.to}, and gave others. Pages before that stand; try again later.`,
        { details },
      )
    : new LakeError(
        'UNSUPPORTED',
        `${series.id} has ${limit} rows or more at one instant, ${asked.from}, and cannot be paged through them by time. Pages before that stand.`,
        { details },
      )
}
