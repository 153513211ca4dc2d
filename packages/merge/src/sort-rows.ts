import type { RowKeys } from './row-keys.ts'
import { codeAt, rowAt } from './value-at.ts'

/** The order of rows; int64 values are compared by their halves, several times faster than as BigInts. */
export interface RowOrder {
  readonly length: number
  /** True when row `a` stands before row `b`. */
  readonly isLess: (a: number, b: number) => boolean
}

/** The order of rows by their key, and rows of one key by their ordinal. */
export function rowOrder({ keys, ordinals }: RowKeys): RowOrder {
  const high = new Int32Array(keys.buffer, keys.byteOffset, keys.length * 2)
  const low = new Uint32Array(keys.buffer, keys.byteOffset, keys.length * 2)
  const isLess = (a: number, b: number): boolean => {
    const highA = codeAt(high, 2 * a + 1)
    const highB = codeAt(high, 2 * b + 1)
    if (highA !== highB) return highA < highB
    const lowA = rowAt(low, 2 * a)
    const lowB = rowAt(low, 2 * b)
    if (lowA !== lowB || ordinals === undefined) return lowA < lowB
    return codeAt(ordinals, a) < codeAt(ordinals, b)
  }
  return { length: keys.length, isLess }
}

/** True when every row stands after the one before it. */
export function isStrictlyAscending({ keys, ordinals }: RowKeys): boolean {
  return ordinals === undefined ? firstStep(keys, 1) === keys.length : firstOrdinalStep(keys, ordinals) === keys.length
}

/** True when no value is less than the one before it. */
export function isAscending(keys: BigInt64Array): boolean {
  return firstStep(keys, 0) === keys.length
}

/** The first row whose key is not at least `step` (0 or 1) more than the one before it, or the number of rows. */
function firstStep(keys: BigInt64Array, step: 0 | 1): number {
  const high = new Int32Array(keys.buffer, keys.byteOffset, keys.length * 2)
  const low = new Uint32Array(keys.buffer, keys.byteOffset, keys.length * 2)
  let previousHigh = codeAt(high, 1)
  let previousLow = rowAt(low, 0)
  for (let row = 1; row < keys.length; row++) {
    const rowHigh = codeAt(high, 2 * row + 1)
    const rowLow = rowAt(low, 2 * row)
    if (rowHigh < previousHigh || (rowHigh === previousHigh && rowLow < previousLow + step)) return row
    previousHigh = rowHigh
    previousLow = rowLow
  }
  return keys.length
}

function firstOrdinalStep(keys: BigInt64Array, ordinals: Int32Array): number {
  const { isLess } = rowOrder({ keys, ordinals })
  for (let row = 1; row < keys.length; row++) if (!isLess(row - 1, row)) return row
  return keys.length
}

/**
 * The rows in ascending order; equal ones keep the order of their rows.
 *
 * A merge sort of the runs that are there: a few sorted files after each other cost a few comparisons a row, rows in
 * no order log2(rows) of them.
 */
export function sortRows(order: RowOrder): Uint32Array {
  const { length, isLess } = order
  let rows = new Uint32Array(length).map((_, row) => row)
  let spare = new Uint32Array(length)
  let ends: number[] = []
  for (let row = 1; row < length; row++) if (isLess(row, row - 1)) ends.push(row)
  ends.push(length)
  while (ends.length > 1) {
    const merged: number[] = []
    let start = 0
    let middle: number | undefined
    for (const end of ends) {
      if (middle === undefined) {
        middle = end
        continue
      }
      mergeRuns({ rows, spare, isLess, start, middle, end })
      merged.push(end)
      start = end
      middle = undefined
    }
    if (middle !== undefined) {
      spare.set(rows.subarray(start), start)
      merged.push(middle)
    }
    ;[rows, spare] = [spare, rows]
    ends = merged
  }
  return rows
}

interface Runs {
  readonly rows: Uint32Array
  readonly spare: Uint32Array
  readonly isLess: RowOrder['isLess']
  readonly start: number
  readonly middle: number
  readonly end: number
}

/** Merges the runs from `start` and from `middle` on of `rows` into `spare`. */
function mergeRuns({ rows, spare, isLess, start, middle, end }: Runs): void {
  let left = start
  let right = middle
  for (let at = start; at < end; at++) {
    const takeRight = right < end && (left >= middle || isLess(rowAt(rows, right), rowAt(rows, left)))
    spare[at] = rowAt(rows, takeRight ? right++ : left++)
  }
}
