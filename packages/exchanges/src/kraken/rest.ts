import type { Instrument, RestRules, RestSeries } from '@lake/core'
import { memberOf, textOf } from '../rest/json-members.ts'
import { BAR_PRICES, CLOSE_BEFORE } from '../rest/page-columns.ts'
import { KRAKEN_MINUTES } from './intervals.ts'

/** One request in 1.2 seconds. */
const BUDGET = {
  ...{ id: 'kraken', weight: 10, window: 12_000_000 },
  evidence: 'ccxt 4.5.84, kraken: a unit is 1 s and bars and trades cost 1.2 of them, so 10 in 12 s.',
}

/** The rows stand under the pair's long name, beside a number `last`. */
const ROWS = ['result', '*'] as const

const klines: RestSeries = {
  ...{ id: 'kraken-klines', dataType: 'klines', markets: ['spot'], walk: 'latest', pageLimit: 721, budget: BUDGET.id },
  endpoint: { kind: 'ccxt', exchange: 'kraken', method: 'publicGetOHLC' },
  parameters({ dataset: { symbol, interval } }) {
    const minutes = interval === undefined ? undefined : KRAKEN_MINUTES[interval]
    return minutes === undefined ? undefined : { pair: symbol, interval: minutes }
  },
  format: {
    ...{ id: 'kraken-rest-klines', dataType: 'klines', markets: ['spot'], rows: ROWS, shape: 'array' },
    columns: [
      ...BAR_PRICES.map((column) => (column.kind === 'time' ? { ...column, unit: 'seconds' as const } : column)),
      { name: 'vwap', kind: 'ignored' },
      { name: 'volume', kind: 'decimal', to: 'volume' },
      { name: 'count', kind: 'integer', to: 'trade_count' },
    ],
    closeBefore: CLOSE_BEFORE,
    units: { volume: 'base asset' },
  },
  evidence:
    'Documentation of Get OHLC Data: the newest 720, older ones cannot be had, the last is not final. A recorded answer has 721 rows: 720 that are final, and after the one that `last` names the one that is not.',
}

const trades: RestSeries = {
  ...{ id: 'kraken-trades', dataType: 'trades', markets: ['spot'], walk: 'cursor', pageLimit: 1000, budget: BUDGET.id },
  endpoint: { kind: 'ccxt', exchange: 'kraken', method: 'publicGetTrades' },
  // `since` is in nanoseconds and exclusive.
  parameters: ({ dataset: { symbol }, from, limit, cursor }) => ({
    pair: symbol,
    since: cursor ?? String(BigInt(from) * 1000n - 1n),
    count: limit,
  }),
  nextCursor(body) {
    const result = memberOf(body, 'result')
    const hasRows = Object.values(result ?? {}).some((member) => Array.isArray(member) && member.length > 0)
    return hasRows ? textOf(result, 'last') : undefined
  },
  format: {
    ...{ id: 'kraken-rest-trades', dataType: 'trades', markets: ['spot'], rows: ROWS, shape: 'array' },
    columns: [
      { name: 'price', kind: 'decimal', to: 'price' },
      { name: 'volume', kind: 'decimal', to: 'size' },
      { name: 'time', kind: 'time', unit: 'seconds', to: 'ts_event' },
      { name: 'side', kind: 'word', words: { b: 'buy', s: 'sell' }, to: 'side' },
      { name: 'type', kind: 'ignored' },
      { name: 'miscellaneous', kind: 'ignored' },
      { name: 'trade_id', kind: 'integer', to: 'trade_id' },
    ],
    units: { size: 'base asset' },
  },
  evidence:
    'Documentation of Get Recent Trades: at most 1000, since in nanoseconds and exclusive, last leads on. A recorded answer has 1000 rows.',
}

const STATUS: Readonly<Record<string, Instrument['status']>> = {
  online: 'trading',
  cancel_only: 'halted',
  post_only: 'halted',
  limit_only: 'trading',
  reduce_only: 'halted',
}

/** What api.kraken.com serves without a key. */
export const krakenRest: RestRules = {
  budgets: [BUDGET],
  series: [klines, trades],
  instruments: [
    {
      markets: ['spot'],
      endpoint: { kind: 'ccxt', exchange: 'kraken', method: 'publicGetAssetPairs' },
      budget: BUDGET.id,
      read: (body) => Object.values(memberOf(body, 'result') ?? {}).map(instrumentOf),
      evidence: 'A recorded answer.',
    },
  ],
}

/** Assets by the names that the pair is known by, `XBT/USD`, not by those of its ledger, `XXBT` and `ZUSD`. */
function instrumentOf(pair: unknown): Instrument {
  const [base, quote] = textOf(pair, 'wsname').split('/')
  return {
    symbol: textOf(pair, 'altname'),
    market: 'spot',
    base: base === '' ? undefined : base?.toUpperCase(),
    quote: quote?.toUpperCase(),
    status: STATUS[textOf(pair, 'status')] ?? 'unknown',
  }
}
