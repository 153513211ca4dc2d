import { type ColumnValues, floatValues, integerValues, LakeError, makeTable, wordValues } from '@lake/core'
import { DataType, type Field, type Table } from 'apache-arrow'

/**
 * The given rows of a table, in the given order, as a table of one batch. For the column types of bars: float64,
 * integers and times without null, words.
 *
 * @throws {@link LakeError} `UNSUPPORTED` for a column of another type.
 */
export function takeRows(table: Table, rows: Int32Array): Table {
  const columns: Record<string, ColumnValues> = {}
  for (const field of table.schema.fields) columns[field.name] = takeValues(table, field, rows)
  return makeTable(table.schema, columns)
}

function takeValues(table: Table, field: Field, rows: Int32Array): ColumnValues {
  const { name } = field
  const type: unknown = field.type
  if (DataType.isFloat(type)) {
    const values = floatValues(table, name)
    return Float64Array.from(rows, (row) => values[row] ?? Number.NaN)
  }
  if (DataType.isDictionary(type)) {
    const { codes, words } = wordValues(table, name)
    return { codes: Int32Array.from(rows, (row) => codes[row] ?? -1), words }
  }
  if (DataType.isInt(type) || DataType.isTimestamp(type)) {
    const values = integerValues(table, name)
    const taken = new BigInt64Array(rows.length)
    for (const [index, row] of rows.entries()) taken[index] = values[row] ?? 0n
    return taken
  }
  throw new LakeError('UNSUPPORTED', `Rows of a column of type ${String(type)} cannot be picked.`)
}
