import { type ColumnValues, type DecimalColumn, floatValues, integerValues, nullFlags, wordValues } from '@lake/core'
import { DataType, type Field, type Table } from 'apache-arrow'
import { flagValues } from './flag-values.ts'
import type { MergeValue } from './merge-report.ts'
import { decimalsOf } from './decimals-of.ts'
import { runDecimals } from './run-decimals.ts'
import { runFlags } from './run-flags.ts'
import { runFloats } from './run-floats.ts'
import { runIntegers } from './run-integers.ts'
import { runWords } from './run-words.ts'

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

/**
 * The column of a field over some tables.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a table has no such column, or another kind of values in it.
 */
export function runColumn(tables: readonly Table[], field: Field): RunColumn {
  const { name } = field
  const type: unknown = field.type
  if (DataType.isFloat(type)) return runFloats(tables.map((table) => floatValues(table, name)))
  if (DataType.isDecimal(type)) return runDecimals(tables.map((table) => decimalsOf(table, field)))
  if (DataType.isBool(type)) return runFlags(tables.map((table) => flagValues(table, name)))
  if (DataType.isDictionary(type)) return runWords(tables.map((table) => wordValues(table, name)))
  return runIntegers(tables.map((table) => ({ values: integerValues(table, name), nulls: nullFlags(table, name) })))
}
