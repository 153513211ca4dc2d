import { hash } from 'node:crypto'
import {
  type DatasetId,
  type ExchangeAdapter,
  intervalMicros,
  LakeError,
  type PageAsk,
  periodsIn,
  type RateBudget,
  type RawPage,
  type RestSeries,
  type TimeRange,
} from '@lake/core'
import { type Clock, systemClock } from './clock.ts'
import { createTransport } from './create-transport.ts'
import { type FetchReport, type FetchTally, newTally, type SeriesReport } from './fetch-report.ts'
import { compilePageRows } from './page-rows.ts'
import { extent, finalBefore, type PageAnswer, type WalkedPage, type WalkOptions } from './page-walk.ts'
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts'
import { type PageReply, pause, type RequestContext, requestPage } from './request-page.ts'
import type { RestReply, RestTransport } from './rest-transport.ts'
import { seriesSpan } from './series-span.ts'
import { budgetOf, servingSeries } from './serving-series.ts'
import { walkByCursor } from './walk-by-cursor.ts'
import { walkById } from './walk-by-id.ts'
import { walkByTime } from './walk-by-time.ts'
import { walkLatest } from './walk-latest.ts'

/** What every function that asks a venue takes. */
export interface VenueOptions {
  readonly adapter: ExchangeAdapter
  /** Carries the requests. @default {@link createTransport}, closed at the end */
  readonly transport?: RestTransport | undefined
  /** Keeps the budgets. @default {@link createRateLimiter}, shared by all processes of the machine */
  readonly limiter?: RateLimiter | undefined
  /** Tries of a request in all. @default 5 */
  readonly attempts?: number | undefined
  /** Tries of a request that got no answer at all: no connection, no address, nothing in time. @default `attempts` */
  readonly connectionAttempts?: number | undefined
  readonly clock?: Clock | undefined
  readonly signal?: AbortSignal | undefined
}

export interface FetchRangeOptions extends VenueOptions {
  readonly dataset: DatasetId
  readonly range: TimeRange
  /** `forward` begins with the oldest rows, `backward` with the newest, to put older ones before what is held. @default 'forward' */
  readonly direction?: 'forward' | 'backward' | undefined
  /** Begins so many microseconds earlier, for rows that came late or were corrected. @default 0 */
  readonly lookback?: number | undefined
  /** The most rows to ask for at once. @default what gives most rows for its weight */
  readonly pageRows?: number | undefined
}

/**
 * The pages of a dataset, exactly as the venue sends them, from every series that serves it. Each page settles its
 * `envelope.range`, which lies in one month; an answer that spans two months is given once for each. Nothing that was
 * not final when asked is in a range, so an unfinished bar never counts. Pull-based: one page is asked for at a time.
 *
 * @returns after the last page, what it came to; a series with `nothing-there` was asked for all of the range
 * @throws {@link LakeError} `UNSUPPORTED` when the venue does not serve the dataset, naming what it serves.
 * @throws {@link LakeError} `RATE_LIMITED`, `BLOCKED_REGION`, `UNAVAILABLE`, `NO_PERMISSION`, `NOT_FOUND`, `BAD_REQUEST`
 * when the venue refuses; pages given before stand.
 *
 * @example
 * const dataset = parseDatasetId('binance/um/klines/BTCUSDT/1m')
 * const range = parseTimeRange('2024-01-01', '2024-01-02')
 * for await (const page of fetchRange({ adapter: binance, dataset, range })) console.log(page.envelope.range)
 */
