import type { Interval, Market, PageAsk, PageFormat, RestRules, RestSeries, SourceColumn } from '@lake/core'
import {
  BAR_PRICES,
  BASE_AND_QUOTE,
  CLOSE_BEFORE,
  CONTRACTS_AND_BASE,
  millisUp,
  SIGNED_BAR_PRICES,
} from '../rest/page-columns.ts'
import { okxInstruments } from './instruments.ts'
import { okxMarket } from './okx-market.ts'

/** From 6 hours on, bars without `utc` begin at 16:00Z. */
export const OKX_INTERVALS: Readonly<Partial<Record<Interval, string>>> = {
  '1m': '1m', '3m': '3m', '5m': '5m', '15m': '15m', '30m': '30m', '1h': '1H', '2h': '2H', '4h': '4H',
  '6h': '6Hutc', '12h': '12Hutc', '1d': '1Dutc', '1w': '1Wutc', '1mo': '1Mutc',
} // prettier-ignore

const ROWS = ['data'] as const

/** In ccxt's units of its rate limiter: 110 ms each. */
const BUDGET = {
  ...{ id: 'okx', weight: 18, window: 2_000_000 },
  evidence:
    'ccxt 4.5.84, okx: a unit is 110 ms, so 18 in 2 s; the documentation allows 20 requests in 2 s, or 10 where a request weighs 2.',
}

const MONTH = 30 * 86_400_000_000

/** Pages are the newest rows before `after`, newest first. */
function barParameters(ask: PageAsk, symbol: string): Readonly<Record<string, string | number>> | undefined {
  const { interval } = ask.dataset
  const bar = interval === undefined ? undefined : OKX_INTERVALS[interval]
  return bar === undefined ? undefined : { instId: symbol, bar, after: millisUp(ask.to), limit: ask.limit }
}

const BARS = 'after is exclusive, bars that end in utc begin at 00:00Z, confirm is 1 once a bar is final'

function klines(market: Market, volumes: readonly SourceColumn[], units: Readonly<Record<string, string>>): RestSeries {
  const common = { dataType: 'klines', markets: [market] } as const
  return {
    ...{ id: `okx-${market}-klines`, ...common, walk: 'backward', pageLimit: 300, budget: BUDGET.id },
    endpoint: { kind: 'ccxt', exchange: 'okx', method: 'publicGetMarketHistoryCandles' },
    parameters: (ask) =>
      okxMarket(ask.dataset.symbol) === market ? barParameters(ask, ask.dataset.symbol) : undefined,
    format: {
      ...{ id: `okx-rest-${market}-klines`, ...common, rows: ROWS, shape: 'array', closeBefore: CLOSE_BEFORE, units },
      columns: [...BAR_PRICES, ...volumes, { name: 'confirm', kind: 'ignored' }],
      only: [{ field: '8', anyOf: ['1'] }],
    },
    evidence: `Documentation of Get candlesticks history and ccxt 4.5.84, okx.fetchOHLCV: at most 300, ${BARS}; recorded rows of um, rows of cm in ccxt.`,
  }
}

const IGNORED = { kind: 'ignored' } as const

/** An index is of a pair: `BTC-USDT` for the index behind `BTC-USDT-SWAP`. */
function indexBars(
  dataType: 'markPriceKlines' | 'indexPriceKlines',
  word: string,
  method: string,
  weight: number,
): RestSeries {
  const markets = ['um', 'cm'] as const
  const nameOf = (symbol: string): string =>
    dataType === 'indexPriceKlines' ? symbol.split('-').slice(0, 2).join('-') : symbol
  return {
    ...{ id: `okx-${word}-klines`, dataType, markets, walk: 'backward', pageLimit: 100, budget: BUDGET.id },
    endpoint: { kind: 'ccxt', exchange: 'okx', method },
    weight: () => weight,
    parameters: (ask) => barParameters(ask, nameOf(ask.dataset.symbol)),
    format: {
      ...{ id: `okx-rest-${word}-klines`, dataType, markets, rows: ROWS, shape: 'array', closeBefore: CLOSE_BEFORE },
      columns: [...SIGNED_BAR_PRICES, { name: 'confirm', kind: 'ignored' }],
      only: [{ field: '5', anyOf: ['1'] }],
    },
    evidence: `Documentation of Get ${word} price candlesticks history and ccxt 4.5.84, okx.fetchOHLCV: at most 100, weight ${weight}, ${BARS}; the rows of the documentation's example.`,
  }
}

