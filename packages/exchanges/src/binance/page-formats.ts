import type { Market, PageFormat, SourceColumn } from '@lake/core'

/*
 * What the answers of Binance's REST interface look like inside: klines are lists in the order of the archive's columns,
 * everything else is objects with short names for aggregated trades and long ones otherwise.
 */

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
  { name: 'ignore', kind: 'ignored' },
]

/** Prices that nothing trades at: the columns that count trades hold zeros, or the number of price ticks. */
const INDEX_KLINE_COLUMNS: readonly SourceColumn[] = KLINE_COLUMNS.map((column, position) =>
  position === 5 || position > 6 ? { name: column.name, kind: 'ignored' } : column,
)

/** A premium is a difference, so it can be below zero. */
const PREMIUM_KLINE_COLUMNS: readonly SourceColumn[] = INDEX_KLINE_COLUMNS.map((column) =>
  column.kind === 'decimal' ? { ...column, signed: true } : column,
)

const AGG_TRADE_COLUMNS: readonly SourceColumn[] = [
  { name: 'a', kind: 'integer', to: 'agg_trade_id' },
  { name: 'p', kind: 'decimal', to: 'price' },
  { name: 'q', kind: 'decimal', to: 'size' },
  { name: 'f', kind: 'integer', to: 'first_trade_id' },
  { name: 'l', kind: 'integer', to: 'last_trade_id' },
  { name: 'T', kind: 'time', to: 'ts_event' },
  { name: 'm', kind: 'buyer-maker', to: 'side' },
]

const QUOTE_VOLUMES = { volume: 'base asset', quote_volume: 'quote asset' } as const
const QUOTE_TAKER_VOLUMES = { taker_buy_volume: 'base asset', taker_buy_quote_volume: 'quote asset' } as const
const CONTRACT_VOLUMES = { volume: 'contracts', quote_volume: 'base asset' } as const
const CONTRACT_TAKER_VOLUMES = { taker_buy_volume: 'contracts', taker_buy_quote_volume: 'base asset' } as const

/** Klines of a market: the same twelve cells; what the volumes count differs. */
export function klinePages(market: Market): PageFormat {
  const units =
    market === 'cm' ? { ...CONTRACT_VOLUMES, ...CONTRACT_TAKER_VOLUMES } : { ...QUOTE_VOLUMES, ...QUOTE_TAKER_VOLUMES }
  const place = { dataType: 'klines', markets: [market], rows: [], shape: 'array' } as const
  return { id: `binance-rest-${market}-klines`, ...place, columns: KLINE_COLUMNS, units }
}

/** Klines of a mark price, an index or a premium. */
export function indexKlinePages(
  dataType: 'markPriceKlines' | 'indexPriceKlines' | 'premiumIndexKlines',
  market: Market,
): PageFormat {
  const columns = dataType === 'premiumIndexKlines' ? PREMIUM_KLINE_COLUMNS : INDEX_KLINE_COLUMNS
  return { id: `binance-rest-${market}-${dataType}`, dataType, markets: [market], rows: [], shape: 'array', columns }
}

/** Aggregated trades of a market. */
export function aggTradePages(market: Market): PageFormat {
  const columns: readonly SourceColumn[] =
    market === 'spot' ? [...AGG_TRADE_COLUMNS, { name: 'M', kind: 'flag', to: 'is_best_match' }] : AGG_TRADE_COLUMNS
  const units = { size: market === 'cm' ? 'contracts' : 'base asset' }
  const place = { dataType: 'aggTrades', markets: [market], rows: [], shape: 'object' } as const
  return { id: `binance-rest-${market}-agg-trades`, ...place, columns, units }
}

/** Single trades of a market. */
export function tradePages(market: Market): PageFormat {
  const columns: SourceColumn[] = [
    { name: 'id', kind: 'integer', to: 'trade_id' },
    { name: 'price', kind: 'decimal', to: 'price' },
    { name: 'qty', kind: 'decimal', to: 'size' },
    { name: market === 'cm' ? 'baseQty' : 'quoteQty', kind: 'decimal', to: 'quote_size' },
    { name: 'time', kind: 'time', to: 'ts_event' },
    { name: 'isBuyerMaker', kind: 'buyer-maker', to: 'side' },
  ]
  if (market === 'spot') columns.push({ name: 'isBestMatch', kind: 'flag', to: 'is_best_match' })
  const units =
    market === 'cm'
      ? { size: 'contracts', quote_size: 'base asset' }
      : { size: 'base asset', quote_size: 'quote asset' }
  const place = { dataType: 'trades', markets: [market], rows: [], shape: 'object' } as const
  return { id: `binance-rest-${market}-trades`, ...place, columns, units }
}

/** Funding rates: the mark price stands beside them in USD-margined markets since late 2023, before that it is empty. */
export function fundingPages(market: Market): PageFormat {
  const columns: SourceColumn[] = [
    { name: 'symbol', kind: 'symbol' },
    { name: 'fundingTime', kind: 'time', to: 'ts_event' },
    { name: 'fundingRate', kind: 'decimal', to: 'funding_rate', signed: true },
  ]
  if (market === 'um') columns.push({ name: 'markPrice', kind: 'decimal', to: 'mark_price', nullable: true })
  const place = { dataType: 'fundingRate', markets: [market], rows: [], shape: 'object' } as const
  return { id: `binance-rest-${market}-funding`, ...place, columns }
}

/** One of the five tables that make up the metrics; each fills columns of its own. */
export function metricPages(name: string, fields: Readonly<Record<string, string>>, hasSymbol = true): PageFormat {
  const columns: SourceColumn[] = [{ name: 'timestamp', kind: 'time', to: 'ts_event' }]
  if (hasSymbol) columns.push({ name: 'symbol', kind: 'symbol' })
  for (const [field, to] of Object.entries(fields)) columns.push({ name: field, kind: 'decimal', to, nullable: true })
  // As in the archive: the time labels the start of five minutes.
  const place = {
    dataType: 'metrics',
    markets: ['um'],
    rows: [],
    shape: 'object',
    availableAfter: 300_000_000,
  } as const
  return { id: `binance-rest-um-${name}`, ...place, columns }
}
