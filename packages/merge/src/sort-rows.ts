import { codeAt, rowAt } from './value-at.ts'

/** Int64 values that are compared by their halves, several times faster than as BigInts. */
export interface Int64Order {
  readonly length: number
  /** True when the value of row `a` is less than that of row `b`. */
  readonly isLess: (a: number, b: number) => boolean
}

/** The order of the values of a column. */
export function int64Order(values: BigInt64Array): Int64Order {
  const high = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  const low = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  const isLess = (a: number, b: number): boolean => {
    const highA = codeAt(high, 2 * a + 1)
    const highB = codeAt(high, 2 * b + 1)
    return highA === highB ? rowAt(low, 2 * a) < rowAt(low, 2 * b) : highA < highB
  }
  return { length: values.length, isLess }
}

/** True when every value is greater than the one before it. */
export function isStrictlyAscending({ length, isLess }: Int64Order): boolean {
  for (let row = 1; row < length; row++) if (!isLess(row - 1, row)) return false
  return true
}

/** True when no value is less than the one before it. */
export function isAscending({ length, isLess }: Int64Order): boolean {
  for (let row = 1; row < length; row++) if (isLess(row, row - 1)) return false
  return true
}

/**
 * The rows in ascending order of their values; equal values keep the order of their rows.
 *
 * A merge sort of the runs that are there: a few sorted files after each other cost a few comparisons a row, rows in
 * no order log2(rows) of them.
 */
export function sortRows(order: Int64Order): Uint32Array {
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
  readonly isLess: Int64Order['isLess']
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
