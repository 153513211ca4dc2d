import { floatValues, integerValues, nullFlags, wordValues } from '@lake/core'
import { DataType, type Field, type Table } from 'apache-arrow'
import type { Column } from './column.ts'
import { decimalsOf } from './decimals-of.ts'
import { exactColumn } from './exact-column.ts'
import { flagColumn } from './flag-column.ts'
import { flagValues } from './flag-values.ts'
import { floatColumn } from './float-column.ts'
import { integerColumn } from './integer-column.ts'
import { wordColumn } from './word-column.ts'

/**
 * The column of a field over several tables, one after the other.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a table has no such column, or another kind of values in it.
 */
export function concatColumn(tables: readonly Table[], field: Field): Column {
  const { name } = field
  const type: unknown = field.type
  if (DataType.isFloat(type)) return floatColumn(tables.map((table) => floatValues(table, name)))
  if (DataType.isDecimal(type)) return exactColumn(tables.map((table) => decimalsOf(table, field)))
  if (DataType.isBool(type)) return flagColumn(tables.map((table) => flagValues(table, name)))
  if (DataType.isDictionary(type)) return wordColumn(tables.map((table) => wordValues(table, name)))
  return integerColumn(tables.map((table) => ({ values: integerValues(table, name), nulls: nullFlags(table, name) })))
}
