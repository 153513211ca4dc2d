import { intervalMicros, type Market, type PageAsk, type RateBudget, type RestRules, type RestSeries } from '@lake/core'
import { binanceInstruments } from './instruments.ts'
import { aggTradePages, fundingPages, indexKlinePages, klinePages, metricPages, tradePages } from './page-formats.ts'

type Parameters = ReturnType<RestSeries['parameters']>

const MINUTE = intervalMicros('1m')
const DAY = intervalMicros('1d')
const USED = 'x-mbx-used-weight-1m'

/** How ccxt's implicit methods of each market begin. */
const STEMS: Partial<Readonly<Record<Market, string>>> = { spot: 'publicGet', um: 'fapiPublicGet', cm: 'dapiPublicGet' }
const FUTURES = ['um', 'cm'] as const
const ALL = ['spot', 'um', 'cm'] as const

/**
 * What Binance serves over REST, as `api`, `fapi`, `dapi` and `futures/data` do; ccxt has a method for each.
 *
 * Times are asked for in milliseconds, and both ends count. A request for klines of futures weighs by the rows that it
 * asks for, and 499 give most for their weight.
 */
export const binanceRest: RestRules = {
  budgets: [
    weightBudget('spot', 6000),
    weightBudget('um', 2400),
    weightBudget('cm', 2400),
    // These two count requests, on their own, beside the weight.
    {
      ...{ id: 'binance-um-funding', weight: 500, window: 5 * MINUTE },
      evidence: 'Documentation of GET /fapi/v1/fundingRate: 500 requests in 300 s, shared with fundingInfo.',
    },
    {
      ...{ id: 'binance-um-data', weight: 1000, window: 5 * MINUTE },
      evidence: 'Documentation of GET /futures/data: 1000 requests in 300 s.',
    },
  ],
  series: [
    ...ALL.map(klines),
    ...FUTURES.map((market) => indexKlines(market, 'markPriceKlines', 'MarkPriceKlines', 'symbol')),
    ...FUTURES.map((market) => indexKlines(market, 'indexPriceKlines', 'IndexPriceKlines', 'pair')),
    ...FUTURES.map((market) => indexKlines(market, 'premiumIndexKlines', 'PremiumIndexKlines', 'symbol')),
    ...ALL.map(aggTrades),
    ...ALL.map(trades),
    ...FUTURES.map(funding),
    metric('OpenInterestHist', {
      sumOpenInterest: 'sum_open_interest',
      sumOpenInterestValue: 'sum_open_interest_value',
    }),
    metric('TopLongShortAccountRatio', { longShortRatio: 'count_toptrader_long_short_ratio' }),
    metric('TopLongShortPositionRatio', { longShortRatio: 'sum_toptrader_long_short_ratio' }),
    metric('GlobalLongShortAccountRatio', { longShortRatio: 'count_long_short_ratio' }),
    metric('TakerlongshortRatio', { buySellRatio: 'sum_taker_long_short_vol_ratio' }, false),
  ],
  instruments: binanceInstruments,
}

/** The weight that an address may use in a minute, as exchangeInfo states it. */
function weightBudget(market: Market, weight: number): RateBudget {
  return {
    ...{ id: `binance-${market}`, weight, window: MINUTE, usedHeader: USED },
    evidence: `REQUEST_WEIGHT in a recorded exchangeInfo of ${market}: ${weight} in 60 s.`,
  }
}

function klines(market: Market): RestSeries {
  return {
    id: `binance-${market}-klines`,
    dataType: 'klines',
    markets: [market],
    endpoint: method(market, 'Klines'),
    walk: 'forward',
    ...klinePaging(market),
    parameters: (ask) => klineParameters(market, ask, 'symbol'),
    format: klinePages(market),
    evidence:
      market === 'spot'
        ? 'Documentation of GET /api/v3/klines: 1000 rows at most, weight 2. Answers of 12 cells, 24 to 1000 rows: recorded.'
        : 'Documentation of GET klines: 1500 rows at most, weight 1, 2, 5, 10 for up to 99, 499, 1000 and more rows. Answers of 12 cells: recorded, also "Maximum time interval is 200 days." for cm.',
  }
}

function indexKlines(
  market: 'um' | 'cm',
  dataType: 'markPriceKlines' | 'indexPriceKlines' | 'premiumIndexKlines',
  name: string,
  naming: 'symbol' | 'pair',
): RestSeries {
  return {
    id: `binance-${market}-${dataType}`,
    dataType,
    markets: [market],
    endpoint: method(market, name),
    walk: 'forward',
    ...klinePaging(market),
    parameters: (ask) => klineParameters(market, ask, naming),
    format: indexKlinePages(dataType, market),
    evidence:
      'Documentation: 1500 rows at most and weights 1, 2, 5, 10, as of klines; volumes mean nothing, premiums may be negative. Answers of mark and index klines of cm: recorded.',
  }
}

