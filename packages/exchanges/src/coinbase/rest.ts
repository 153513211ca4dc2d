import { type Instrument, type Interval, intervalMicros, type RestRules, type RestSeries } from '@lake/core'
import { itemsOf, textOf } from '../rest/json-members.ts'
import { CLOSE_BEFORE, price } from '../rest/page-columns.ts'

const INTERVALS: readonly Interval[] = ['1m', '5m', '15m', '1h', '6h', '1d']

/** One request in 100 ms. */
const BUDGET = {
  ...{ id: 'coinbase', weight: 10, window: 1_000_000 },
  evidence: 'ccxt 4.5.84, coinbaseexchange: a unit is 100 ms, so 10 in 1 s, and each request costs 1.',
}

const klines: RestSeries = {
  ...{ id: 'coinbase-klines', dataType: 'klines', markets: ['spot'], walk: 'forward', pageLimit: 300, maxBars: 300 },
  budget: BUDGET.id,
  endpoint: { kind: 'ccxt', exchange: 'coinbaseexchange', method: 'publicGetProductsIdCandles' },
  parameters({ dataset: { symbol, interval }, from, to, limit }) {
    const micros = interval === undefined || !INTERVALS.includes(interval) ? undefined : intervalMicros(interval)
    if (micros === undefined) return undefined
    // Both ends count in, and an ask for more than 300 bars is refused.
    const last = Math.min(to - 1, from + (limit - 1) * micros)
    return { id: symbol, granularity: micros / 1_000_000, start: iso(from), end: iso(last) }
  },
  format: {
    ...{ id: 'coinbase-rest-klines', dataType: 'klines', markets: ['spot'], rows: [], shape: 'array' },
    columns: [
      { name: 'time', kind: 'time', unit: 'seconds', to: 'ts_event' },
      ...['low', 'high', 'open', 'close'].map(price),
      { name: 'volume', kind: 'decimal', to: 'volume' },
    ],
    closeBefore: CLOSE_BEFORE,
    units: { volume: 'base asset' },
  },
  evidence:
    'ccxt 4.5.84, coinbaseexchange.fetchOHLCV: at most 300 between start and end; a recorded row: low, high, open, close; bars without trades are absent by the documentation of Get product candles.',
}

const trades: RestSeries = {
  ...{
    id: 'coinbase-trades',
    dataType: 'trades',
    markets: ['spot'],
    walk: 'cursor',
    pageLimit: 1000,
    budget: BUDGET.id,
  },
  endpoint: { kind: 'ccxt', exchange: 'coinbaseexchange', method: 'publicGetProductsIdTrades' },
  // Newest first; `after` an id are those before it.
  parameters: ({ dataset: { symbol }, limit, cursor }) => ({
    ...{ id: symbol, limit },
    ...(cursor === undefined ? {} : { after: cursor }),
  }),
  nextCursor(body) {
    const ids = itemsOf(body).map((row) => Number(textOf(row, 'trade_id')))
    const oldest = Math.min(...ids)
    return ids.length > 0 && oldest > 1 ? String(oldest) : undefined
  },
  format: {
    ...{ id: 'coinbase-rest-trades', dataType: 'trades', markets: ['spot'], rows: [], shape: 'object' },
    columns: [
      { name: 'time', kind: 'time', unit: 'text', to: 'ts_event' },
      { name: 'trade_id', kind: 'integer', to: 'trade_id' },
      { name: 'price', kind: 'decimal', to: 'price' },
      { name: 'size', kind: 'decimal', to: 'size' },
      // The side of the order that rested.
      { name: 'side', kind: 'word', words: { buy: 'sell', sell: 'buy' }, to: 'side' },
    ],
    units: { size: 'base asset' },
  },
  evidence:
    'A recorded row; documentation of Get product trades: at most 1000. Its side is the maker’s: a recorded ticker names the other side for the same trade. Pages go back by id only, so old days are far away.',
}

/** What api.exchange.coinbase.com serves without a key. */
export const coinbaseRest: RestRules = {
  budgets: [BUDGET],
  series: [klines, trades],
  instruments: [
    {
      markets: ['spot'],
      endpoint: { kind: 'ccxt', exchange: 'coinbaseexchange', method: 'publicGetProducts' },
      budget: BUDGET.id,
      read: (body) => itemsOf(body).map(instrumentOf),
      evidence: 'A recorded answer.',
    },
  ],
}

function instrumentOf(product: unknown): Instrument {
  const isHalted = Reflect.get(Object(product), 'trading_disabled') === true
  const status = textOf(product, 'status')
  return {
    symbol: textOf(product, 'id'),
    market: 'spot',
    base: textOf(product, 'base_currency').toUpperCase(),
    quote: textOf(product, 'quote_currency').toUpperCase(),
    status: status === 'delisted' ? 'delisted' : status !== 'online' ? 'unknown' : isHalted ? 'halted' : 'trading',
  }
}

function iso(micros: number): string {
  return new Date(Math.floor(micros / 1000)).toISOString()
}
