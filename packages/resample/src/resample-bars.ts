import {
  floatValues,
  integerValues,
  type Interval,
  LakeError,
  type LakeTable,
  makeTable,
  microsOf,
  nestsIn,
  nextIntervalStart,
  type NullableIntegers,
  nullFlags,
  timesOf,
} from '@lake/core'
import { type Buckets, bucketsOf, countAll, highest, lowest, reduceBuckets } from './buckets.ts'
import { checkAscending } from './check-ascending.ts'
import { derivedSource } from './derived-source.ts'
import { type ResampledBars, resampledSchema } from './resampled-bars.ts'
import { sumDecimals } from './sum-decimals.ts'
import { floatAt } from './value-at.ts'

type Bars = LakeTable<'klines'> | LakeTable<'bars'> | ResampledBars

export interface ResampleBarsOptions {
  /** The grain of the table. */
  readonly from: Interval
  /** The grain of the result; `from` must nest in it. */
  readonly to: Interval
  /**
   * Bars that end after this instant (epoch microseconds UTC) are unfinished and left out. Without it, the end of
   * the last row.
   */
  readonly until?: number | undefined
}

/**
 * Bars of a coarser grain. Weeks start on Monday, months are calendar months, all in UTC.
 *
 * - `open` is that of the first child with trades, `close` that of the last one; where no child traded, those of the
 *   first and last child (a bar without trades repeats the close before it). `high` and `low` are over all children.
 * - Volumes and counts add up, volumes as decimals: `0.1 + 0.2` is `0.3`, see the README. A null of a child (venues
 *   that do not count trades or quote volumes have them) makes that of the bar null. A child without a count traded
 *   where its volume is above zero.
 * - A bar with some children missing is made, one without children is not. `child_count` counts the finest rows:
 *   that of the children is added up where they have one, else each counts 1.
 * - `close_time` is that of the last child where the bar's last child is there, else the end of the bar less the
 *   venue's unit (1 ms or 1 µs, as the children show). `source` is the most derived of the children's: archive, rest, ws,
 *   filled.
 * - A child off the grid, as outages leave them, falls into the bar that holds its open time. `ts_available` is the end
 *   of the bar, or that of its last child where it is later.
 *
 * With `from` equal to `to` the result has the same bars on the grid, each with `child_count`. The metadata of the
 * table's schema is kept. One pass over each column.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when `from` does not nest in `to`, when the rows are not strictly ascending
 * in `ts_event`, or when a column is absent; `UNSUPPORTED` for bars without volume (mark, index and premium prices).
 *
 * @example
 * resampleBars(minutes, { from: '1m', to: '1h', until: parseInstant('2024-02-01') })
 */
export function resampleBars(table: Bars, options: ResampleBarsOptions): ResampledBars {
  const { from, to } = options
  if (!nestsIn(from, to)) {
    throw new LakeError('BAD_REQUEST', `Bars of ${from} do not fit into bars of ${to} without remainder.`, {
      details: { from, to },
    })
  }
  if (nullFlags(table, 'volume') !== undefined) {
    throw new LakeError('UNSUPPORTED', 'Column volume holds null: bars in which nothing trades have no gold table.', {
      details: { column: 'volume' },
    })
  }
  const times = microsOf(integerValues(table, 'ts_event'))
  checkAscending(times)
  const last = times.at(-1)
  const until = options.until ?? (last === undefined ? 0 : nextIntervalStart(from, last))
  const buckets = bucketsOf(times, to, until)
  const { starts } = buckets
  const over = (column: string, reduce: typeof highest): Float64Array => {
    const values = floatValues(table, column)
    return reduceBuckets(buckets, (first, end) => reduce(values, first, end))
  }
  const traded = tradedRows(table, buckets)
  return makeTable(resampledSchema(table.schema.metadata), {
    ts_event: timesOf(starts),
    ts_available: timesOf(availableTimes(table, buckets)),
    source: derivedSource(table, buckets),
    open: take(floatValues(table, 'open'), traded.first),
    high: over('high', highest),
    low: over('low', lowest),
    close: take(floatValues(table, 'close'), traded.last),
    volume: over('volume', sumDecimals),
    quote_volume: over('quote_volume', sumDecimals),
    trade_count: traded.trades,
    taker_buy_volume: over('taker_buy_volume', sumDecimals),
    taker_buy_quote_volume: over('taker_buy_quote_volume', sumDecimals),
    close_time: timesOf(closeTimes(microsOf(integerValues(table, 'close_time')), { times, buckets, from })),
    child_count: timesOf(childCounts(table, buckets)),
  })
}

/** A bar is known when it has ended and all that it is made of is known. */
function availableTimes(table: Bars, buckets: Buckets): Float64Array {
  const known = microsOf(integerValues(table, 'ts_available'))
  const latest = reduceBuckets(buckets, (from, to) => highest(known, from, to))
  return latest.map((time, bucket) => Math.max(time, floatAt(buckets.ends, bucket)))
}

interface TradedRows {
  /** Null where a child's count is. */
  readonly trades: BigInt64Array | NullableIntegers
  /** The first and the last row with trades of each bucket, else its first and last row. */
  readonly first: Float64Array
  readonly last: Float64Array
}

function tradedRows(table: Bars, buckets: Buckets): TradedRows {
  const counts = microsOf(integerValues(table, 'trade_count'))
  const unknown = nullFlags(table, 'trade_count')
  const volumes = floatValues(table, 'volume')
  const activity =
    unknown === undefined ? counts : counts.map((count, row) => (unknown[row] ? floatAt(volumes, row) : count))
  const trades = timesOf(reduceBuckets(buckets, (from, to) => countAll(counts, from, to)))
  return {
    trades: unknown === undefined ? trades : { values: trades, nulls: anyIn(unknown, buckets) },
    first: reduceBuckets(buckets, (from, to) => {
      for (let row = from; row < to; row++) if (floatAt(activity, row) > 0) return row
      return from
    }),
    last: reduceBuckets(buckets, (from, to) => {
      for (let row = to - 1; row >= from; row--) if (floatAt(activity, row) > 0) return row
      return to - 1
    }),
  }
}

function anyIn(flags: Uint8Array, buckets: Buckets): Uint8Array {
  return Uint8Array.from(reduceBuckets(buckets, (from, to) => (flags.subarray(from, to).includes(1) ? 1 : 0)))
}

function take(values: Float64Array, rows: Float64Array): Float64Array {
  return rows.map((row) => floatAt(values, row))
}

function childCounts(table: Bars, buckets: Buckets): Float64Array {
  if (!table.schema.names.some((name) => name === 'child_count')) return reduceBuckets(buckets, (from, to) => to - from)
  const counts = microsOf(integerValues(table, 'child_count'))
  return reduceBuckets(buckets, (from, to) => countAll(counts, from, to))
}

interface Children {
  readonly times: Float64Array
  readonly buckets: Buckets
  readonly from: Interval
}

function closeTimes(closes: Float64Array, { times, buckets, from: interval }: Children): Float64Array {
  const endOf = (row: number): number => nextIntervalStart(interval, floatAt(times, row))
  const { ends } = buckets
  let bucket = 0
  return reduceBuckets(buckets, (from, to) => {
    const end = floatAt(ends, bucket++)
    // A child off the grid may end after the bar that it opens in.
    if (endOf(to - 1) === end) return Math.min(floatAt(closes, to - 1), end - 1)
    for (let row = to - 1; row >= from; row--) {
      const unit = endOf(row) - floatAt(closes, row)
      if (unit === 1 || unit === 1000) return end - unit
    }
    return end - 1
  })
}
