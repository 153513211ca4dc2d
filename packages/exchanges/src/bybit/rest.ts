import type { DataType, Interval, Market, PageAsk, PageFormat, RestRules, RestSeries } from '@lake/core'
import {
  BAR_PRICES,
  BASE_AND_QUOTE,
  CLOSE_BEFORE,
  CONTRACTS_AND_BASE,
  millisUp,
  SIGNED_BAR_PRICES,
} from '../rest/page-columns.ts'
import { bybitInstruments } from './instruments.ts'

const CATEGORIES: Readonly<Partial<Record<Market, string>>> = { spot: 'spot', um: 'linear', cm: 'inverse' }

const INTERVALS: Readonly<Partial<Record<Interval, string>>> = {
  '1m': '1', '3m': '3', '5m': '5', '15m': '15', '30m': '30', '1h': '60', '2h': '120', '4h': '240', '6h': '360', '12h': '720',
  '1d': 'D', '1w': 'W', '1mo': 'M',
} // prettier-ignore

const ROWS = ['result', 'list'] as const

/** One request, in ccxt's units of its rate limiter: 20 ms each, 5 for every public address used here. */
const WEIGHT = 5

const BUDGET = {
  ...{ id: 'bybit', weight: 50, window: 1_000_000 },
  evidence:
    'ccxt 4.5.84, bybit: a unit is 20 ms, so 50 in 1 s, and the public addresses used here cost 5 each; the documentation of its rate limit allows 600 requests in 5 s.',
}

/** Pages are the newest bars up to `end`, newest first: asking for an end alone leaves nothing to chance. */
function bars(
  id: string,
  format: Omit<PageFormat, 'id' | 'rows' | 'shape' | 'closeBefore'>,
  method: string,
): RestSeries {
  const { dataType, markets } = format
  return {
    ...{ id: `bybit-${id}`, dataType, markets, walk: 'backward', pageLimit: 1000, budget: BUDGET.id },
    endpoint: { kind: 'ccxt', exchange: 'bybit', method },
    weight: () => WEIGHT,
    parameters: barParameters,
    format: { ...format, id: `bybit-rest-${id}`, rows: ROWS, shape: 'array', closeBefore: CLOSE_BEFORE },
    evidence:
      'Documentation of Get Kline and its mark, index and premium siblings: limit 1000, newest first; weight 5 as in ccxt. Recorded answers of each but the inverse kind, which the documentation shows. A premium opens where the last bar closed, also outside of low and high.',
  }
}

function barParameters({ dataset, to, limit }: PageAsk): Readonly<Record<string, string | number>> | undefined {
  const { symbol, market, interval } = dataset
  const [category, word] = [CATEGORIES[market], interval === undefined ? undefined : INTERVALS[interval]]
  if (category === undefined || word === undefined) return undefined
  return { category, symbol, interval: word, end: millisUp(to) - 1, limit }
}

const VOLUMES = [
  { name: 'volume', kind: 'decimal', to: 'volume' },
  { name: 'turnover', kind: 'decimal', to: 'quote_volume' },
] as const

function indexBars(
  dataType: DataType,
  id: string,
  method: string,
  markets: readonly Market[] = ['um', 'cm'],
): RestSeries {
  return bars(id, { dataType, markets, columns: SIGNED_BAR_PRICES }, method)
}

/** The newest trades, and no older ones. Those of contracts have a UUID each, which becomes the integer that the archive's does. */
function trades(id: string, markets: readonly Market[], pageLimit: number, evidence: string): RestSeries {
  const isSpot = markets.includes('spot')
  return {
    ...{ id: `bybit-${id}`, dataType: 'trades', markets, walk: 'latest', pageLimit, budget: BUDGET.id, evidence },
    endpoint: { kind: 'ccxt', exchange: 'bybit', method: 'publicGetV5MarketRecentTrade' },
    weight: () => WEIGHT,
    parameters({ dataset: { symbol, market }, limit }) {
      const category = CATEGORIES[market]
      return category === undefined ? undefined : { category, symbol, limit }
    },
    format: {
      ...{ id: `bybit-rest-${id}`, dataType: 'trades', markets, rows: ROWS, shape: 'object' },
      columns: [
        { name: 'time', kind: 'time', to: 'ts_event' },
        { name: 'symbol', kind: 'symbol' },
        { name: 'execId', kind: isSpot ? 'integer' : 'uuid', to: 'trade_id' },
        { name: 'price', kind: 'decimal', to: 'price' },
        { name: 'size', kind: 'decimal', to: 'size' },
        { name: 'side', kind: 'word', words: { Buy: 'buy', Sell: 'sell' }, to: 'side' },
      ],
      units: { size: markets.includes('cm') ? 'contracts' : 'base asset' },
    },
  }
}

const funding: RestSeries = {
  ...{ id: 'bybit-funding-rate', dataType: 'fundingRate', markets: ['um', 'cm'], walk: 'backward', pageLimit: 200 },
  budget: BUDGET.id,
  endpoint: { kind: 'ccxt', exchange: 'bybit', method: 'publicGetV5MarketFundingHistory' },
  weight: () => WEIGHT,
  parameters({ dataset: { symbol, market }, to, limit }) {
    const category = CATEGORIES[market]
    return category === undefined ? undefined : { category, symbol, endTime: millisUp(to) - 1, limit }
  },
  format: {
    ...{ id: 'bybit-rest-funding-rate', dataType: 'fundingRate', markets: ['um', 'cm'], rows: ROWS, shape: 'object' },
    columns: [
      { name: 'fundingRateTimestamp', kind: 'time', to: 'ts_event' },
      { name: 'symbol', kind: 'symbol' },
      { name: 'fundingRate', kind: 'decimal', signed: true, to: 'funding_rate' },
    ],
  },
  evidence: 'Documentation of Get Funding Rate History: limit 200; weight 5 as in ccxt; a recorded answer.',
}

/** What api.bybit.com serves without a key. */
export const bybitRest: RestRules = {
  budgets: [BUDGET],
  series: [
    bars(
      'klines',
      { dataType: 'klines', markets: ['spot', 'um'], columns: [...BAR_PRICES, ...VOLUMES], units: BASE_AND_QUOTE },
      'publicGetV5MarketKline',
    ),
    bars(
      'cm-klines',
      { dataType: 'klines', markets: ['cm'], columns: [...BAR_PRICES, ...VOLUMES], units: CONTRACTS_AND_BASE },
      'publicGetV5MarketKline',
    ),
    indexBars('markPriceKlines', 'mark-klines', 'publicGetV5MarketMarkPriceKline'),
    indexBars('indexPriceKlines', 'index-klines', 'publicGetV5MarketIndexPriceKline'),
    indexBars('premiumIndexKlines', 'premium-klines', 'publicGetV5MarketPremiumIndexPriceKline', ['um']),
    trades(
      'trades',
      ['spot'],
      60,
      'Documentation of Get Public Recent Trading History: spot at most 60, no history; weight 5 as in ccxt; its example has the row.',
    ),
    ...(['um', 'cm'] as const).map((market) =>
      trades(
        `${market}-trades`,
        [market],
        1000,
        'Documentation of Get Public Recent Trading History: contracts at most 1000, no history; weight 5 as in ccxt; a recorded answer of a linear contract.',
      ),
    ),
    funding,
  ],
  instruments: bybitInstruments(BUDGET.id, WEIGHT),
}
