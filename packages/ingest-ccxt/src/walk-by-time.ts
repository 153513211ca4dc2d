import { type Interval, intervalMicros, isBarType, LakeError, nextIntervalStart, type TimeRange } from '@lake/core'
import { countLate, extent, MOST_REPEATS, type PageAnswer, type WalkedPage, type WalkOptions } from './page-walk.ts'
import { seriesSpan } from './series-span.ts'

/*
 * One walk serves both directions: backward is forward on a time axis that is turned round, where t becomes -1 - t, so
 * that closed-open ranges stay closed-open.
 *
 * What a venue leaves open is asked again, never assumed:
 *
 * - A page shorter than asked for is not the end: the walk goes on from its last row.
 * - Events can share an instant, and a page can end in the middle of one. So the next page is asked for from that
 *   instant on, and the rows of it belong to the next page; a page with nothing else is the end.
 * - An empty answer is believed when a narrower question gets none either. From there on questions double in width, so
 *   that a dead month costs a few requests and a gap is crossed all the same.
 * - A page that goes back to rows of before is asked for again, and fails the walk if that does not help.
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
  const backward = series.walk === 'backward'
  const turn = (range: TimeRange): TimeRange => (backward ? { from: -range.to, to: -range.from } : range)
  const bars = isBarType(dataset.dataType)
  const span = seriesSpan(series, dataset)
  const { from: start, to: end } = turn(window)
  let position = start
  let lastKnown = -Infinity
  /** The width of the next question, after an empty answer. */
  let narrow: number | undefined
  let widest = bars ? limit * barLength(dataset.interval) : 0
  let wasEmpty = false
  let repeats = 0
  /** The last page that held something, of this window or of the one before. */
  let previous = options.lastAnswer?.sha256
  let short = false

  while (position < end) {
    const reach = Math.min(end, position + Math.min(span, narrow ?? Infinity))
    const asked = turn({ from: position, to: reach })
    const answer = await ask({ dataset, ...asked, limit: limitFor(limit, dataset.interval, asked) })
    const times = backward ? answer.rows.times.map((time) => -1 - time) : answer.rows.times
    const held = extent(times, { from: position, to: reach })
    const before = extent(times, { from: -Infinity, to: position })
    const beyond = times.length - held.count - before.count
    let next: number

    const foreign = before.count > 0 && held.count + beyond === 0
    const known = foreign && before.first === lastKnown && before.last === lastKnown
    const again = times.length > 0 && answer.sha256 === previous
    if ((again || (foreign && !known)) && repeats < MOST_REPEATS) {
      tally.repeated += 1
      wasEmpty = false
      await pause((repeats += 1))
      continue
    }
    // A page that had room left would have held what was asked for.
    if (foreign && before.count >= limit) throw repeatsItself(options, asked, repeats + 1)
    repeats = 0

    const doubted = times.length === 0 && !wasEmpty
    wasEmpty = times.length === 0
    if (wasEmpty) tally.empty += 1
    if (doubted) {
      narrow = Math.ceil(widest > 0 ? widest : (end - position) / 8)
      continue
    }

    if (held.count === 0) {
      // Rows after what was asked for, or before it with room left, say as much as a second empty answer.
      next = reach
      narrow = narrow === undefined ? undefined : narrow * 2
    } else {
      if (short) tally.short += 1
      narrow = undefined
      previous = answer.sha256
      widest = Math.max(widest, held.last - held.first)
      const full = times.length >= limit
      next = beyond > 0 ? reach : afterLast(held.last, position, reach, bars ? dataset.interval : undefined, backward)
      if (full && beyond === 0 && !bars && held.last === position) throw tooManyAtOnce(options, asked)
      short = !full && next < reach
      lastKnown = held.last
      tally.overlapping += before.count
      tally.late += countLate(times)
      // Rows from before that come late count too: their own page may have been without them.
      const earliest = extent(times, { from: start, to: position }).first
      yield { answer, range: turn({ from: Math.min(position, earliest), to: next }) }
    }
    position = next
    if (!backward && answer.finalTo <= position) return
  }
}

/** Where the walk goes on after a page's last row. */
function afterLast(
  last: number,
  position: number,
  reach: number,
  interval: Interval | undefined,
  backward: boolean,
): number {
  if (interval !== undefined) return backward ? last + 1 : Math.min(reach, nextIntervalStart(interval, last))
  return last > position ? last : reach
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

function repeatsItself({ series }: WalkOptions<PageAnswer>, asked: TimeRange, times: number): LakeError {
  return new LakeError(
    'UNAVAILABLE',
    `${series.id} was asked ${times} times for rows from ${asked.from} to ${asked.to}, and gave others. Pages before that are stored; try again later.`,
    { details: { series: series.id, ...asked } },
  )
}

function tooManyAtOnce({ series, limit }: WalkOptions<PageAnswer>, asked: TimeRange): LakeError {
  return new LakeError(
    'UNSUPPORTED',
    `${series.id} has more than ${limit} rows at one instant, ${asked.from}, and cannot be paged through it by time. Pages before that are stored.`,
    { details: { series: series.id, ...asked, limit } },
  )
}
