import { type DataType, type Interval, isBarType } from '@lake/core'
import { type Check, type Contract, defineContract } from './contract.ts'

export interface ContractOptions {
  /** The grain of bars; without it nothing is said about their times. */
  readonly interval?: Interval | undefined
  /** The value of one contract in quote currency, where volume counts contracts. */
  readonly contractSize?: number | undefined
}

/**
 * The contract that a data type has by default. What cannot be is `failing`: prices below zero, a high below the low,
 * ids that go back. What is rare but real is a `warning`: spikes, stuck prices, short bars around an outage.
 *
 * @example
 * checkTable(klines, contractFor('klines', { interval: '1m' }))
 */
export function contractFor(dataType: DataType, options: ContractOptions = {}): Contract {
  return defineContract({ dataType, checks: [AVAILABLE, ...checksOf(dataType, options)] })
}

function checksOf(dataType: DataType, options: ContractOptions): Check[] {
  if (isBarType(dataType)) return [STRICT_TIMES, ...barTimes(options), ...barValues(dataType, options)]
  return EVENT_CHECKS[dataType]
}

const AVAILABLE: Check = { check: 'ordered', lower: 'ts_event', upper: 'ts_available', severity: 'failing' }
const TIMES: Check = { check: 'ascending', column: 'ts_event', severity: 'failing' }
const STRICT_TIMES: Check = { ...TIMES, strict: true }
const SIDES: Check = { check: 'words', column: 'side', allowed: ['buy', 'sell'], severity: 'failing' }

function barTimes({ interval }: ContractOptions): Check[] {
  if (interval === undefined) return []
  return [
    { check: 'close-time', interval, severity: 'failing' },
    { check: 'grid', interval, severity: 'warning' },
    { check: 'short-bar', interval, severity: 'warning' },
  ]
}

function barValues(dataType: DataType, { contractSize }: ContractOptions): Check[] {
  const ohlc: Check = { check: 'ohlc', severity: 'failing' }
  if (dataType === 'premiumIndexKlines') return [ohlc, within(['open', 'high', 'low', 'close'], -1, 1, 'warning')]
  const prices: Check[] = [
    ohlc,
    positive('open', 'high', 'low', 'close'),
    { check: 'spike', column: 'high', limit: 0.2, severity: 'warning' },
    { check: 'spike', column: 'low', limit: 0.2, severity: 'warning' },
    { check: 'jump', column: 'close', limit: 0.5, severity: 'warning' },
  ]
  if (dataType !== 'klines') return prices
  return [
    ...prices,
    notNegative('volume', 'quote_volume', 'trade_count', 'taker_buy_volume', 'taker_buy_quote_volume'),
    atMost('taker_buy_volume', 'volume'),
    atMost('taker_buy_quote_volume', 'quote_volume'),
    { check: 'together', columns: ['volume', 'quote_volume', 'trade_count'], severity: 'warning' },
    { check: 'vwap', tolerance: 1e-3, contractSize, severity: 'warning' },
    { check: 'stuck', column: 'close', rows: 240, unless: 'volume', severity: 'warning' },
  ]
}

const EVENT_CHECKS: Readonly<Record<Exclude<DataType, `${string}lines`>, Check[]>> = {
  trades: [
    { check: 'ascending', column: 'trade_id', strict: true, severity: 'failing' },
    TIMES,
    positive('price', 'size'),
    notNegative('quote_size'),
    { check: 'product', left: 'price', right: 'size', product: 'quote_size', tolerance: 1e-3, severity: 'warning' },
    SIDES,
    { check: 'spike', column: 'price', limit: 0.1, severity: 'warning' },
  ],
  aggTrades: [
    { check: 'ascending', column: 'agg_trade_id', strict: true, severity: 'failing' },
    { check: 'ascending', column: 'first_trade_id', severity: 'warning' },
    TIMES,
    positive('price', 'size'),
    { check: 'ordered', lower: 'first_trade_id', upper: 'last_trade_id', severity: 'failing' },
    SIDES,
    { check: 'spike', column: 'price', limit: 0.1, severity: 'warning' },
  ],
  fundingRate: [
    STRICT_TIMES,
    within(['funding_rate'], -1, 1, 'failing'),
    within(['funding_rate'], -0.03, 0.03, 'warning'),
    within(['funding_interval_hours'], 1, 24, 'failing'),
    positive('mark_price'),
  ],
  liquidations: [
    TIMES,
    SIDES,
    positive('original_size', 'price'),
    notNegative('average_price', 'last_fill_size', 'filled_size'),
    atMost('filled_size', 'original_size'),
  ],
  bookTicker: [
    { check: 'ascending', column: 'update_id', strict: true, severity: 'failing' },
    TIMES,
    positive('bid_price', 'ask_price'),
    notNegative('bid_size', 'ask_size'),
    { check: 'ordered', lower: 'bid_price', upper: 'ask_price', severity: 'warning' },
  ],
  bookDepth: [TIMES, notNegative('depth', 'notional'), within(['percentage'], -100, 100, 'failing')],
  metrics: [
    STRICT_TIMES,
    notNegative('sum_open_interest', 'sum_open_interest_value'),
    notNegative('count_toptrader_long_short_ratio', 'sum_toptrader_long_short_ratio'),
    notNegative('count_long_short_ratio', 'sum_taker_long_short_vol_ratio'),
    { check: 'jump', column: 'sum_open_interest', limit: 0.5, severity: 'warning' },
  ],
  bvolIndex: [
    TIMES,
    positive('index_value'),
    { check: 'spike', column: 'index_value', limit: 0.2, severity: 'warning' },
  ],
  eohSummary: [
    TIMES,
    notNegative('open', 'high', 'low', 'close', 'volume_contracts', 'volume_usdt', 'mark_price', 'mark_iv', 'vega'),
    notNegative('best_bid_price', 'best_ask_price', 'best_bid_size', 'best_ask_size', 'open_interest_contracts'),
    within(['delta'], -1, 1, 'warning'),
    { check: 'ordered', lower: 'low', upper: 'high', severity: 'failing' },
  ],
}

function positive(...columns: string[]): Check {
  return { check: 'bounds', columns, above: 0, severity: 'failing' }
}

function notNegative(...columns: string[]): Check {
  return { check: 'bounds', columns, min: 0, severity: 'failing' }
}

function within(columns: readonly string[], min: number, max: number, severity: Check['severity']): Check {
  return { check: 'bounds', columns, min, max, severity }
}

/** Sums of the same trades in another order differ in the last digits. */
function atMost(lower: string, upper: string): Check {
  return { check: 'ordered', lower, upper, tolerance: 1e-9, severity: 'failing' }
}
