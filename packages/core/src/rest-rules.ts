import type { DatasetId } from './dataset-id.ts'
import type { Instrument } from './instrument.ts'
import type { PageFormat } from './page-format.ts'
import type { DataType, Market } from './vocabulary.ts'

/**
 * Where a request goes.
 *
 * - `ccxt`: an implicit method of one of ccxt's exchanges, as in `{ exchange: 'binance', method: 'fapiPublicGetKlines' }`:
 *   ccxt knows the address, the error words and how to sign
 * - `http`: a plain GET of an address, to which the parameters are added as a query
 */
export type RestEndpoint =
  | { readonly kind: 'ccxt'; readonly exchange: string; readonly method: string }
  | { readonly kind: 'http'; readonly url: string }

/** What one page is asked for. */
export interface PageAsk {
  readonly dataset: DatasetId
  /** Epoch microseconds, closed. */
  readonly from: number
  /** Epoch microseconds, open. */
  readonly to: number
  /** The most rows that are wanted. */
  readonly limit: number
  /** For a walk by id: the first id that is wanted. */
  readonly fromId?: bigint | undefined
  /** For a walk by cursor: what the last page gave. */
  readonly cursor?: string | undefined
}

/**
 * How one page leads to the next.
 *
 * | walk | pages | the next page |
 * |---|---|---|
 * | `forward` | the oldest rows from `from` on | starts at the time of the last row, or after it for bars |
 * | `backward` | the newest rows before `to` | ends at the time of the first row |
 * | `id` | rows from `fromId` on; the first page by time | starts at the id after the last row's |
 * | `cursor` | whatever `cursor` names | is named in this page, by {@link RestSeries.nextCursor} |
 * | `latest` | the newest rows, whatever is asked | there is none |
 */
export type PageWalk = 'forward' | 'backward' | 'id' | 'cursor' | 'latest'

/** One kind of page that a venue serves, and how to walk from page to page. */
export interface RestSeries {
  /** As in `binance-um-klines`; names the pages in bronze, so it never changes. */
  readonly id: string
  readonly dataType: DataType
  readonly markets: readonly Market[]
  readonly endpoint: RestEndpoint
  readonly walk: PageWalk
  /** The most rows that a page holds. */
  readonly pageLimit: number
  /** The longest range that one request may ask for, in microseconds. No bound when absent. */
  readonly maxSpan?: number | undefined
  /** The same in bars, where it is so many of the dataset's interval. */
  readonly maxBars?: number | undefined
  /** How far back the venue remembers, in microseconds. For ever when absent. */
  readonly reach?: number | undefined
  /** The budget that its requests are counted against, by {@link RateBudget.id}. */
  readonly budget: string
  /** What a request of so many rows costs of the budget. 1 when absent. */
  weight?(limit: number): number
  /** The query of a page. `undefined` when the venue does not have that dataset, such as an interval it lacks. */
  parameters(ask: PageAsk): Readonly<Record<string, string | number>> | undefined
  /** What the pages look like inside. */
  readonly format: PageFormat
  /** For a walk by cursor: the cursor of the next page, `undefined` at the end. `body` is the parsed JSON. */
  nextCursor?(body: unknown): string | undefined
  /** Where limit, weight and columns are documented or recorded, in words. */
  readonly evidence: string
}

/** How much a venue lets one address ask for. */
export interface RateBudget {
  /** As in `binance-um`. */
  readonly id: string
  /** The weight that may be spent in each window. */
  readonly weight: number
  /** The length of the window in microseconds. */
  readonly window: number
  /** The response header that says how much of the window is used, in lower case. */
  readonly usedHeader?: string | undefined
  /** Where weight and window are documented or recorded, in words. */
  readonly evidence?: string | undefined
}

/** Where a venue lists what it trades. */
export interface InstrumentSource {
  readonly markets: readonly Market[]
  readonly endpoint: RestEndpoint
  readonly parameters?: Readonly<Record<string, string | number>> | undefined
  readonly budget: string
  readonly weight?: number | undefined
  /** The instruments of a market in the parsed answer. */
  read(body: unknown, market: Market): readonly Instrument[]
  readonly evidence: string
}

/** What a venue serves over REST. Pure: whoever ingests makes the requests. */
export interface RestRules {
  readonly budgets: readonly RateBudget[]
  /** Several series may serve one dataset: each fills the columns that it has. */
  readonly series: readonly RestSeries[]
  readonly instruments?: readonly InstrumentSource[] | undefined
}
