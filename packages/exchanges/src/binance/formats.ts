import type { SourceColumn, SourceFormat } from '@lake/core'
import { binanceEventFormats } from './event-formats.ts'
import { binanceOptionFormats } from './option-formats.ts'

/** The same twelve columns everywhere; what the volumes count differs by market. */
const KLINE_COLUMNS: readonly SourceColumn[] = [
  { name: 'open_time', kind: 'time', to: 'ts_event' },
  { name: 'open', kind: 'decimal', to: 'open' },
  { name: 'high', kind: 'decimal', to: 'high' },
  { name: 'low', kind: 'decimal', to: 'low' },
  { name: 'close', kind: 'decimal', to: 'close' },
  { name: 'volume', kind: 'decimal', to: 'volume' },
  { name: 'close_time', kind: 'time', to: 'close_time' },
  { name: 'quote_volume', aliases: ['quote_asset_volume', 'base_asset_volume'], kind: 'decimal', to: 'quote_volume' },
  { name: 'count', aliases: ['number_of_trades'], kind: 'integer', to: 'trade_count' },
  { name: 'taker_buy_volume', aliases: ['taker_buy_base_asset_volume'], kind: 'decimal', to: 'taker_buy_volume' },
  {
    name: 'taker_buy_quote_volume',
    aliases: ['taker_buy_quote_asset_volume'],
    kind: 'decimal',
    to: 'taker_buy_quote_volume',
  },
  { name: 'ignore', kind: 'ignored' },
]

/** Bars of what nobody trades: the columns of volumes hold zeros, and `count` how many values a bar was made of. */
const INDEX_COLUMNS: readonly SourceColumn[] = KLINE_COLUMNS.map(({ name, aliases, kind, to }) =>
  kind === 'time' || to === 'open' || to === 'high' || to === 'low' || to === 'close'
    ? { name, kind, to }
    : { name, aliases, kind: 'ignored' },
)

/** Next to zero, where an exponent may be. */
const PREMIUM_COLUMNS: readonly SourceColumn[] = INDEX_COLUMNS.map((column) =>
  column.kind === 'decimal' ? { ...column, signed: true, exponent: true } : column,
)

const AGG_TRADE_COLUMNS: readonly SourceColumn[] = [
  { name: 'agg_trade_id', kind: 'integer', to: 'agg_trade_id' },
  { name: 'price', kind: 'decimal', to: 'price' },
  { name: 'quantity', aliases: ['qty'], kind: 'decimal', to: 'size' },
  { name: 'first_trade_id', kind: 'integer', to: 'first_trade_id' },
  { name: 'last_trade_id', kind: 'integer', to: 'last_trade_id' },
  { name: 'transact_time', aliases: ['timestamp'], kind: 'time', to: 'ts_event' },
  { name: 'is_buyer_maker', aliases: ['isBuyerMaker'], kind: 'buyer-maker', to: 'side' },
]

const BEST_MATCH: SourceColumn = {
  name: 'is_best_match',
  aliases: ['isBestMatch'],
  kind: 'flag',
  to: 'is_best_match',
}

const QUOTE_VOLUMES = { volume: 'base asset', quote_volume: 'quote asset' } as const
const QUOTE_TAKER_VOLUMES = { taker_buy_volume: 'base asset', taker_buy_quote_volume: 'quote asset' } as const
const CONTRACT_VOLUMES = { volume: 'contracts', quote_volume: 'base asset' } as const
const CONTRACT_TAKER_VOLUMES = { taker_buy_volume: 'contracts', taker_buy_quote_volume: 'base asset' } as const

/**
 * What the files of data.binance.vision look like inside.
 *
 * Spot files have no header, futures files have one since 2022; spot times are microseconds since 2025: both are
 * told by the file itself. Coin-margined markets count in contracts, and what they head `quote_volume` is an amount
 * of the base asset.
 */
