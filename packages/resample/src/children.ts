import { floatValues, integerValues, LakeError, type LakeTable, microsOf, nullFlags } from '@lake/core'
import { checkAscending } from './check-ascending.ts'
import { sourceRanks } from './derived-source.ts'
import type { ResampledBars } from './resampled-bars.ts'
import { floatAt } from './value-at.ts'

/** Bars that coarser ones can be made of. */
export type Bars = LakeTable<'klines'> | LakeTable<'bars'> | ResampledBars

/** The columns of bars, read once for all that is made of them. Times are epoch microseconds. */
export interface Children {
  readonly table: Bars
  /** `ts_event`, ascending. */
  readonly times: Float64Array
  /** `ts_available` */
  readonly known: Float64Array
  /** `close_time` */
  readonly closes: Float64Array
  /** `trade_count`, 1 in `unknown` where it is null. */
  readonly trades: Float64Array
  readonly unknown: Uint8Array | undefined
  /** Above zero where something traded: the number of trades, or the volume where nobody counted them. */
  readonly activity: Float64Array
  /** How derived the `source` of each is. */
  readonly ranks: Float64Array
  /** How many of the finest rows each stands for; absent where each is one. */
  readonly counts: Float64Array | undefined
}

/**
 * Reads the columns of bars.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the rows are not strictly ascending in `ts_event` or a column is absent,
 * `UNSUPPORTED` for bars without volume.
 */
export function readChildren(table: Bars): Children {
  if (nullFlags(table, 'volume') !== undefined) {
    throw new LakeError('UNSUPPORTED', 'Column volume holds null: bars in which nothing trades have no gold table.', {
      details: { column: 'volume' },
    })
  }
  const micros = (column: string): Float64Array => microsOf(integerValues(table, column))
  const times = micros('ts_event')
  checkAscending(times)
  const trades = micros('trade_count')
  const unknown = nullFlags(table, 'trade_count')
  const volumes = floatValues(table, 'volume')
  return {
    table,
    times,
    known: micros('ts_available'),
    closes: micros('close_time'),
    ranks: sourceRanks(table),
    trades,
    unknown,
    activity:
      unknown === undefined ? trades : trades.map((count, row) => (unknown[row] ? floatAt(volumes, row) : count)),
    counts: table.schema.names.some((name) => name === 'child_count') ? micros('child_count') : undefined,
  }
}
