import { type VenueBudget, venueBudget, type VenueLimit } from './venue-budget.ts'
import { STATUS_BODIES, type VenueFault, type VenueRequest } from './venue-fault.ts'
import { type DoubledRows, type LateRows, venuePage } from './venue-page.ts'
import { marketOfPath, OTHER_WEIGHTS, VENUE_ROUTES, type VenueMarket, type VenueRoute } from './venue-routes.ts'
import { rowsKey, type VenueRows } from './venue-rows.ts'

export interface VenueDeskOptions {
  /** What is served by time and id; {@link rowsFromArchive} makes it of real files. */
  readonly rows?: readonly VenueRows[] | undefined
  /** What other addresses answer, by path, as in `{ '/fapi/v1/exchangeInfo': recorded }`: JSON values; texts go out as they are. */
  readonly answers?: Readonly<Record<string, unknown>> | undefined
  /** The budgets of the markets. */
  readonly limits?: Readonly<Partial<Record<VenueMarket, VenueLimit>>> | undefined
  /** Rows that only come after some requests. */
  readonly late?: readonly LateRows[] | undefined
  /** Rows that stand twice in their page. */
  readonly doubled?: readonly DoubledRows[] | undefined
  /** Asked for each request that is within the budget. */
  readonly fault?: ((request: VenueRequest) => VenueFault | undefined) | undefined
}

/** A request and what became of it. */
export interface VenueAnswer extends VenueRequest {
  readonly status: number
  readonly weight: number
  /** Rows of the answer; 0 for what is no page. */
  readonly rows: number
}

/** What goes over the wire. */
export interface VenueReply {
  readonly answer: VenueAnswer
  readonly body: string
  /** The weight spent in the current window, this request included. */
  readonly used: number
  readonly retryAfter?: number | undefined
  /** What the connection suffers. */
  readonly fault?: VenueFault | undefined
}

/** Who decides what is answered, apart from any connection. */
export interface VenueDesk {
  readonly requests: readonly VenueAnswer[]
  readonly used: (market: VenueMarket) => number
  reply(path: string, query: URLSearchParams, apiKey: string | undefined): VenueReply
}

/** What was answered before for the same rows. */
interface Series {
  turn: number
  page: readonly string[]
}

/** An answer before the budget and the request are added to it. */
interface Draft {
  readonly status: number
  readonly body: string
  readonly rows: number
  readonly retryAfter?: number | undefined
}

interface Question {
  readonly path: string
  readonly query: URLSearchParams
  readonly apiKey: string | undefined
  readonly series: Series
  readonly limit: number
}

/**
 * Answers requests as Binance does.
 *
 * @param clock the venue's time in epoch milliseconds
 */
export function createDesk(options: VenueDeskOptions, clock: () => number): VenueDesk {
  const { rows = [], answers = {}, limits = {}, late = [], doubled = [], fault: faultOf } = options
  const byKey = new Map(rows.map((one) => [rowsKey(one.path, one.symbol, one.interval), one]))
  const symbols = new Set(rows.map(({ symbol }) => symbol))
  const budgets: Readonly<Record<VenueMarket, VenueBudget>> = {
    spot: venueBudget(limits.spot, 6000, clock),
    um: venueBudget(limits.um, 2400, clock),
    cm: venueBudget(limits.cm, 2400, clock),
  }
  const history = new Map<string, Series>()
  const requests: VenueAnswer[] = []

  const pageFor = (route: VenueRoute, { path, query, series, limit, apiKey }: Question): Draft => {
    const symbol = query.get(parameterOf(route, query))
    const interval = route.intervalParameter === undefined ? undefined : query.get(route.intervalParameter)
    if (route.needsKey === true && apiKey === undefined) return refuse(401, -2014, 'API-key format invalid.')
    if (symbol === null) return refuse(400, -1102, missing(route.symbolParameter))
    if (interval === null) return refuse(400, -1102, missing(route.intervalParameter ?? ''))
    if (!symbols.has(symbol)) return refuse(400, -1121, 'Invalid symbol.')
    const now = clock()
    const wrong = wrongTimes(route, query, now)
    if (wrong !== undefined) return wrong
    const found = byKey.get(rowsKey(path, symbol, interval))
    const request = { route, query, limit, now, late, doubled, answered: series.turn - 1 }
    return pageOf(found === undefined ? [] : venuePage({ ...request, rows: found }), series)
  }

  const draftFor = (question: Question, route: VenueRoute | undefined, fault: VenueFault | undefined): Draft => {
    const { path, series } = question
    if (fault?.kind === 'repeat') return pageOf(series.page, series)
    if (fault?.kind === 'empty') return pageOf([], series)
    if (fault?.kind === 'body') return { status: 200, body: fault.body, rows: 0 }
    if (fault?.kind === 'status') {
      const { status, body = STATUS_BODIES[status] ?? '', retryAfter } = fault
      return { status, body, rows: 0, retryAfter }
    }
    const given = answers[path]
    if (given !== undefined)
      return { status: 200, body: typeof given === 'string' ? given : JSON.stringify(given), rows: 0 }
    if (route === undefined) return builtIn(path, clock())
    const draft = pageFor(route, question)
    return fault?.kind === 'short' && draft.status === 200 ? pageOf(series.page.slice(0, fault.rows), series) : draft
  }

  return {
    requests,
    used: (market) => budgets[market].used,
    reply(path, query, apiKey) {
      const route = VENUE_ROUTES.get(path)
      const limit = route === undefined ? 0 : limitOf(route, query)
      const weight = route?.weight(limit) ?? OTHER_WEIGHTS.get(path) ?? 1
      const budget = budgets[query.has('pair') ? 'cm' : (route?.market ?? marketOfPath(path))]
      const refusal = budget.spend(weight)
      const { series, turn } = turnOf(history, path, query, route, refusal === undefined)
      const seen = { path, query: Object.fromEntries(query), number: requests.length + 1, turn }
      const fault = refusal === undefined ? faultOf?.(seen) : undefined
      const draft =
        refusal === undefined
          ? draftFor({ path, query, apiKey, series, limit }, route, fault)
          : tooMany(refusal, clock())
      const answer = { ...seen, status: draft.status, weight, rows: draft.rows }
      requests.push(answer)
      return { answer, body: draft.body, used: budget.used, retryAfter: draft.retryAfter, fault }
    },
  }
}

