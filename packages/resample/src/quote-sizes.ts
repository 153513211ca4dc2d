import { floatValues, LakeError, type LakeTable, type Market } from '@lake/core'
import { floatAt } from './value-at.ts'

export interface QuoteSizeOptions {
  /**
   * Where the trades were made: in `cm` sizes count contracts and the other side is an amount of the base asset,
   * elsewhere sizes count the base asset. Only looked at where the table has no `quote_size`. Default: `cm` when
   * `contractSize` is given, else `spot`.
   */
  readonly market?: Market | undefined
  /** What one contract of a coin-margined market is worth, in the quote asset: 100 for BTCUSD_PERP of Binance. */
  readonly contractSize?: number | undefined
}

/**
 * What each row adds to `quote_volume`; NaN where it is not known.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a contract size is given for a market without contracts, or is none.
 */
export function quoteSizes(
  table: LakeTable<'trades'> | LakeTable<'aggTrades'>,
  options: QuoteSizeOptions,
): Float64Array {
  const { contractSize } = options
  const market = options.market ?? (contractSize === undefined ? 'spot' : 'cm')
  if (contractSize !== undefined && !(market === 'cm' && contractSize > 0 && contractSize < Number.POSITIVE_INFINITY)) {
    throw new LakeError(
      'BAD_REQUEST',
      `A contract size of ${contractSize} in market ${market}: only contracts of cm have one, and it is above 0.`,
      { details: { market, contractSize } },
    )
  }
  if (table.schema.names.some((name) => name === 'quote_size')) return floatValues(table, 'quote_size')
  const prices = floatValues(table, 'price')
  const sizes = floatValues(table, 'size')
  if (market !== 'cm') return sizes.map((size, row) => decimalProduct(size, floatAt(prices, row)))
  const worth = contractSize ?? Number.NaN
  return sizes.map((size, row) => (size * worth) / floatAt(prices, row))
}

/** Two roundings, of a factor and of the product. */
const ROUNDING = 4 * Number.EPSILON

/** The product; where it is but for rounding a decimal of eight places, that decimal: 1.1 * 1.1 is 1.21. */
function decimalProduct(a: number, b: number): number {
  const product = a * b
  const decimal = Math.round(product * 1e8) / 1e8
  return Math.abs(decimal - product) <= ROUNDING * product ? decimal : product
}