export async function* fetchRange(options: FetchRangeOptions): AsyncGenerator<RawPage, FetchReport, undefined> {
  const { adapter, dataset, lookback = 0, attempts = 5, connectionAttempts = attempts, clock = systemClock } = options
  // Of its own, since many ranges can hang on one signal, which warns of many listeners.
  const signal = options.signal === undefined ? undefined : AbortSignal.any([options.signal])
  const served = servingSeries(adapter, dataset)
  const range = { from: options.range.from - lookback, to: options.range.to }
  const transport = options.transport ?? createTransport()
  const limiter = options.limiter ?? createRateLimiter({ clock })
  const tally = newTally()
  const context: RequestContext = { transport, limiter, clock, attempts, connectionAttempts, tally, signal }
  const reports: SeriesReport[] = []
  try {
    for (const series of served) {
      const budget = budgetOf(adapter.rest, series.budget)
      reports.push(yield* fetchSeries({ ...options, range, series, budget }, context))
    }
  } finally {
    if (options.transport === undefined) await transport.close()
  }
  return { dataset, series: reports, ...tally }
}

interface SeriesOptions extends FetchRangeOptions {
  readonly series: RestSeries
  readonly budget: RateBudget
}

/** A page with all that its envelope needs. */
interface Answer extends PageAnswer, Omit<PageReply, 'reply'> {
  readonly reply: Pick<RestReply, 'status' | 'headers' | 'body'>
  readonly parameters: Readonly<Record<string, string | number>>
}

async function* fetchSeries(
  options: SeriesOptions,
  context: RequestContext,
): AsyncGenerator<RawPage, SeriesReport, undefined> {
  const { series, dataset, range } = options
  const { tally, clock } = context
  const now = clock.now()
  const reachable = {
    from: Math.max(range.from, series.reach === undefined ? -Infinity : now - series.reach),
    to: Math.min(range.to, finalBefore(dataset, now)),
  }
  const unreachable: TimeRange[] = []
  if (range.from < reachable.from) unreachable.push({ from: range.from, to: Math.min(range.to, reachable.from) })
  const before = { pages: tally.pages, rows: tally.rows }
  let settledFrom = Infinity
  let nextId: bigint | undefined
  let lastAnswer: Answer | undefined
  const askOnce = askFor(options, context)
  const common = {
    ...{ series, dataset, tally, limit: rowsFor(series, options.pageRows) },
    pause: (attempt: number) => pause(attempt, context),
    ask: async (ask: PageAsk) => {
      const answer = await askOnce(ask)
      if (answer.rows.count > 0) lastAnswer = answer
      return answer
    },
  }

  for (const window of windowsOf(options, reachable)) {
    const walk = walkOf({ ...common, window, lastAnswer }, nextId)
    let step = await walk.next()
    for (; step.done !== true; step = await walk.next()) {
      settledFrom = Math.min(settledFrom, step.value.range.from)
      yield* pagesOf(step.value, options, tally)
    }
    // Where months follow each other, so do the numbers.
    nextId = options.direction === 'backward' ? undefined : step.value
  }
  if (series.walk === 'latest' && reachable.from < Math.min(settledFrom, reachable.to)) {
    unreachable.push({ from: reachable.from, to: Math.min(settledFrom, reachable.to) })
  }
  if (reachable.to < range.to) unreachable.push({ from: Math.max(range.from, reachable.to), to: range.to })
  const rows = tally.rows - before.rows
  const outcome = reachable.from >= reachable.to ? 'out-of-reach' : rows > 0 ? 'rows' : 'nothing-there'
  return { series: series.id, outcome, pages: tally.pages - before.pages, rows, unreachable }
}

/**
 * The stretches to walk over, each on its own: months, since a page in bronze belongs to one. Backward, bars are walked
 * over page by page, so that what is held always hangs together.
 */
function windowsOf({ series, dataset, direction, pageRows }: SeriesOptions, range: TimeRange): TimeRange[] {
  if (range.from >= range.to) return []
  if (series.walk === 'latest') return [range]
  const months = periodsIn('month', range).map(({ from, to }) => ({
    from: Math.max(from, range.from),
    to: Math.min(to, range.to),
  }))
  if (direction !== 'backward') return months
  const length = dataset.interval === undefined ? undefined : intervalMicros(dataset.interval)
  const span = Math.min(
    seriesSpan(series, dataset),
    length === undefined ? Infinity : length * rowsFor(series, pageRows),
  )
  return months.reverse().flatMap((month) => cutBackward(month, series.walk === 'backward' ? Infinity : span))
}