/** The history of the rows that a request asks for; a refused request is not counted. */
function turnOf(
  history: Map<string, Series>,
  path: string,
  query: URLSearchParams,
  route: VenueRoute | undefined,
  counts: boolean,
): { readonly series: Series; readonly turn: number } {
  const symbol = query.get('symbol') ?? query.get('pair') ?? ''
  const interval = query.get(route?.intervalParameter ?? '') ?? undefined
  const key = rowsKey(path, symbol, interval)
  const series = history.get(key) ?? { turn: 0, page: [] }
  history.set(key, series)
  if (counts) series.turn++
  return { series, turn: series.turn }
}

function limitOf(route: VenueRoute, query: URLSearchParams): number {
  const asked = Number(query.get('limit') ?? route.defaultLimit)
  return asked > 0 ? Math.min(asked, route.maximumLimit) : route.defaultLimit
}

/** Statistics of coin-margined contracts are asked for by pair. */
function parameterOf(route: VenueRoute, query: URLSearchParams): 'symbol' | 'pair' {
  return route.intervalParameter === 'period' && query.has('pair') ? 'pair' : route.symbolParameter
}

function wrongTimes({ span, reach }: VenueRoute, query: URLSearchParams, now: number): Draft | undefined {
  const [start, end] = [query.get('startTime'), query.get('endTime')]
  if (span !== undefined && start !== null && end !== null && Number(end) - Number(start) > span.millis) {
    return refuse(400, span.code, span.message)
  }
  if (reach !== undefined && start !== null && Number(start) < now - reach) {
    return refuse(400, -1130, "parameter 'startTime' is invalid.")
  }
  return undefined
}

function pageOf(page: readonly string[], series: Series): Draft {
  series.page = page
  return { status: 200, body: `[${page.join(',')}]`, rows: page.length }
}

function refuse(status: number, code: number, msg: string): Draft {
  return { status, body: JSON.stringify({ code, msg }), rows: 0 }
}

function missing(parameter: string): string {
  return `Mandatory parameter '${parameter}' was not sent, was empty/null, or malformed.`
}

function builtIn(path: string, now: number): Draft {
  if (path.endsWith('/ping')) return { status: 200, body: '{}', rows: 0 }
  if (path.endsWith('/time')) return { status: 200, body: `{"serverTime":${now}}`, rows: 0 }
  return refuse(404, -5000, `Path ${path}, Method GET is invalid`)
}

function tooMany({ status, retryAfter }: { readonly status: number; readonly retryAfter: number }, now: number): Draft {
  const msg =
    status === 418
      ? `Way too much request weight used; IP banned until ${now + retryAfter * 1000}. Please use WebSocket Streams for live updates to avoid bans.`
      : 'Too much request weight used; please use WebSocket Streams for live updates to avoid polling the API.'
  return { ...refuse(status, -1003, msg), retryAfter }
}
