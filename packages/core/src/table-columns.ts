/**
 * The columns of every table, once: the Arrow schemas, the TypeScript types, the Parquet schemas and the
 * documentation are all derived from here. A trailing `?` marks a column that may hold null.
 *
 * | kind | Arrow | meaning |
 * |---|---|---|
 * | `time` | timestamp[us, UTC] | an instant |
 * | `id`, `count` | int64 | a venue's number, a number of things |
 * | `price`, `size`, `rate` | float64 | the shortest decimal form equals the source's number |
 * | `text` | dictionary of utf8 | a word from a small set |
 * | `flag` | bool | |
 */
const BAR = {
  open: 'price',
  high: 'price',
  low: 'price',
  close: 'price',
  volume: 'size',
  quote_volume: 'size?',
  trade_count: 'count?',
  taker_buy_volume: 'size?',
  taker_buy_quote_volume: 'size?',
  close_time: 'time',
} as const

/** Bars of a mark price, an index or a premium: nothing trades there, so whatever counts trades is null. */
const INDEX_BAR = {
  open: 'rate',
  high: 'rate',
  low: 'rate',
  close: 'rate',
  volume: 'size?',
  quote_volume: 'size?',
  trade_count: 'count?',
  taker_buy_volume: 'size?',
  taker_buy_quote_volume: 'size?',
  close_time: 'time',
} as const

interface BarColumns {
  readonly klines: typeof BAR
  readonly markPriceKlines: typeof INDEX_BAR
  readonly indexPriceKlines: typeof INDEX_BAR
  readonly premiumIndexKlines: typeof INDEX_BAR
}

const EVENT_COLUMNS = {
  trades: { trade_id: 'id', price: 'price', size: 'size', quote_size: 'size?', side: 'text', is_best_match: 'flag?' },
  aggTrades: {
    agg_trade_id: 'id',
    price: 'price',
    size: 'size',
    first_trade_id: 'id?',
    last_trade_id: 'id?',
    side: 'text',
    is_best_match: 'flag?',
  },
  fundingRate: { funding_rate: 'rate', funding_interval_hours: 'count?', mark_price: 'price?' },
  liquidations: {
    side: 'text',
    order_type: 'text?',
    time_in_force: 'text?',
    original_size: 'size',
    price: 'price',
    average_price: 'price?',
    status: 'text?',
    last_fill_size: 'size?',
    filled_size: 'size?',
  },
  bookTicker: {
    update_id: 'id?',
    bid_price: 'price',
    bid_size: 'size',
    ask_price: 'price',
    ask_size: 'size',
    transaction_time: 'time?',
  },
  bookDepth: { percentage: 'rate', depth: 'size', notional: 'size' },
  metrics: {
    sum_open_interest: 'size?',
    sum_open_interest_value: 'size?',
    count_toptrader_long_short_ratio: 'rate?',
    sum_toptrader_long_short_ratio: 'rate?',
    count_long_short_ratio: 'rate?',
    sum_taker_long_short_vol_ratio: 'rate?',
  },
  bvolIndex: { base_asset: 'text', quote_asset: 'text', index_value: 'price' },
  eohSummary: {
    option_symbol: 'text',
    option_type: 'text',
    strike: 'text',
    open: 'price?',
    high: 'price?',
    low: 'price?',
    close: 'price?',
    volume_contracts: 'size?',
    volume_usdt: 'size?',
    best_bid_price: 'price?',
    best_ask_price: 'price?',
    best_bid_size: 'size?',
    best_ask_size: 'size?',
    best_buy_iv: 'rate?',
    best_sell_iv: 'rate?',
    mark_price: 'price?',
    mark_iv: 'rate?',
    delta: 'rate?',
    gamma: 'rate?',
    vega: 'rate?',
    theta: 'rate?',
    open_interest_contracts: 'size?',
    open_interest_usdt: 'size?',
  },
} as const

/** The columns that follow `ts_event`, `ts_available` and `source` in the silver table of each data type. */
export const SILVER_COLUMNS: BarColumns & typeof EVENT_COLUMNS = {
  klines: BAR,
  markPriceKlines: INDEX_BAR,
  indexPriceKlines: INDEX_BAR,
  premiumIndexKlines: INDEX_BAR,
  ...EVENT_COLUMNS,
}

/**
 * The gold tables. `bars` are klines of any grain with `child_count`, the number of finer rows that each was
 * made of, and `vwap`, null where nothing traded. `funding` sums the funding events of an interval.
 */
export const GOLD_COLUMNS = {
  bars: {
    open: 'price',
    high: 'price',
    low: 'price',
    close: 'price',
    volume: 'size',
    quote_volume: 'size?',
    trade_count: 'count?',
    taker_buy_volume: 'size?',
    taker_buy_quote_volume: 'size?',
    close_time: 'time',
    child_count: 'count',
    vwap: 'price?',
  },
  funding: { funding_rate_sum: 'rate', funding_count: 'count', close_time: 'time' },
} as const

/** The columns that every table starts with. */
export const COMMON_COLUMNS = { ts_event: 'time', ts_available: 'time', source: 'text' } as const
