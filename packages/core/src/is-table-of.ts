import type { Field, Schema, Table, TypeMap } from 'apache-arrow'
import { type GoldTable, type LakeTable, tableSchema } from './table.ts'
import type { DataType } from './vocabulary.ts'

/**
 * True when a table starts with exactly the columns of a data type or gold table, by name and type. Works on tables
 * from any copy of Arrow; further columns may follow.
 *
 * @example
 * if (isTableOf(table, 'klines')) table.getChild('close')
 */
export function isTableOf<D extends DataType | GoldTable>(table: Table, name: D): table is LakeTable<D> {
  return hasColumns(table, tableSchema(name))
}

/**
 * True when a table starts with exactly the columns of a schema, by name and type. Works on tables from any copy of
 * Arrow; further columns may follow.
 *
 * @example
 * if (hasColumns(table, tableSchema('klines', { decimals: 'exact' }))) decimalValues(table, 'close')
 */
export function hasColumns<T extends TypeMap>(table: Table, schema: Schema<T>): table is Table<T> {
  return schema.fields.every((field, index) => {
    const other = table.schema.fields[index]
    return other?.name === field.name && typeName(other) === typeName(field)
  })
}

function typeName({ type }: Field): string {
  return String(type)
}
