import { DataType as ArrowType, type Field } from 'apache-arrow'
import type { Schema, Table, TypeMap } from 'apache-arrow'
import { floatValues, integerValues, nullFlags, wordValues } from '../column-values.ts'
import { type ColumnValues, makeTable } from '../make-table.ts'

/** A value of a row: integers and times are bigints, what is null is null. */
export type RowValue = number | bigint | string | boolean | null

/** A row by the names of its columns; absent is null. */
export type Row = Readonly<Record<string, RowValue | undefined>>

/**
 * A table of some rows, for tests: slow, and easy to read.
 *
 * @example
 * tableOfRows(tableSchema('metrics'), [{ ts_event: 0n, ts_available: 300_000_000n, source: 'rest' }])
 */
export function tableOfRows<T extends TypeMap>(schema: Schema<T>, rows: readonly Row[]): Table<T> {
  const columns = {}
  fillColumns(schema, rows, columns)
  return makeTable(schema, columns)
}

/** The rows of a table, for tests. */
export function rowsOfTable(table: Table): Record<string, RowValue>[] {
  const readers = table.schema.fields.map((field) => [field.name, readerOf(table, field)] as const)
  return Array.from({ length: table.numRows }, (_, row) =>
    Object.fromEntries(readers.map(([name, read]) => [name, read(row)])),
  )
}

function fillColumns<T extends TypeMap>(
  schema: Schema<T>,
  rows: readonly Row[],
  columns: object,
): asserts columns is Record<keyof T, ColumnValues> {
  for (const field of schema.fields) {
    const values = rows.map((row) => row[field.name] ?? null)
    Object.assign(columns, { [field.name]: columnOf(field, values) })
  }
}

function columnOf(field: Field, values: readonly RowValue[]): ColumnValues {
  const type: unknown = field.type
  if (ArrowType.isFloat(type))
    return Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value)))
  if (ArrowType.isBool(type)) return Uint8Array.from(values, (value) => (value === null ? 2 : Number(value)))
  if (ArrowType.isDictionary(type)) {
    const words = [...new Set(values.filter((value) => value !== null).map(String))]
    return { words, codes: Int32Array.from(values, (value) => (value === null ? -1 : words.indexOf(String(value)))) }
  }
  return {
    values: BigInt64Array.from(values, (value) => BigInt(value ?? 0)),
    nulls: Uint8Array.from(values, (value) => (value === null ? 1 : 0)),
  }
}

function readerOf(table: Table, { name, type }: { name: string; type: unknown }): (row: number) => RowValue {
  if (ArrowType.isFloat(type)) {
    const values = floatValues(table, name)
    return (row) => (Number.isNaN(values[row]) ? null : (values[row] ?? null))
  }
  if (ArrowType.isBool(type)) {
    const flags: unknown[] = [...(table.getChild(name) ?? [])]
    return (row) => (flags[row] === null ? null : flags[row] === true)
  }
  if (ArrowType.isDictionary(type)) {
    const { codes, words } = wordValues(table, name)
    return (row) => words[codes[row] ?? -1] ?? null
  }
  const values = integerValues(table, name)
  const nulls = nullFlags(table, name)
  return (row) => (nulls?.[row] === 1 ? null : (values[row] ?? null))
}