function cutBackward({ from, to }: TimeRange, span: number): TimeRange[] {
  if (span === Infinity) return [{ from, to }]
  const windows: TimeRange[] = []
  for (let end = to; end > from; end -= span) windows.push({ from: Math.max(from, end - span), to: end })
  return windows
}

function askFor(options: SeriesOptions, context: RequestContext): (ask: PageAsk) => Promise<Answer> {
  const { series, dataset, budget } = options
  const { place, read } = compilePageRows(series.format)
  // A cursor may be in the rows.
  const rows = series.nextCursor === undefined ? place : undefined
  return async (ask) => {
    const parameters = series.parameters(ask)
    if (parameters === undefined) {
      throw new LakeError('UNSUPPORTED', `${series.id} cannot be asked for this page.`, {
        details: { series: series.id },
      })
    }
    const weight = series.weight?.(ask.limit) ?? 1
    const answer = await requestPage({ endpoint: series.endpoint, parameters, rows, budget, weight }, context)
    const { status, headers, body } = answer.reply
    return {
      // A walk holds some answers for long: thousands of objects each, which nobody but a cursor looks at again.
      ...{ ...answer, reply: { status, headers, body }, parameters, rows: read(answer.reply) },
      json: series.nextCursor === undefined ? undefined : answer.reply.json,
      sha256: hash('sha256', body),
      finalTo: finalBefore(dataset, answer.asOf),
    }
  }
}

async function* walkOf(
  options: WalkOptions<Answer>,
  nextId: bigint | undefined,
): AsyncGenerator<WalkedPage<Answer>, bigint | undefined, undefined> {
  switch (options.series.walk) {
    case 'id':
      return yield* walkById(options, nextId)
    case 'cursor':
      yield* walkByCursor(options)
      return undefined
    case 'latest':
      yield* walkLatest(options)
      return undefined
    default:
      yield* walkByTime(options)
      return undefined
  }
}

/** The page once for each month that its range touches, where rows count there. */
function* pagesOf(
  { answer, range }: WalkedPage<Answer>,
  options: SeriesOptions,
  tally: FetchTally,
): Generator<RawPage> {
  const { series, dataset, budget } = options
  const { reply, requestedAt, receivedAt, asOf, parameters, sha256, finalTo, rows } = answer
  const final = { from: range.from, to: Math.min(range.to, finalTo) }
  // What was walked over month by month lies in one.
  for (const month of series.walk === 'latest' ? periodsIn('month', final) : [final]) {
    const part = { from: Math.max(month.from, final.from), to: Math.min(month.to, final.to) }
    const { count } = extent(rows.times, part)
    if (count === 0) continue
    tally.pages += 1
    tally.rows += count
    tally.bytes += reply.body.length
    yield {
      envelope: {
        dataset,
        series: series.id,
        request: { method: nameOf(series), parameters },
        range: part,
        requestedAt,
        receivedAt,
        asOf,
        status: reply.status,
        headers: headersThatMatter(reply.headers, budget),
        sha256,
      },
      body: reply.body,
    }
  }
}

function nameOf({ endpoint }: RestSeries): string {
  return endpoint.kind === 'ccxt' ? `${endpoint.exchange}.${endpoint.method}` : endpoint.url
}

function headersThatMatter(headers: Readonly<Record<string, string>>, budget: RateBudget): Record<string, string> {
  const names = ['date', 'age', 'last-modified', budget.usedHeader ?? 'date']
  return Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])))
}

/** The number of rows that gives most for its weight; of equals the larger. */
function rowsFor(series: RestSeries, wanted: number | undefined): number {
  if (wanted !== undefined) return Math.max(1, Math.min(series.pageLimit, Math.floor(wanted)))
  let best = series.pageLimit
  for (let rows = series.pageLimit - 1; series.weight !== undefined && rows > 0; rows--) {
    if (rows / series.weight(rows) > best / series.weight(best)) best = rows
  }
  return best
}
