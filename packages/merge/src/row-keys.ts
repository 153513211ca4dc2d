import { type DataType, integerValues, isBarType, LakeError, type LakeTable, microsOf, timesOf } from '@lake/core'

const MINUTE = 60_000_000

/** What tells rows apart. */
export interface RowKeys {
  /** Rows with the same key are versions of one row. */
  readonly keys: BigInt64Array
  /** The time by which rows are sorted before their key; absent where the key is the time. */
  readonly times?: BigInt64Array | undefined
}

/** The identity of the rows of a data type: the id of trades, else the time, of funding rounded to the minute. */
export function rowKeys<D extends DataType>(dataType: D, table: LakeTable<D>): RowKeys {
  const times = integerValues(table, 'ts_event')
  if (dataType === 'trades') return { keys: integerValues(table, 'trade_id'), times }
  if (dataType === 'aggTrades') return { keys: integerValues(table, 'agg_trade_id'), times }
  if (dataType === 'fundingRate') {
    return { keys: timesOf(microsOf(times).map((time) => Math.round(time / MINUTE) * MINUTE)) }
  }
  return { keys: times }
}

/**
 * Refuses data types whose rows have no known identity.
 *
 * @throws {@link LakeError} `UNSUPPORTED` for them.
 */
export function checkMergeable(dataType: DataType): void {
  if (isBarType(dataType) || ['trades', 'aggTrades', 'fundingRate'].includes(dataType)) return
  throw new LakeError('UNSUPPORTED', `Rows of ${dataType} cannot be merged yet: only bars, trades and funding can.`, {
    details: { dataType },
  })
}
