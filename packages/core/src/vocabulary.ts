/** The markets of a venue. `um` is USD-margined, `cm` coin-margined; other venues map theirs onto these. */
export const MARKETS = ['spot', 'um', 'cm', 'option'] as const

export type Market = (typeof MARKETS)[number]

/** Every type of market data that the lake has a table for. */
export const DATA_TYPES = [
  'klines',
  'markPriceKlines',
  'indexPriceKlines',
  'premiumIndexKlines',
  'aggTrades',
  'trades',
  'fundingRate',
  'liquidations',
  'bookTicker',
  'bookDepth',
  'metrics',
  'bvolIndex',
  'eohSummary',
] as const

export type DataType = (typeof DATA_TYPES)[number]

/** The data types whose rows are bars: their datasets carry an interval, all others must not. */
export type BarType = 'klines' | 'markPriceKlines' | 'indexPriceKlines' | 'premiumIndexKlines'

/**
 * True for the data types whose datasets carry an interval.
 *
 * @example
 * isBarType('markPriceKlines') // true
 * isBarType('aggTrades') // false
 */
export function isBarType(dataType: DataType): dataType is BarType {
  return dataType.toLowerCase().endsWith('klines')
}

/** Where a row came from. `filled` rows were invented on request and never stored in silver. */
export const ROW_SOURCES = ['archive', 'rest', 'ws', 'filled'] as const

export type RowSource = (typeof ROW_SOURCES)[number]
