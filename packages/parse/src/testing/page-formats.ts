import type { PageFormat, SourceColumn } from '@lake/core'

/** Small descriptions of real pages, one for each form that a page can have. */
const KLINE_COLUMNS: readonly SourceColumn[] = [
  { name: 'open_time', kind: 'time', to: 'ts_event' },
  { name: 'open', kind: 'decimal', to: 'open' },
  { name: 'high', kind: 'decimal', to: 'high' },
  { name: 'low', kind: 'decimal', to: 'low' },
  { name: 'close', kind: 'decimal', to: 'close' },
  { name: 'volume', kind: 'decimal', to: 'volume' },
  { name: 'close_time', kind: 'time', to: 'close_time' },
  { name: 'quote_volume', kind: 'decimal', to: 'quote_volume' },
  { name: 'count', kind: 'integer', to: 'trade_count' },
  { name: 'taker_buy_volume', kind: 'decimal', to: 'taker_buy_volume' },
  { name: 'taker_buy_quote_volume', kind: 'decimal', to: 'taker_buy_quote_volume' },
]

/** Rows that are lists at the root. */
export const klinePages: PageFormat = {
  id: 'klines',
  dataType: 'klines',
  markets: ['spot', 'um', 'cm'],
  rows: [],
  shape: 'array',
  columns: KLINE_COLUMNS,
  units: { volume: 'base asset' },
}

/** Rows that are objects at the root. */
export const tradePages: PageFormat = {
  id: 'agg-trades',
  dataType: 'aggTrades',
  markets: ['spot', 'um'],
  rows: [],
  shape: 'object',
  columns: [
    { name: 'a', kind: 'integer', to: 'agg_trade_id' },
    { name: 'p', kind: 'decimal', to: 'price' },
    { name: 'q', kind: 'decimal', to: 'size' },
    { name: 'f', kind: 'integer', to: 'first_trade_id' },
    { name: 'l', kind: 'integer', to: 'last_trade_id' },
    { name: 'T', kind: 'time', to: 'ts_event' },
    { name: 'm', kind: 'buyer-maker', to: 'side' },
    { name: 'M', kind: 'flag', to: 'is_best_match', nullable: true },
  ],
}

export const fundingPages: PageFormat = {
  id: 'funding',
  dataType: 'fundingRate',
  markets: ['um', 'cm'],
  rows: [],
  shape: 'object',
  columns: [
    { name: 'symbol', kind: 'symbol' },
    { name: 'fundingTime', kind: 'time', to: 'ts_event' },
    { name: 'fundingRate', kind: 'decimal', signed: true, to: 'funding_rate' },
    { name: 'markPrice', kind: 'decimal', nullable: true, to: 'mark_price' },
  ],
}

const SIDES = { BUY: 'buy', SELL: 'sell' } as const

/** A frame that is one row. */
export const forceOrders: PageFormat = {
  id: 'force-orders',
  dataType: 'liquidations',
  markets: ['um', 'cm'],
  rows: ['data'],
  shape: 'single',
  only: [{ field: 'e', anyOf: ['forceOrder'] }],
  columns: [
    { name: 'o.s', kind: 'symbol' },
    { name: 'o.T', kind: 'time', to: 'ts_event' },
    { name: 'o.S', kind: 'word', words: SIDES, to: 'side' },
    { name: 'o.o', kind: 'text', to: 'order_type' },
    { name: 'o.f', kind: 'text', to: 'time_in_force' },
    { name: 'o.q', kind: 'decimal', to: 'original_size' },
    { name: 'o.p', kind: 'decimal', to: 'price' },
    { name: 'o.ap', kind: 'decimal', to: 'average_price' },
    { name: 'o.X', kind: 'text', to: 'status' },
    { name: 'o.l', kind: 'decimal', to: 'last_fill_size' },
    { name: 'o.z', kind: 'decimal', to: 'filled_size' },
  ],
}

/** Bars in frames, of which only the last of each bar is final. */
export const klineFrames: PageFormat = {
  id: 'kline-frames',
  dataType: 'klines',
  markets: ['um'],
  rows: ['data', 'k'],
  shape: 'single',
  only: [{ field: 'x', anyOf: ['true'] }],
  columns: [
    { name: 't', kind: 'time', to: 'ts_event' },
    { name: 'T', kind: 'time', to: 'close_time' },
    { name: '$.data.s', kind: 'symbol' },
    { name: 'o', kind: 'decimal', to: 'open' },
    { name: 'h', kind: 'decimal', to: 'high' },
    { name: 'l', kind: 'decimal', to: 'low' },
    { name: 'c', kind: 'decimal', to: 'close' },
    { name: 'v', kind: 'decimal', to: 'volume' },
    { name: 'n', kind: 'integer', to: 'trade_count' },
    { name: 'q', kind: 'decimal', to: 'quote_volume' },
    { name: 'V', kind: 'decimal', to: 'taker_buy_volume' },
    { name: 'Q', kind: 'decimal', to: 'taker_buy_quote_volume' },
  ],
}

/** Rows of many symbols, lists within lists: what is named outside of a list counts for its rows. */
export const nestedLiquidations: PageFormat = {
  id: 'nested-liquidations',
  dataType: 'liquidations',
  markets: ['um'],
  rows: ['data', '*', 'details'],
  shape: 'object',
  only: [
    { field: '$.data.*.instId', anyOf: 'symbol' },
    { field: '$.arg.channel', anyOf: ['liquidation-orders'] },
  ],
  columns: [
    { name: 'ts', kind: 'time', to: 'ts_event' },
    { name: 'side', kind: 'word', words: { buy: 'buy', sell: 'sell' }, to: 'side' },
    { name: 'sz', kind: 'decimal', to: 'original_size' },
    { name: 'bkPx', kind: 'decimal', to: 'price' },
  ],
  constants: { status: 'FILLED' },
}

/** Bars without a close time, in seconds, under a key that is not known before. */
export const secondsBars: PageFormat = {
  id: 'seconds-bars',
  dataType: 'klines',
  markets: ['spot'],
  rows: ['result', '*'],
  shape: 'array',
  columns: [
    { name: 'time', kind: 'time', unit: 'seconds', to: 'ts_event' },
    { name: 'open', kind: 'decimal', to: 'open' },
    { name: 'high', kind: 'decimal', to: 'high' },
    { name: 'low', kind: 'decimal', to: 'low' },
    { name: 'close', kind: 'decimal', to: 'close' },
    { name: 'vwap', kind: 'ignored' },
    { name: 'volume', kind: 'decimal', to: 'volume' },
    { name: 'count', kind: 'integer', to: 'trade_count', nullable: true },
  ],
  closeBefore: 1,
}
