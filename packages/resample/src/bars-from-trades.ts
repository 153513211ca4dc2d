import {
  floatValues,
  integerValues,
  type Interval,
  LakeError,
  type LakeTable,
  makeTable,
  microsOf,
  type NullableIntegers,
  nullFlags,
  timesOf,
  wordValues,
} from '@lake/core'
import type { Table } from 'apache-arrow'
import { type Buckets, bucketsOf, firstIn, highestIn, lastIn, lowestIn, rowsIn, totalIn } from './buckets.ts'
import { outOfOrder } from './check-ascending.ts'
import { decimalSums } from './decimal-sums.ts'
import { derivedSource, sourceRanks } from './derived-source.ts'
import { quoteSizes, type QuoteSizeOptions } from './quote-sizes.ts'
import { type ResampledBars, resampledSchema } from './resampled-bars.ts'
import { floatAt, halfAt, integerAt } from './value-at.ts'

export interface BarsFromTradesOptions extends QuoteSizeOptions {
  /** How trades become bars: by the clock. */
  readonly by: { readonly time: Interval }
  /**
   * Bars that end after this instant (epoch microseconds UTC) are unfinished and left out. Without it, the time of
   * the last row, so that the bar which holds it is left out.
   */
  readonly until?: number | undefined
}

type Trades = LakeTable<'trades'> | LakeTable<'aggTrades'>

/**
 * Bars made of trades, or of aggregated trades. Intervals without trades are absent.
 *
 * Open and close are the prices of the first and last row in the order of `ts_event` and id. `volume` adds up `size`,
 * as decimals; `quote_volume` the rows' `quote_size` where the table has it, else what the options say of the market:
 * price times size, for coin-margined markets `size * contractSize / price`, and null where the size of a contract
 * is not known. The `taker_buy_` columns are over the rows whose taker bought. `trade_count` counts trades (an
 * aggregated row stands for `first_trade_id` to `last_trade_id`; null where one of them is), `child_count` rows. `ts_available` is the end of
 * the bar, `close_time` its last microsecond, `source` the most derived of the rows'.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when rows are not sorted by `ts_event` and id or occur twice, when a row
 * has no side, when a column is absent or when the options contradict each other.
 *
 * @example
 * barsFromTrades(trades, { by: { time: '1m' }, market: 'um', until: parseInstant('2024-01-02') })
 */
export function barsFromTrades(table: Trades, options: BarsFromTradesOptions): ResampledBars {
  const times = microsOf(integerValues(table, 'ts_event'))
  checkOrder(times, integerValues(table, isAggregated(table) ? 'agg_trade_id' : 'trade_id'))
  const buckets = bucketsOf(times, options.by.time, options.until ?? times.at(-1) ?? 0)
  const prices = floatValues(table, 'price')
  const sizes = floatValues(table, 'size')
  const quotes = quoteSizes(table, options)
  const bought = takerBought(table)
  const sum = (values: Float64Array): Float64Array => decimalSums(values, buckets).sums
  return makeTable(resampledSchema(), {
    ts_event: timesOf(buckets.starts),
    ts_available: timesOf(buckets.ends),
    source: derivedSource(sourceRanks(table), buckets),
    open: firstIn(buckets, prices),
    high: highestIn(buckets, prices),
    low: lowestIn(buckets, prices),
    close: lastIn(buckets, prices),
    volume: sum(sizes),
    quote_volume: sum(quotes),
    trade_count: tradeCounts(table, buckets),
    taker_buy_volume: sum(where(bought, sizes)),
    taker_buy_quote_volume: sum(where(bought, quotes)),
    close_time: timesOf(buckets.ends.map((end) => end - 1)),
    child_count: timesOf(rowsIn(buckets)),
  })
}

function isAggregated(table: Trades): boolean {
  return table.schema.names.some((name) => name === 'agg_trade_id')
}

function checkOrder(times: Float64Array, ids: BigInt64Array): void {
  let before = Number.NEGATIVE_INFINITY
  for (let row = 0; row < times.length; row++) {
    const time = floatAt(times, row)
    if (time < before || (time === before && integerAt(ids, row) <= integerAt(ids, row - 1))) {
      throw outOfOrder(row, time, before)
    }
    before = time
  }
}

/** One value a row: 1 where the taker bought, 0 where it sold. */
function takerBought(table: Trades): Int32Array {
  const { codes, words } = wordValues(table, 'side')
  const flagOf = words.map((word) => ['sell', 'buy'].indexOf(word))
  const bought = codes.map((code) => flagOf[code] ?? -1)
  const row = bought.indexOf(-1)
  if (row >= 0) throw unknownSide(table, row)
  return bought
}

function unknownSide(table: Table, row: number): LakeError {
  const value: unknown = table.getChild('side')?.get(row)
  return new LakeError('BAD_REQUEST', `Row ${row} has the side ${String(value)}; it must be buy or sell.`, {
    details: { row, column: 'side', value },
  })
}

/** The values of the rows whose flag is set, else 0. */
function where(flags: Int32Array, values: Float64Array): Float64Array {
  return values.map((value, row) => (flags[row] === 1 ? value : 0))
}

/** How many trades the rows of each bucket stand for; null where one of them does not say. */
function tradeCounts(table: Trades, buckets: Buckets): BigInt64Array | NullableIntegers {
  if (!isAggregated(table)) return timesOf(rowsIn(buckets))
  const totals = totalIn(buckets, aggregatedCounts(table))
  if (!totals.some(Number.isNaN)) return timesOf(totals)
  const nulls = Uint8Array.from(totals, (total) => Number(Number.isNaN(total)))
  return { values: timesOf(totals.map((total) => (Number.isNaN(total) ? 0 : total))), nulls }
}

/** How many trades each row stands for; NaN where its first or last one is null. */
function aggregatedCounts(table: Trades): Float64Array {
  const first = halvesOf(integerValues(table, 'first_trade_id'))
  const last = halvesOf(integerValues(table, 'last_trade_id'))
  const [noFirst, noLast] = [nullFlags(table, 'first_trade_id'), nullFlags(table, 'last_trade_id')]
  const counts = new Float64Array(first.length / 2)
  for (let row = 0, half = 0; row < counts.length; row++, half += 2) {
    // Half by half, so that the difference is exact however large the ids are.
    const high = halfAt(last, half + 1) - halfAt(first, half + 1)
    const low = (halfAt(last, half) >>> 0) - (halfAt(first, half) >>> 0)
    const isUnknown = noFirst?.[row] === 1 || noLast?.[row] === 1
    counts[row] = isUnknown ? Number.NaN : high * 4_294_967_296 + low + 1
  }
  return counts
}

function halvesOf(ids: BigInt64Array): Int32Array {
  return new Int32Array(ids.buffer, ids.byteOffset, ids.length * 2)
}
