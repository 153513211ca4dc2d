import type { ColumnValues, DecimalColumn } from '@lake/core'
import type { MergeValue } from './merge-report.ts'

/** A column of several tables after each other, in memory of its own: compared, copied and picked by row. */
export interface Column {
  isNull(row: number): boolean
  /** True when two values are the same, floats by their bits. */
  isSame(a: number, b: number): boolean
  copy(from: number, to: number): void
  /** The value of a row that is not null. */
  valueOf(row: number): MergeValue
  /** The values of some rows, in the order of `rows`. */
  take(rows: Uint32Array): ColumnValues | DecimalColumn
}

/** Arrays of one kind after each other, in memory of their own. */
export function concatValues<A extends TypedArray>(parts: readonly A[], create: (length: number) => A): A {
  const all = create(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

interface TypedArray {
  readonly length: number
  set(values: this, at: number): void
}
