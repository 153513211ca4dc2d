import { type ColumnValues, type DecimalColumn, makeTable } from '@lake/core'
import type { Field, Schema, Table, TypeMap } from 'apache-arrow'

/** A table of a schema whose columns are made one after the other. */
export function buildTable<T extends TypeMap>(
  schema: Schema<T>,
  columnOf: (field: Field) => ColumnValues | DecimalColumn,
): Table<T> {
  const columns = {}
  fillColumns(schema, columns, columnOf)
  return makeTable(schema, columns)
}

function fillColumns<T extends TypeMap>(
  schema: Schema<T>,
  columns: object,
  columnOf: (field: Field) => ColumnValues | DecimalColumn,
): asserts columns is Record<keyof T, ColumnValues | DecimalColumn> {
  for (const field of schema.fields) Object.assign(columns, { [field.name]: columnOf(field) })
}
