import type { TimeRange } from '@lake/core'
import type { VenueRoute } from './venue-routes.ts'
import type { VenueRows } from './venue-rows.ts'

/** Rows that the venue has only after a while. */
export interface LateRows extends TimeRange {
  /** The address; every address when absent. */
  readonly path?: string | undefined
  /** How many requests for the series are answered without them. */
  readonly after: number
}

/** Rows that stand twice in a page. */
export interface DoubledRows extends TimeRange {
  readonly path?: string | undefined
}

/** What a page is made of. */
export interface VenuePageRequest {
  readonly route: VenueRoute
  readonly rows: VenueRows
  readonly query: URLSearchParams
  readonly limit: number
  /** Epoch milliseconds by the venue's clock: later rows do not exist yet. */
  readonly now: number
  readonly late: readonly LateRows[]
  readonly doubled: readonly DoubledRows[]
  /** How many requests for the series were answered before. */
  readonly answered: number
}

/**
 * The rows of a page as Binance chooses them: both times count in; with `startTime` or `fromId` the oldest rows from
 * there on, without them the newest; a page is ascending and never longer than the limit.
 */
export function venuePage(request: VenuePageRequest): readonly string[] {
  const { rows, limit, answered } = request
  const { first, end, oldest } = boundsOf(request)
  const hidden = request.late.filter((late) => applies(late, rows.path) && answered < late.after)
  const doubled = request.doubled.filter((one) => applies(one, rows.path))
  if (hidden.length === 0 && doubled.length === 0) {
    return oldest
      ? rows.texts.slice(first, Math.min(end, first + limit))
      : rows.texts.slice(Math.max(first, end - limit), end)
  }
  const page: string[] = []
  const step = oldest ? 1 : -1
  for (let row = oldest ? first : end - 1; row >= first && row < end && page.length < limit; row += step) {
    const micros = (rows.times[row] ?? 0) * 1000
    if (holds(hidden, micros)) continue
    const text = rows.texts[row] ?? ''
    page.push(text)
    if (holds(doubled, micros) && page.length < limit) page.push(text)
  }
  return oldest ? page : page.reverse()
}

function boundsOf(request: VenuePageRequest): {
  readonly first: number
  readonly end: number
  readonly oldest: boolean
} {
  const { route, rows, query, now } = request
  const newest = countUpTo(rows.times, now)
  const fromId = query.get('fromId')
  if (route.kind === 'latest') return { first: 0, end: newest, oldest: false }
  if (fromId !== null && rows.ids !== undefined) {
    return { first: countUpTo(rows.ids, Number(fromId) - 1), end: newest, oldest: true }
  }
  if (route.kind === 'byId') return { first: 0, end: newest, oldest: false }
  const startTime = query.get('startTime')
  const endTime = query.get('endTime')
  return {
    first: startTime === null ? 0 : countUpTo(rows.times, Number(startTime) - 1),
    end: endTime === null ? newest : Math.min(newest, countUpTo(rows.times, Number(endTime))),
    oldest: startTime !== null,
  }
}

function applies(rule: { readonly path?: string | undefined }, path: string): boolean {
  return rule.path === undefined || rule.path === path
}

function holds(ranges: readonly TimeRange[], micros: number): boolean {
  return ranges.some(({ from, to }) => from <= micros && micros < to)
}

/** How many of the ascending values are at or below a bound. */
function countUpTo(values: Float64Array, bound: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] ?? 0) <= bound) low = middle + 1
    else high = middle
  }
  return low
}
