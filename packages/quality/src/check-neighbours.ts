import { integerValues, microsOf } from '@lake/core'
import type { Table } from 'apache-arrow'
import type { Mark } from './check-rows.ts'
import { codeAt, floatAt } from './value-at.ts'

// Checks of a row against the rows beside it, or against the row of the same time in another table.

export interface Ascending {
  readonly values: BigInt64Array
  /** 1 where the value is null; a row is then compared with the last one that has a value. */
  readonly nulls: Uint8Array | undefined
  readonly isStrict: boolean
}

/** Int64 values are compared by their halves: exact, and without a BigInt a row. */
export function checkAscending({ values, nulls, isStrict }: Ascending, mark: Mark): void {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  const margin = isStrict ? 1 : 0
  let previousHigh = Number.NEGATIVE_INFINITY
  let previousLow = 0
  for (let row = 0; row < values.length; row++) {
    if (nulls?.[row] === 1) continue
    const high = codeAt(halves, 2 * row + 1)
    const low = codeAt(halves, 2 * row) >>> 0
    if (high < previousHigh || (high === previousHigh && low - previousLow < margin)) mark(row)
    previousHigh = high
    previousLow = low
  }
}

/** Both neighbours lie on the same side, each further away than the limit. */
export function checkSpikes(values: Float64Array, limit: number, mark: Mark): void {
  const factor = 1 + limit
  for (let row = 1; row < values.length - 1; row++) {
    const value = floatAt(values, row)
    const before = floatAt(values, row - 1)
    const after = floatAt(values, row + 1)
    const isAbove = value > before * factor && value > after * factor
    const isBelow = value * factor < before && value * factor < after
    if (value > 0 && (isAbove || isBelow)) mark(row)
  }
}

export function checkJumps(values: Float64Array, limit: number, mark: Mark): void {
  const factor = 1 + limit
  for (let row = 1; row < values.length; row++) {
    const value = floatAt(values, row)
    const before = floatAt(values, row - 1)
    if (value > before * factor || value * factor < before) mark(row)
  }
}

export interface Stuck {
  readonly values: Float64Array
  /** Where this is zero or null, nothing could change. */
  readonly unless: Float64Array | undefined
  readonly rows: number
}

export function checkStuck({ values, unless, rows }: Stuck, mark: Mark): void {
  let start = 0
  for (let row = 0; row <= values.length; row++) {
    const isQuiet = unless !== undefined && row < values.length && !(floatAt(unless, row) > 0)
    const goes = row < values.length && !isQuiet && (row === start || floatAt(values, row) === floatAt(values, row - 1))
    if (goes) continue
    if (row - start >= rows) for (let stuck = start; stuck < row; stuck++) mark(stuck)
    start = isQuiet ? row + 1 : row
  }
}

export interface Near {
  readonly times: Float64Array
  readonly values: Float64Array
  readonly reference: Table
  readonly referenceValues: Float64Array
  readonly limit: number
}

/** Both tables are walked through side by side where they are sorted; rows of other times are passed over. */
export function checkNear({ times, values, reference, referenceValues, limit }: Near, mark: Mark): void {
  const others = microsOf(integerValues(reference, 'ts_event'))
  let other = 0
  for (let row = 0; row < times.length; row++) {
    const time = floatAt(times, row)
    while (other < others.length && floatAt(others, other) < time) other++
    if (other >= others.length || floatAt(others, other) !== time) continue
    const wanted = floatAt(referenceValues, other)
    if (Math.abs(floatAt(values, row) - wanted) > Math.abs(wanted) * limit) mark(row)
  }
}
