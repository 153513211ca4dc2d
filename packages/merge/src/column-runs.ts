import type { ColumnValues, DecimalColumn } from '@lake/core'
import type { MergeValue } from './merge-report.ts'

/** A column of several sorted parts: compared and read row by row, written run by run. */
export interface RunColumn {
  /** How many rows of two parts, from these on, are plainly the same; at most `length`. */
  agreement(a: number, rowA: number, b: number, rowB: number, length: number): number
  isNull(part: number, row: number): boolean
  /** True when two values are the same, floats by their bits. */
  isSame(a: number, rowA: number, b: number, rowB: number): boolean
  /** The value of a row that is not null. */
  valueOf(part: number, row: number): MergeValue
  /** A merged column of so many rows, to be written. */
  write(rows: number): RunWriter
}

interface RunWriter {
  /** Writes `length` rows of a part, from `row` on, to the result from `at` on. */
  copy(part: number, row: number, length: number, at: number): void
  /** The result. */
  values(): ColumnValues | DecimalColumn
}

/** Runs shorter than this are copied value by value: `set` has a price of its own. */
export const SHORT_RUN = 24