export const binanceFormats: readonly SourceFormat[] = [
  {
    id: 'binance-klines',
    dataType: 'klines',
    markets: ['spot', 'um'],
    container: 'zip-csv',
    columns: KLINE_COLUMNS,
    units: { ...QUOTE_VOLUMES, ...QUOTE_TAKER_VOLUMES },
  },
  {
    id: 'binance-cm-klines',
    dataType: 'klines',
    markets: ['cm'],
    container: 'zip-csv',
    columns: KLINE_COLUMNS,
    units: { ...CONTRACT_VOLUMES, ...CONTRACT_TAKER_VOLUMES },
  },
  ...(['markPriceKlines', 'indexPriceKlines'] as const).map((dataType): SourceFormat => ({
    id: dataType === 'markPriceKlines' ? 'binance-mark-klines' : 'binance-index-klines',
    dataType,
    markets: ['um', 'cm'],
    container: 'zip-csv',
    columns: INDEX_COLUMNS,
    notes: ['Nothing is traded: all that counts trades is null, whatever the file says.'],
  })),
  {
    id: 'binance-premium-klines',
    dataType: 'premiumIndexKlines',
    markets: ['um', 'cm'],
    container: 'zip-csv',
    columns: PREMIUM_COLUMNS,
    notes: ['A premium may be negative. Nothing is traded: all that counts trades is null, whatever the file says.'],
  },
  {
    id: 'binance-spot-agg-trades',
    dataType: 'aggTrades',
    markets: ['spot'],
    container: 'zip-csv',
    columns: [...AGG_TRADE_COLUMNS, BEST_MATCH],
    withdrawn: { price: 0, quantity: 0, first_trade_id: -1, last_trade_id: -1 },
    units: { size: 'base asset' },
    notes: [
      'In April 2022 the venue took back aggregate trades that it had twice: their lines have the price 0, the quantity 0 and the trades -1 to -1, and keep their ids and times. They are no rows; `withdrawn_rows` counts them, and their ids are among `missing_ids`.',
    ],
  },
  {
    id: 'binance-um-agg-trades',
    dataType: 'aggTrades',
    markets: ['um'],
    container: 'zip-csv',
    columns: AGG_TRADE_COLUMNS,
    units: { size: 'base asset' },
  },
  {
    id: 'binance-cm-agg-trades',
    dataType: 'aggTrades',
    markets: ['cm'],
    container: 'zip-csv',
    columns: AGG_TRADE_COLUMNS,
    units: { size: 'contracts' },
  },
  {
    id: 'binance-spot-trades',
    dataType: 'trades',
    markets: ['spot'],
    container: 'zip-csv',
    columns: [...tradeColumns({ name: 'quote_qty', aliases: ['quoteQty'] }), BEST_MATCH],
    units: { size: 'base asset', quote_size: 'quote asset' },
  },
  {
    id: 'binance-um-trades',
    dataType: 'trades',
    markets: ['um'],
    container: 'zip-csv',
    columns: tradeColumns({ name: 'quote_qty', aliases: ['quoteQty'] }),
    units: { size: 'base asset', quote_size: 'quote asset' },
  },
  {
    id: 'binance-cm-trades',
    dataType: 'trades',
    markets: ['cm'],
    container: 'zip-csv',
    columns: tradeColumns({ name: 'base_qty', aliases: ['baseQty'] }),
    units: { size: 'contracts', quote_size: 'base asset' },
  },
  {
    id: 'binance-funding',
    dataType: 'fundingRate',
    markets: ['um', 'cm'],
    container: 'zip-csv',
    columns: [
      { name: 'calc_time', kind: 'time', to: 'ts_event' },
      { name: 'funding_interval_hours', kind: 'integer', to: 'funding_interval_hours' },
      { name: 'last_funding_rate', kind: 'decimal', to: 'funding_rate', signed: true, exponent: true },
    ],
    notes: ['Monthly files only. Times are milliseconds with some jitter; the interval is data, never assumed.'],
  },
  ...binanceEventFormats,
  ...binanceOptionFormats,
]

function tradeColumns(otherSize: Pick<SourceColumn, 'name' | 'aliases'>): SourceColumn[] {
  return [
    { name: 'id', kind: 'integer', to: 'trade_id' },
    { name: 'price', kind: 'decimal', to: 'price' },
    { name: 'qty', kind: 'decimal', to: 'size' },
    { ...otherSize, kind: 'decimal', to: 'quote_size' },
    { name: 'time', kind: 'time', to: 'ts_event' },
    { name: 'is_buyer_maker', aliases: ['isBuyerMaker'], kind: 'buyer-maker', to: 'side' },
  ]
}