function trades(markets: readonly Market[], id: string, unit: string): RestSeries {
  const common = { dataType: 'trades', markets } as const
  const format: PageFormat = {
    ...{ id: `okx-rest-${id}`, ...common, rows: ROWS, shape: 'object', units: { size: unit } },
    columns: [
      { name: 'ts', kind: 'time', to: 'ts_event' },
      { name: 'instId', kind: 'symbol' },
      { name: 'tradeId', kind: 'integer', to: 'trade_id' },
      { name: 'px', kind: 'decimal', to: 'price' },
      { name: 'sz', kind: 'decimal', to: 'size' },
      { name: 'side', kind: 'word', words: { buy: 'buy', sell: 'sell' }, to: 'side' },
    ],
  }
  return {
    ...{ id: `okx-${id}`, ...common, walk: 'backward', pageLimit: 100, reach: 3 * MONTH, budget: BUDGET.id, format },
    endpoint: { kind: 'ccxt', exchange: 'okx', method: 'publicGetMarketHistoryTrades' },
    weight: () => 2,
    // Type 2 pages by time.
    parameters: ({ dataset: { symbol }, to, limit }) => ({ instId: symbol, type: 2, after: millisUp(to), limit }),
    evidence:
      'Documentation of Get trades history: three months, at most 100, type 2 with after for time; weight 2 as in ccxt 4.5.84; recorded rows of spot.',
  }
}

const funding: RestSeries = {
  ...{ id: 'okx-funding-rate', dataType: 'fundingRate', markets: ['um', 'cm'], walk: 'backward', pageLimit: 100 },
  reach: 3 * MONTH,
  budget: BUDGET.id,
  endpoint: { kind: 'ccxt', exchange: 'okx', method: 'publicGetPublicFundingRateHistory' },
  weight: () => 2,
  parameters: ({ dataset: { symbol }, to, limit }) =>
    symbol.endsWith('-SWAP') ? { instId: symbol, after: millisUp(to), limit } : undefined,
  format: {
    ...{ id: 'okx-rest-funding-rate', dataType: 'fundingRate', markets: ['um', 'cm'], rows: ROWS, shape: 'object' },
    columns: [
      { name: 'fundingTime', kind: 'time', to: 'ts_event' },
      { name: 'instId', kind: 'symbol' },
      // `fundingRate` beside it is what was predicted.
      { name: 'realizedRate', kind: 'decimal', signed: true, to: 'funding_rate' },
    ],
  },
  evidence:
    'ccxt 4.5.84, okx.fetchFundingRateHistory: at most 100, weight 2; realizedRate is the rate that was paid, by the documentation of Get funding rate history, whose example has the rows.',
}

/** What www.okx.com serves without a key. */
export const okxRest: RestRules = {
  budgets: [BUDGET],
  series: [
    klines(
      'spot',
      [
        { name: 'vol', kind: 'decimal', to: 'volume' },
        { name: 'volCcy', ...IGNORED },
        { name: 'volCcyQuote', kind: 'decimal', to: 'quote_volume' },
      ],
      BASE_AND_QUOTE,
    ),
    // `vol` counts contracts, of another size for each instrument; the coin and the dollar beside it do not.
    klines(
      'um',
      [
        { name: 'vol', ...IGNORED },
        { name: 'volCcy', kind: 'decimal', to: 'volume' },
        { name: 'volCcyQuote', kind: 'decimal', to: 'quote_volume' },
      ],
      BASE_AND_QUOTE,
    ),
    klines(
      'cm',
      [
        { name: 'vol', kind: 'decimal', to: 'volume' },
        { name: 'volCcy', kind: 'decimal', to: 'quote_volume' },
        { name: 'volCcyQuote', ...IGNORED },
      ],
      CONTRACTS_AND_BASE,
    ),
    indexBars('markPriceKlines', 'mark', 'publicGetMarketHistoryMarkPriceCandles', 1),
    indexBars('indexPriceKlines', 'index', 'publicGetMarketHistoryIndexCandles', 2),
    trades(['spot'], 'trades', 'base asset'),
    trades(['um', 'cm'], 'contract-trades', 'contracts'),
    funding,
  ],
  instruments: okxInstruments(BUDGET.id),
}
