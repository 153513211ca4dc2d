import {
  floatValues,
  integerValues,
  type Interval,
  type LakeTable,
  makeTable,
  microsOf,
  nullFlags,
  tableSchema,
  timesOf,
} from '@lake/core'
import { bucketsOf, rowsIn } from './buckets.ts'
import { checkAscending } from './check-ascending.ts'
import { decimalSums } from './decimal-sums.ts'
import { derivedSource, sourceRanks } from './derived-source.ts'

const MINUTE = 60_000_000
const HOUR = 3_600_000_000

export interface ResampleFundingOptions {
  /** The grain of the result. */
  readonly to: Interval
  /**
   * Intervals that end after this instant (epoch microseconds UTC) are unfinished and left out. Without it, the time
   * of the last event, plus its `funding_interval_hours` where they are known, since nothing is paid in between.
   */
  readonly until?: number | undefined
}

/**
 * The funding of each interval: the sum of its rates and the number of its events.
 *
 * An event belongs to the interval that holds its time rounded to the minute, since venues stamp it some milliseconds
 * off. Rates add up as decimals. Intervals without events are absent; `close_time` is the last microsecond of the
 * interval, `ts_available` its end, `source` the most derived of the events'.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the rounded times are not strictly ascending, or a column is absent.
 *
 * @example
 * resampleFunding(fundingRates, { to: '1d' }) // funding_rate_sum, funding_count: 3 events a day
 */
export function resampleFunding(
  table: LakeTable<'fundingRate'>,
  options: ResampleFundingOptions,
): LakeTable<'funding'> {
  const times = microsOf(integerValues(table, 'ts_event')).map((time) => Math.round(time / MINUTE) * MINUTE)
  checkAscending(times)
  const rates = floatValues(table, 'funding_rate')
  const buckets = bucketsOf(times, options.to, options.until ?? nextEvent(table, times))
  return makeTable(tableSchema('funding'), {
    ts_event: timesOf(buckets.starts),
    ts_available: timesOf(buckets.ends),
    source: derivedSource(sourceRanks(table), buckets),
    funding_rate_sum: decimalSums(rates, buckets).sums,
    funding_count: timesOf(rowsIn(buckets)),
    close_time: timesOf(buckets.ends.map((end) => end - 1)),
  })
}

/** The earliest time at which another event can follow the last one. */
function nextEvent(table: LakeTable<'fundingRate'>, times: Float64Array): number {
  const last = times.length - 1
  const hours = integerValues(table, 'funding_interval_hours')[last] ?? 0n
  const known = nullFlags(table, 'funding_interval_hours')?.[last] !== 1
  return (times[last] ?? 0) + (known ? Number(hours) * HOUR : 0)
}
