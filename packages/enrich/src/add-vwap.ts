import {
  type Columns,
  floatValues,
  integerValues,
  LakeError,
  type LakeTable,
  makeTable,
  type Market,
  type NullableIntegers,
  nullFlags,
  tableSchema,
  wordValues,
} from '@lake/core'
import { Schema, type Table } from 'apache-arrow'
import { vwap } from './vwap.ts'

/** Bars with every column of the gold table `bars` but `vwap`, as `@lake/resample` makes them. */
export type BarsWithoutVwap = Table<Omit<Columns['bars'], 'vwap'>>

export interface AddVwapOptions {
  /**
   * Where the bars were traded: in `cm` volumes count contracts and quote volumes the base asset, elsewhere volumes
   * count the base asset. Default: `cm` when `contractSize` is given, else `spot`.
   */
  readonly market?: Market | undefined
  /** What one contract of a coin-margined market is worth, in the quote asset: 100 for BTCUSD_PERP of Binance. */
  readonly contractSize?: number | undefined
}

/**
 * The gold table of bars: the given bars with their volume-weighted average price in the column `vwap`.
 *
 * `vwap` is null where nothing traded, where a quote volume is null, and everywhere in a coin-margined market (`cm`)
 * whose contract size is not given: no number rather than a wrong one. A `vwap` that is there already is replaced.
 * The result is one batch, keeps the metadata of the schema and, where the bars are one batch, shares their numbers.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a column is absent, when a contract size is given for another market
 * than `cm`, or is not above 0.
 *
 * @example
 * addVwap(resampleBars(minutes, { from: '1m', to: '1h' })).getChild('vwap')
 */
export function addVwap(bars: BarsWithoutVwap | LakeTable<'bars'>, options: AddVwapOptions = {}): LakeTable<'bars'> {
  const { contractSize } = options
  const market = options.market ?? (contractSize === undefined ? 'spot' : 'cm')
  if (market !== 'cm' && contractSize !== undefined) {
    throw new LakeError('BAD_REQUEST', `Bars of market ${market} are not in contracts, but a contract size is given.`, {
      details: { market, contractSize },
    })
  }
  const [low, high] = [floatValues(bars, 'low'), floatValues(bars, 'high')]
  const [volume, quoteVolume] = [floatValues(bars, 'volume'), floatValues(bars, 'quote_volume')]
  const isUnknown = market === 'cm' && contractSize === undefined
  const schema = tableSchema('bars')
  return makeTable(new Schema<Columns['bars']>(schema.fields, new Map(bars.schema.metadata)), {
    ts_event: integerValues(bars, 'ts_event'),
    ts_available: integerValues(bars, 'ts_available'),
    source: wordValues(bars, 'source'),
    open: floatValues(bars, 'open'),
    high,
    low,
    close: floatValues(bars, 'close'),
    volume,
    quote_volume: quoteVolume,
    trade_count: tradeCounts(bars),
    taker_buy_volume: floatValues(bars, 'taker_buy_volume'),
    taker_buy_quote_volume: floatValues(bars, 'taker_buy_quote_volume'),
    close_time: integerValues(bars, 'close_time'),
    child_count: integerValues(bars, 'child_count'),
    vwap: isUnknown
      ? new Float64Array(bars.numRows).fill(Number.NaN)
      : vwap({ volume, quoteVolume, low, high, contractSize }),
  })
}

/** Null stays null: many venues do not say how many trades a bar has. */
function tradeCounts(bars: Table): BigInt64Array | NullableIntegers {
  const values = integerValues(bars, 'trade_count')
  const nulls = nullFlags(bars, 'trade_count')
  return nulls === undefined ? values : { values, nulls }
}
