import { tableSchema } from './table.ts'
import { type DataType, isBarType } from './vocabulary.ts'

/** What tells the rows of one dataset apart. */
export interface RowIdentity {
  /** The column of the venue's own ids. Rows without an id are told apart by `ts_event`. */
  readonly id?: string | undefined
  /** Columns that tell rows of the same `ts_event` apart, where they have no id. */
  readonly within: readonly string[]
  /** Times that round to the same multiple of so many microseconds are the same. Absent: times are exact. */
  readonly roundTo?: number | undefined
  /** True where two equal rows may be two events: nothing in such a row says that it is there once. */
  readonly repeats?: true | undefined
}

const COMMON: readonly string[] = ['ts_event', 'ts_available', 'source']

/**
 * When two rows of a data type are versions of one.
 *
 * | data type | the same when they have |
 * |---|---|
 * | bars, metrics | the same `ts_event` |
 * | trades, aggTrades | the same id |
 * | bookTicker | the same id; where a venue has none, the same `ts_event`, prices and sizes |
 * | fundingRate | the same `ts_event` to the minute: venues stamp it some milliseconds late |
 * | bookDepth, bvolIndex, eohSummary | the same `ts_event`, and band, assets or option |
 * | liquidations | the same `ts_event` and the same value in each column that cannot be null, and the same place among such rows |
 *
 * @example
 * rowIdentity('bookDepth') // { within: ['percentage'] }
 */
export function rowIdentity(dataType: DataType): RowIdentity {
  if (isBarType(dataType)) return { within: [] }
  switch (dataType) {
    case 'trades':
      return { id: 'trade_id', within: [] }
    case 'aggTrades':
      return { id: 'agg_trade_id', within: [] }
    case 'bookTicker':
      return { id: 'update_id', within: requiredColumns(dataType) }
    case 'fundingRate':
      return { within: [], roundTo: 60_000_000 }
    case 'bookDepth':
      return { within: ['percentage'] }
    case 'bvolIndex':
      return { within: ['base_asset', 'quote_asset'] }
    case 'eohSummary':
      return { within: ['option_symbol', 'option_type', 'strike'] }
    case 'liquidations':
      return { within: requiredColumns(dataType), repeats: true }
    default:
      return { within: [] }
  }
}

/** A column that a source may leave out cannot tell rows of two sources apart. */
function requiredColumns(dataType: DataType): string[] {
  return tableSchema(dataType)
    .fields.filter(({ name, nullable }) => !nullable && !COMMON.includes(name))
    .map(({ name }) => name)
}
