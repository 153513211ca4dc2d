import {
  type BarType,
  type Columns,
  type Gap,
  integerValues,
  type Interval,
  intervalMicros,
  intervalStart,
  type LakeTable,
  nextIntervalStart,
  type TimeRange,
} from '@lake/core'
import type { Table } from 'apache-arrow'
import { checkRange } from './check-range.ts'
import { halfAt } from './value-at.ts'

/** Anything whose `ts_event` lies on a grid: the open times of bars, the times of metrics (`5m`). */
export type BarTable =
  LakeTable<BarType> | LakeTable<'metrics'> | LakeTable<'bars'> | Table<Omit<Columns['bars'], 'vwap'>>

export interface FindGapsOptions {
  /** The grain of the bars. */
  readonly interval: Interval
  /** Where bars are expected, closed-open, epoch microseconds UTC. */
  readonly range: TimeRange
}

/**
 * The bars that are expected in a range and absent, in order of time; adjacent missing bars are one gap.
 *
 * Expected are the bars that start inside the closed-open range: on the grid of the interval (UTC; weeks start on
 * Monday, `1mo` is a calendar month). A range that ends off the grid therefore begins with the first grid time at or
 * after `from` and ends with the bar that starts last before `to`; the `to` of a gap is where its last bar ends.
 *
 * A row stands for the grid slot that its time falls in, so a bar that an outage moved off the grid by seconds is no
 * gap. Rows of slots outside the range are ignored, duplicates are harmless. Sorted rows cost one scan and no memory;
 * rows in another order cost a sorted copy of their times.
 *
 * @param bars A table of bars, or their open times alone in epoch microseconds UTC.
 * @throws {@link LakeError} `BAD_REQUEST` when the range is not of whole microseconds or ends before it begins, or
 * when the table has no time column `ts_event`.
 *
 * @example
 * findGaps(klines, { interval: '1m', range: parseTimeRange('2024-01-01', '2024-02-01') })
 * // [{ from: 1704103260000000, to: 1704103380000000, expected: 2 }]
 */
export function findGaps(bars: BarTable | BigInt64Array, options: FindGapsOptions): Gap[] {
  let gaps: Gap[] = []
  scanGaps(bars, options, { add: (gap) => gaps.push(gap), clear: () => (gaps = []) })
  return gaps
}

/** What takes gaps as they are found. */
export interface GapSink {
  add(gap: Gap): void
  /** Called when the rows turn out not to be sorted: the gaps are then found once more. */
  clear(): void
}

/**
 * Hands over each gap, in order of time, and returns how many bars are expected.
 *
 * @throws {@link LakeError} as `findGaps`.
 */
export function scanGaps(bars: BarTable | BigInt64Array, { interval, range }: FindGapsOptions, sink: GapSink): number {
  checkRange(range)
  const times = bars instanceof BigInt64Array ? bars : integerValues(bars, 'ts_event')
  const grid: Grid = {
    interval,
    length: intervalMicros(interval),
    first: firstSlotFrom(interval, range.from),
    end: firstSlotFrom(interval, range.to),
  }
  if (!scan(times, grid, sink)) {
    sink.clear()
    scan(times.slice().sort(), grid, sink)
  }
  return gapBetween(grid.first, grid.end, grid).expected
}

/** The expected slots: `first`, the next ones, and the last before `end`. */
interface Grid {
  readonly interval: Interval
  /** Absent for calendar months. */
  readonly length: number | undefined
  readonly first: number
  readonly end: number
}

/** False when the rows are not sorted. */
function scan(times: BigInt64Array, grid: Grid, sink: GapSink): boolean {
  // The halves of an int64 make a double without the price of a BigInt: see microsOf in @lake/core.
  const halves = new Int32Array(times.buffer, times.byteOffset, times.length * 2)
  const { end } = grid
  // Calendar months differ in length: for them, every slot asks the calendar.
  const step = grid.length ?? 0
  let expected = grid.first
  let next = slotAfter(grid, expected)
  let latest = Number.NEGATIVE_INFINITY
  for (let half = 0; half < halves.length; half += 2) {
    const time = halfAt(halves, half + 1) * 4_294_967_296 + (halfAt(halves, half) >>> 0)
    // Rows from the end on may come in any order: nothing is expected of them.
    if (time >= end) continue
    if (time < latest) return false
    latest = time
    if (time < expected) continue
    if (time >= next) {
      const slot = intervalStart(grid.interval, time)
      sink.add(gapBetween(expected, slot, grid))
      next = slotAfter(grid, slot)
    }
    expected = next
    next = step > 0 ? next + step : slotAfter(grid, expected)
  }
  if (expected < end) sink.add(gapBetween(expected, end, grid))
  return true
}

function slotAfter(grid: Grid, slot: number): number {
  return grid.length === undefined ? nextIntervalStart(grid.interval, slot) : slot + grid.length
}

function gapBetween(from: number, to: number, { length }: Grid): Gap {
  return { from, to, expected: length === undefined ? monthsBetween(from, to) : (to - from) / length }
}

function firstSlotFrom(interval: Interval, time: number): number {
  const slot = intervalStart(interval, time)
  return slot === time ? slot : nextIntervalStart(interval, time)
}

function monthsBetween(from: number, to: number): number {
  const [a, b] = [new Date(from / 1000), new Date(to / 1000)]
  return (b.getUTCFullYear() - a.getUTCFullYear()) * 12 + b.getUTCMonth() - a.getUTCMonth()
}
