import { type Interval, intervalMicros, intervalStart, nextIntervalStart } from '@lake/core'
import { floatAt } from './value-at.ts'

// Checks of one row at a time. A NaN stands for null; a comparison with it is false, so it never violates.

/** Takes a row that violates a check. */
export type Mark = (row: number) => void

export interface Bounds {
  /** Exclusive. */
  readonly above: number
  readonly min: number
  readonly max: number
}

export function checkBounds(columns: readonly Float64Array[], { above, min, max }: Bounds, mark: Mark): void {
  const isMarked = new Uint8Array(columns[0]?.length ?? 0)
  let count = 0
  for (const values of columns) {
    for (let row = 0; row < values.length; row++) {
      const value = floatAt(values, row)
      if (value <= above || value < min || value > max) {
        isMarked[row] = 1
        count++
      }
    }
  }
  if (count > 0) for (let row = 0; row < isMarked.length; row++) if (isMarked[row] === 1) mark(row)
}

export function checkOrdered(lower: Float64Array, upper: Float64Array, tolerance: number, mark: Mark): void {
  for (let row = 0; row < lower.length; row++) {
    const limit = floatAt(upper, row)
    if (floatAt(lower, row) > limit + Math.abs(limit) * tolerance) mark(row)
  }
}

export interface Ohlc {
  readonly open: Float64Array
  readonly high: Float64Array
  readonly low: Float64Array
  readonly close: Float64Array
}

export function checkOhlc({ open, high, low, close }: Ohlc, mark: Mark): void {
  for (let row = 0; row < open.length; row++) {
    const top = floatAt(high, row)
    const bottom = floatAt(low, row)
    const first = floatAt(open, row)
    const last = floatAt(close, row)
    if (first > top || first < bottom || last > top || last < bottom || bottom > top) mark(row)
  }
}

export interface Vwap {
  readonly high: Float64Array
  readonly low: Float64Array
  readonly volume: Float64Array
  readonly quote: Float64Array
  readonly tolerance: number
  readonly contractSize: number | undefined
}

export function checkVwap({ high, low, volume, quote, tolerance, contractSize }: Vwap, mark: Mark): void {
  for (let row = 0; row < high.length; row++) {
    const traded = floatAt(volume, row)
    const paid = floatAt(quote, row)
    if (traded === 0 || paid === 0) continue
    const average = contractSize === undefined ? paid / traded : (traded * contractSize) / paid
    if (average > floatAt(high, row) * (1 + tolerance) || average < floatAt(low, row) * (1 - tolerance)) mark(row)
  }
}

export interface Product {
  readonly left: Float64Array
  readonly right: Float64Array
  readonly product: Float64Array
  readonly tolerance: number
}

export function checkProduct({ left, right, product, tolerance }: Product, mark: Mark): void {
  for (let row = 0; row < product.length; row++) {
    const wanted = floatAt(left, row) * floatAt(right, row)
    if (Math.abs(wanted - floatAt(product, row)) > Math.abs(wanted) * tolerance) mark(row)
  }
}

export function checkTogether(columns: readonly Float64Array[], mark: Mark): void {
  const [first, ...others] = columns
  for (let row = 0; row < (first?.length ?? 0); row++) {
    let zeros = 0
    let values = 0
    for (const column of columns) {
      const value = floatAt(column, row)
      if (value === 0) zeros++
      else if (!Number.isNaN(value)) values++
    }
    if (zeros > 0 && values > 0 && others.length > 0) mark(row)
  }
}

export interface BarTimes {
  readonly open: Float64Array
  readonly close: Float64Array
  readonly interval: Interval
}

/** The open time lies on no start of an interval. */
export function checkGrid(open: Float64Array, interval: Interval, mark: Mark): void {
  const length = intervalMicros(interval) ?? Number.NaN
  // A bar that follows one on the grid by its length lies on it, which spares most rows a division.
  let next = Number.NaN
  for (let row = 0; row < open.length; row++) {
    const time = floatAt(open, row)
    const isOnGrid = time === next || intervalStart(interval, time) === time
    if (!isOnGrid) mark(row)
    next = isOnGrid ? time + length : Number.NaN
  }
}

/** The close time lies before the open time, or not before the end of the interval that the bar opens. */
export function checkCloseTimes({ open, close, interval }: BarTimes, mark: Mark): void {
  const length = intervalMicros(interval)
  for (let row = 0; row < open.length; row++) {
    const start = floatAt(open, row)
    const end = floatAt(close, row)
    if (end < start || end >= (length === undefined ? nextIntervalStart(interval, start) : start + length)) mark(row)
  }
}

/** A bar's last moment is stamped a millisecond or less before its end, so an earlier one ended early. */
export function checkShortBars({ open, close, interval }: BarTimes, mark: Mark): void {
  const length = intervalMicros(interval)
  for (let row = 0; row < open.length; row++) {
    const start = floatAt(open, row)
    const end = length === undefined ? nextIntervalStart(interval, start) : start + length
    if (floatAt(close, row) < end - 1000) mark(row)
  }
}
