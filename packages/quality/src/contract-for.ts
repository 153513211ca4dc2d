import { type DataType, DAY_MICROS, type Interval, intervalMicros, isBarType, rowIdentity } from '@lake/core'
import { type Check, type Contract, defineContract } from './contract.ts'

export interface ContractOptions {
  /** The grain of bars; without it nothing is said about their times. */
  readonly interval?: Interval | undefined
  /** The value of one contract in quote currency, where volume counts contracts. */
  readonly contractSize?: number | undefined
  /** True where volumes and sizes count contracts: they are compared with prices only where `contractSize` is known. */
  readonly countsContracts?: boolean | undefined
  /** True where ids do not grow with time, as those that are made of UUIDs: their order says nothing then. */
  readonly unorderedIds?: boolean | undefined
  /**
   * How far the close of a mark price may lie from the last price and from the index at the same time, relative: 0.01 is
   * 1 %. Default: 0.05, a judgement, neither measured nor a rule of a venue: wide enough that the ordinary distance
   * between mark, trades and index is no finding, narrow enough that another instrument's file, a wrong unit or a crash
   * is one. Take less for a liquid contract that is watched closely, more for a thin one.
   */
  readonly crossCheckLimit?: number | undefined
}

/** See `crossCheckLimit`. */
const CROSS_CHECK_LIMIT = 0.05

/**
 * The contract that a data type has by default. What cannot be is `failing`: prices of zero or less, a high below the
 * low, times that go back. What is rare but real is a `warning`: spikes, stuck prices, ids that go back, the odd
 * close times of bars around an outage, and premiums that open where the last bar closed, outside of low and high.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when `crossCheckLimit` is no number above zero.
 *
 * @example
 * checkTable(klines, contractFor('klines', { interval: '1m' }))
 */
export function contractFor(dataType: DataType, options: ContractOptions = {}): Contract {
  return defineContract({ dataType, checks: [AVAILABLE, ...checksOf(dataType, options)] })
}

function checksOf(dataType: DataType, options: ContractOptions): Check[] {
  if (isBarType(dataType)) return [STRICT_TIMES, ...barTimes(options), ...barValues(dataType, options)]
  const isMoney = options.countsContracts !== true
  const { id } = options.unorderedIds === true ? rowIdentity(dataType) : {}
  return EVENT_CHECKS[dataType].filter(
    (one) => (isMoney || one.check !== 'product') && !(one.check === 'ascending' && one.column === id),
  )
}

const AVAILABLE: Check = { check: 'ordered', lower: 'ts_event', upper: 'ts_available', severity: 'failing' }
const TIMES: Check = { check: 'ascending', column: 'ts_event', severity: 'failing' }
const STRICT_TIMES: Check = { ...TIMES, strict: true }
const SIDES: Check = { check: 'words', column: 'side', allowed: ['buy', 'sell'], severity: 'failing' }

function barTimes({ interval }: ContractOptions): Check[] {
  if (interval === undefined) return []
  return [
    { check: 'close-time', interval, severity: 'warning' },
    { check: 'grid', interval, severity: 'warning' },
    { check: 'short-bar', interval, severity: 'warning' },
  ]
}

function barValues(dataType: DataType, options: ContractOptions): Check[] {
  const { contractSize, countsContracts = false, crossCheckLimit = CROSS_CHECK_LIMIT } = options
  if (dataType === 'premiumIndexKlines') return PREMIUMS
  const ohlc: Check = { check: 'ohlc', severity: 'failing' }
  const prices: Check[] = [ohlc, positive('open', 'high', 'low', 'close'), ...barMoves(options)]
  if (dataType === 'markPriceKlines') {
    return [...prices, nearTo('klines', crossCheckLimit), nearTo('indexPriceKlines', crossCheckLimit)]
  }
  if (dataType !== 'klines') return prices
  return [
    ...prices,
    notNegative('volume', 'quote_volume', 'trade_count', 'taker_buy_volume', 'taker_buy_quote_volume'),
    atMost('taker_buy_volume', 'volume'),
    atMost('taker_buy_quote_volume', 'quote_volume'),
    { check: 'together', columns: ['volume', 'quote_volume', 'trade_count'], severity: 'warning' },
    ...(countsContracts && contractSize === undefined ? [] : [vwapWithin(contractSize)]),
    { check: 'stuck', column: 'close', rows: 240, unless: 'volume', severity: 'warning' },
  ]
}

/** Some venues open a bar of a premium at the last close, which may lie outside of what the bar itself saw. */
const PREMIUMS: Check[] = [
  { check: 'ohlc', severity: 'warning' },
  { check: 'ordered', lower: 'low', upper: 'high', severity: 'failing' },
  { check: 'ordered', lower: 'low', upper: 'close', severity: 'failing' },
  { check: 'ordered', lower: 'close', upper: 'high', severity: 'failing' },
  within(['open', 'high', 'low', 'close'], -1, 1, 'warning'),
]

/** In longer bars than a day's, prices do move so far. */
function barMoves({ interval }: ContractOptions): Check[] {
  const length = interval === undefined ? 0 : (intervalMicros(interval) ?? Number.POSITIVE_INFINITY)
  if (length > DAY_MICROS) return []
  return [
    { check: 'spike', column: 'high', limit: 0.2, severity: 'warning' },
    { check: 'spike', column: 'low', limit: 0.2, severity: 'warning' },
    { check: 'jump', column: 'close', limit: 0.5, severity: 'warning' },
  ]
}

function vwapWithin(contractSize: number | undefined): Check {
  return { check: 'vwap', tolerance: 1e-3, contractSize, severity: 'warning' }
}

const EVENT_CHECKS: Readonly<Record<Exclude<DataType, `${string}lines`>, Check[]>> = {
  trades: [
    rising('trade_id'),
    TIMES,
    positive('price', 'size'),
    notNegative('quote_size'),
    { check: 'product', left: 'price', right: 'size', product: 'quote_size', tolerance: 1e-3, severity: 'warning' },
    SIDES,
    { check: 'spike', column: 'price', limit: 0.1, severity: 'warning' },
  ],
  aggTrades: [
    rising('agg_trade_id'),
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
    rising('update_id'),
    TIMES,
    // A side of a book may be empty.
    notNegative('bid_price', 'ask_price', 'bid_size', 'ask_size'),
    { check: 'bounds', columns: ['bid_price', 'ask_price'], above: 0, severity: 'warning' },
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

/** A mark price follows the index, and trades follow it: far apart is a crash, a thin market, or a wrong file. */
function nearTo(reference: DataType, limit: number): Check {
  return { check: 'near', column: 'close', reference, other: 'close', limit, severity: 'warning' }
}

function positive(...columns: string[]): Check {
  return { check: 'bounds', columns, above: 0, severity: 'failing' }
}

/** Rows are sorted by time, and venues stamp some events in another order than they number them. */
function rising(column: string): Check {
  return { check: 'ascending', column, strict: true, severity: 'warning' }
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
