/** What an address of the venue does with a request. */
export interface VenueRoute {
  /** `page`: rows by time. `latest`: the newest rows, whatever is asked. `byId`: the newest rows, or those from an id on. */
  readonly kind: 'page' | 'latest' | 'byId'
  readonly market: VenueMarket
  /** The parameter that names the symbol. */
  readonly symbolParameter: 'symbol' | 'pair'
  /** The parameter that names the interval. */
  readonly intervalParameter?: 'interval' | 'period' | undefined
  readonly defaultLimit: number
  readonly maximumLimit: number
  /** The longest time between `startTime` and `endTime` in milliseconds, and what is said about a longer one. */
  readonly span?: { readonly millis: number; readonly code: number; readonly message: string } | undefined
  /** Rows older than so many milliseconds are refused. */
  readonly reach?: number | undefined
  readonly needsKey?: boolean | undefined
  weight(limit: number): number
}

export type VenueMarket = 'spot' | 'um' | 'cm'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** How futures weigh a page of bars: ccxt's `byLimit` of the same addresses. */
function barWeight(limit: number): number {
  if (limit < 100) return 1
  if (limit < 500) return 2
  return limit <= 1000 ? 5 : 10
}

function route(market: VenueMarket, form: Partial<VenueRoute> & { readonly weighs?: number }): VenueRoute {
  const { weighs = 1, ...rest } = form
  return {
    ...{ kind: 'page', market, symbolParameter: 'symbol', defaultLimit: 500, maximumLimit: 1000 },
    weight: () => weighs,
    ...rest,
  }
}

const ONE_HOUR = { millis: HOUR, code: -1127, message: 'More than 1 hours between startTime and endTime.' }

function futures(market: 'um' | 'cm', root: string): (readonly [string, VenueRoute])[] {
  const span =
    market === 'cm' ? { millis: 200 * DAY, code: -4088, message: 'Maximum time interval is 200 days.' } : undefined
  const bars = route(market, { intervalParameter: 'interval', maximumLimit: 1500, weight: barWeight, span })
  return [
    [`${root}klines`, bars],
    [`${root}continuousKlines`, { ...bars, symbolParameter: 'pair' }],
    [`${root}markPriceKlines`, bars],
    [`${root}indexPriceKlines`, { ...bars, symbolParameter: 'pair' }],
    [`${root}premiumIndexKlines`, bars],
    [`${root}aggTrades`, route(market, { weighs: 20, span: ONE_HOUR })],
    [`${root}trades`, route(market, { kind: 'latest', weighs: 5 })],
    [`${root}historicalTrades`, route(market, { kind: 'byId', weighs: 20, needsKey: true })],
    [`${root}fundingRate`, route(market, { defaultLimit: 100 })],
  ]
}

/** Open interest and ratios: the same addresses serve `symbol` (um) and `pair` (cm); they cost nothing of the minute's weight. */
const statistics = route('um', {
  ...{ intervalParameter: 'period', defaultLimit: 30, maximumLimit: 500, reach: 30 * DAY, weighs: 0 },
})

/** Every address that serves rows; others are served as they are handed over. */
export const VENUE_ROUTES: ReadonlyMap<string, VenueRoute> = new Map([
  ['/api/v3/klines', route('spot', { intervalParameter: 'interval', weighs: 2 })],
  ['/api/v3/aggTrades', route('spot', { weighs: 4, span: ONE_HOUR })],
  ['/api/v3/trades', route('spot', { kind: 'latest', weighs: 25 })],
  ['/api/v3/historicalTrades', route('spot', { kind: 'byId', weighs: 25, needsKey: true })],
  ...futures('um', '/fapi/v1/'),
  ...futures('cm', '/dapi/v1/'),
  ['/futures/data/openInterestHist', statistics],
  ['/futures/data/topLongShortAccountRatio', statistics],
  ['/futures/data/topLongShortPositionRatio', statistics],
  ['/futures/data/globalLongShortAccountRatio', statistics],
  ['/futures/data/takerlongshortRatio', statistics],
])

/** What the addresses beside rows cost. */
export const OTHER_WEIGHTS: ReadonlyMap<string, number> = new Map([
  ['/api/v3/exchangeInfo', 20],
  ['/fapi/v1/premiumIndex', 10],
])

/** The market of an address by its root. */
export function marketOfPath(path: string): VenueMarket {
  if (path.startsWith('/api/')) return 'spot'
  return path.startsWith('/dapi/') ? 'cm' : 'um'
}