/** 200 days is the longest range that coin-margined markets take; they refuse a longer one. */
function klinePaging(market: Market): Pick<RestSeries, 'pageLimit' | 'maxSpan' | 'budget' | 'weight'> {
  if (market === 'spot') return { pageLimit: 1000, budget: 'binance-spot', weight: () => 2 }
  return {
    pageLimit: 1500,
    maxSpan: market === 'cm' ? 200 * DAY : undefined,
    budget: `binance-${market}`,
    weight: (rows) => (rows < 100 ? 1 : rows < 500 ? 2 : rows <= 1000 ? 5 : 10),
  }
}

function klineParameters(market: Market, ask: PageAsk, naming: 'symbol' | 'pair'): Parameters {
  const { symbol, interval } = ask.dataset
  if (interval === undefined || (interval === '1s' && market !== 'spot')) return undefined
  // An index belongs to a pair of assets, not to a contract.
  if (naming === 'pair' && symbol.includes('_')) return undefined
  return { [naming]: symbol, interval: interval === '1mo' ? '1M' : interval, ...between(ask), limit: ask.limit }
}

function aggTrades(market: Market): RestSeries {
  return {
    id: `binance-${market}-agg-trades`,
    dataType: 'aggTrades',
    markets: [market],
    endpoint: method(market, 'AggTrades'),
    walk: 'id',
    pageLimit: 1000,
    maxSpan: 60 * MINUTE,
    budget: `binance-${market}`,
    weight: () => (market === 'spot' ? 4 : 20),
    // A number and a time together are refused.
    parameters: (ask) => {
      const { symbol } = ask.dataset
      if (ask.fromId !== undefined) return { symbol, fromId: String(ask.fromId), limit: ask.limit }
      return { symbol, ...between(ask), limit: ask.limit }
    },
    format: aggTradePages(market),
    evidence:
      'Documentation of GET aggTrades: 1000 rows at most, by number or by a time of up to an hour, weight 4 (spot), 20 (futures). Answers by time and by number: recorded.',
  }
}

function trades(market: Market): RestSeries {
  return {
    id: `binance-${market}-trades`,
    dataType: 'trades',
    markets: [market],
    endpoint: method(market, 'Trades'),
    walk: 'latest',
    pageLimit: 1000,
    budget: `binance-${market}`,
    weight: () => (market === 'spot' ? 25 : 5),
    parameters: ({ dataset, limit }) => ({ symbol: dataset.symbol, limit }),
    format: tradePages(market),
    evidence:
      'Documentation of GET trades: the newest 1000 at most, weight 25 (spot), 5 (futures). Answers of all three markets: recorded. Older ones (historicalTrades) need a key and go by number alone: the archive has them.',
  }
}

function funding(market: 'um' | 'cm'): RestSeries {
  return {
    id: `binance-${market}-funding`,
    dataType: 'fundingRate',
    markets: [market],
    endpoint: method(market, 'FundingRate'),
    walk: 'forward',
    pageLimit: 1000,
    budget: market === 'um' ? 'binance-um-funding' : 'binance-cm',
    parameters: (ask) => ({ symbol: ask.dataset.symbol, ...between(ask), limit: ask.limit }),
    format: fundingPages(market),
    evidence:
      'Documentation of GET fundingRate: 1000 rows at most, both times inclusive, none for delivery contracts; um shares 500 requests in five minutes, cm weighs 1. Answers of both markets: recorded.',
  }
}

function metric(name: string, fields: Readonly<Record<string, string>>, hasSymbol = true): RestSeries {
  const rows = 500
  return {
    id: `binance-um-${name}`,
    dataType: 'metrics',
    markets: ['um'],
    endpoint: { kind: 'ccxt', exchange: 'binance', method: `fapiDataGet${name}` },
    walk: 'forward',
    pageLimit: rows,
    // No more than a page holds, whichever end of a longer range it would be cut at.
    maxSpan: rows * intervalMicros('5m'),
    // A little less than the thirty days: what is older at the moment of the answer is refused.
    reach: 30 * DAY - 10 * MINUTE,
    budget: 'binance-um-data',
    parameters: (ask) => ({ symbol: ask.dataset.symbol, period: '5m', ...between(ask), limit: ask.limit }),
    format: metricPages(name, fields, hasSymbol),
    evidence:
      'Documentation of GET /futures/data: 500 rows at most, of the last 30 days, 1000 requests in five minutes. Answers of all five: recorded.',
  }
}

/** Our ranges are closed-open in microseconds, Binance's closed in milliseconds. */
function between({ from, to }: PageAsk): { readonly startTime: number; readonly endTime: number } {
  return { startTime: Math.ceil(from / 1000), endTime: Math.ceil(to / 1000) - 1 }
}

function method(market: Market, name: string): RestSeries['endpoint'] {
  return { kind: 'ccxt', exchange: 'binance', method: `${STEMS[market] ?? ''}${name}` }
}
