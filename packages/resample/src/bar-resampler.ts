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
import { type Buckets, bucketsOf, highestIn, lowestIn, rowsIn, totalIn } from './buckets.ts'
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
  return makeTable(resampledSchema(table.schema.metadata), {
    ts_event: timesOf(starts),
    ts_available: timesOf(availableTimes(children, buckets)),
    source: derivedSource(children.ranks, buckets),
    open: firstTraded(children, buckets, floatValues(table, 'open')),
    high: highestIn(buckets, floatValues(table, 'high')),
    low: lowestIn(buckets, floatValues(table, 'low')),
    close: lastTraded(children, buckets, floatValues(table, 'close')),
    volume: sums.volume.sums,
    quote_volume: sums.quote_volume.sums,
    trade_count: tradeCounts(children, buckets),
    taker_buy_volume: sums.taker_buy_volume.sums,
    taker_buy_quote_volume: sums.taker_buy_quote_volume.sums,
    close_time: timesOf(closeTimes(children, buckets, from)),
    child_count: timesOf(childCounts(children, buckets)),
  })
}

/** A bar is known when it has ended and all that it is made of is known. */
function availableTimes({ known }: Children, buckets: Buckets): Float64Array {
  const latest = highestIn(buckets, known)
  for (let bucket = 0; bucket < latest.length; bucket++) {
    latest[bucket] = Math.max(floatAt(latest, bucket), floatAt(buckets.ends, bucket))
  }
  return latest
}

/** Null where a child's count is. */
function tradeCounts({ trades, unknown }: Children, buckets: Buckets): BigInt64Array | NullableIntegers {
  const values = timesOf(totalIn(buckets, trades))
  if (unknown === undefined) return values
  return { values, nulls: Uint8Array.from(highestIn(buckets, Float64Array.from(unknown))) }
}

/** The value of the first row with trades of each bucket, else of its first row. */
function firstTraded({ activity }: Children, { rowEnds }: Buckets, values: Float64Array): Float64Array {
  const out = new Float64Array(rowEnds.length)
  let start = 0
  for (let bucket = 0; bucket < rowEnds.length; bucket++) {
    const end = floatAt(rowEnds, bucket)
    let row = start
    while (row < end && !(floatAt(activity, row) > 0)) row++
    out[bucket] = floatAt(values, row < end ? row : start)
    start = end
  }
  return out
}

/** The value of the last row with trades of each bucket, else of its last row. */
function lastTraded({ activity }: Children, { rowEnds }: Buckets, values: Float64Array): Float64Array {
  const out = new Float64Array(rowEnds.length)
  let start = 0
  for (let bucket = 0; bucket < rowEnds.length; bucket++) {
    const end = floatAt(rowEnds, bucket)
    let row = end - 1
    while (row >= start && !(floatAt(activity, row) > 0)) row--
    out[bucket] = floatAt(values, row >= start ? row : end - 1)
    start = end
  }
  return out
}

function childCounts({ counts }: Children, buckets: Buckets): Float64Array {
  return counts === undefined ? rowsIn(buckets) : totalIn(buckets, counts)
}

function closeTimes(children: Children, buckets: Buckets, interval: Interval): Float64Array {
  const { times, closes } = children
  const { ends, rowEnds } = buckets
  const out = new Float64Array(rowEnds.length)
  for (let bucket = 0; bucket < rowEnds.length; bucket++) {
    const end = floatAt(ends, bucket)
    const last = floatAt(rowEnds, bucket) - 1
    // A child off the grid may end after the bar that it opens in.
    const isWhole = nextIntervalStart(interval, floatAt(times, last)) === end
    const first = bucket === 0 ? 0 : floatAt(rowEnds, bucket - 1)
    out[bucket] = isWhole
      ? Math.min(floatAt(closes, last), end - 1)
      : end - unitBefore(children, { first, last, interval })
  }
  return out
}

/** The unit in which the last of some children that tells it closes before its end: a microsecond or a millisecond. */
function unitBefore(
  { times, closes }: Children,
  { first, last, interval }: { readonly first: number; readonly last: number; readonly interval: Interval },
): number {
  for (let row = last; row >= first; row--) {
    const unit = nextIntervalStart(interval, floatAt(times, row)) - floatAt(closes, row)
    if (unit === 1 || unit === 1000) return unit
  }
  return 1
}
