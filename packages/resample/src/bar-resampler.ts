import {
  floatValues,
  type Interval,
  LakeError,
  makeTable,
  nestsIn,
  nextIntervalStart,
  type NullableIntegers,
  timesOf,
} from '@lake/core'
import { type Buckets, bucketsOf, countAll, highest, lowest, reduceBuckets } from './buckets.ts'
import { type Bars, type Children, readChildren } from './children.ts'
import { type DecimalSums, decimalSums } from './decimal-sums.ts'
import { derivedSource } from './derived-source.ts'
import { type ResampledBars, resampledSchema } from './resampled-bars.ts'
import { floatAt } from './value-at.ts'

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

type Volume = 'volume' | 'quote_volume' | 'taker_buy_volume' | 'taker_buy_quote_volume'

type Sums = Readonly<Record<Volume, DecimalSums>>

/** The sums that were made last, of which coarser ones are made. */
interface FinerSums {
  readonly to: Interval
  readonly until: number
  readonly sums: Sums
}

/** Makes bars of one grain. */
export type BarResampler = (options: Omit<ResampleBarsOptions, 'from'>) => ResampledBars

/**
 * Makes bars of several coarser grains of one table, the same as `resampleBars` of each. The columns are read once;
 * where a grain follows a finer one that nests in it, it is summed up from that.
 *
 * @throws {@link LakeError} as `resampleBars`: for the table at once, for a grain when it is asked for.
 *
 * @example
 * const resample = openBarResampler(minutes, { from: '1m' })
 * const [hours, days] = [resample({ to: '1h' }), resample({ to: '1d' })]
 */
export function openBarResampler(table: Bars, { from }: Pick<ResampleBarsOptions, 'from'>): BarResampler {
  const children = readChildren(table)
  const { times } = children
  const last = times.at(-1)
  const end = last === undefined ? 0 : nextIntervalStart(from, last)
  let finer: FinerSums | undefined
  return ({ to, until = end }) => {
    if (!nestsIn(from, to)) {
      throw new LakeError('BAD_REQUEST', `Bars of ${from} do not fit into bars of ${to} without remainder.`, {
        details: { from, to },
      })
    }
    const buckets = bucketsOf(times, to, until)
    const known = finer?.until === until && nestsIn(finer.to, to) ? finer.sums : undefined
    const sums = sumsOf(table, buckets, known)
    finer = { to, until, sums }
    return barsOf(children, { from, buckets, sums })
  }
}

function sumsOf(table: Bars, buckets: Buckets, finer: Sums | undefined): Sums {
  const of = (column: Volume): DecimalSums =>
    finer === undefined ? decimalSums(floatValues(table, column), buckets) : finer[column].within(buckets)
  return {
    volume: of('volume'),
    quote_volume: of('quote_volume'),
    taker_buy_volume: of('taker_buy_volume'),
    taker_buy_quote_volume: of('taker_buy_quote_volume'),
  }
}

interface Grain {
  /** Of the children. */
  readonly from: Interval
  readonly buckets: Buckets
  readonly sums: Sums
}

function barsOf(children: Children, { from, buckets, sums }: Grain): ResampledBars {
  const { table } = children
  const { starts } = buckets
  const over = (column: string, reduce: typeof highest): Float64Array => {
    const values = floatValues(table, column)
    return reduceBuckets(buckets, (first, end) => reduce(values, first, end))
  }
  const traded = tradedRows(children, buckets)
  return makeTable(resampledSchema(table.schema.metadata), {
    ts_event: timesOf(starts),
    ts_available: timesOf(availableTimes(children, buckets)),
    source: derivedSource(table, buckets),
    open: take(floatValues(table, 'open'), traded.first),
    high: over('high', highest),
    low: over('low', lowest),
    close: take(floatValues(table, 'close'), traded.last),
    volume: sums.volume.sums,
    quote_volume: sums.quote_volume.sums,
    trade_count: traded.trades,
    taker_buy_volume: sums.taker_buy_volume.sums,
    taker_buy_quote_volume: sums.taker_buy_quote_volume.sums,
    close_time: timesOf(closeTimes(children, buckets, from)),
    child_count: timesOf(childCounts(children, buckets)),
  })
}

/** A bar is known when it has ended and all that it is made of is known. */
function availableTimes({ known }: Children, buckets: Buckets): Float64Array {
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

function tradedRows({ trades: counts, unknown, activity }: Children, buckets: Buckets): TradedRows {
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

function childCounts({ counts }: Children, buckets: Buckets): Float64Array {
  return reduceBuckets(buckets, (from, to) => (counts === undefined ? to - from : countAll(counts, from, to)))
}

function closeTimes({ times, closes }: Children, buckets: Buckets, interval: Interval): Float64Array {
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
