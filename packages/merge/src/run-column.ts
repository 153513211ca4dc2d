import { floatValues, integerValues, nullFlags, wordValues } from '@lake/core'
import { DataType, type Field, type Table } from 'apache-arrow'
import { flagValues } from './flag-values.ts'
import { decimalsOf } from './decimals-of.ts'
import { runDecimals } from './run-decimals.ts'
import { runFlags } from './run-flags.ts'
import { runFloats } from './run-floats.ts'
import { runIntegers } from './run-integers.ts'
import { runWords } from './run-words.ts'
import type { RunColumn } from './column-runs.ts'

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
