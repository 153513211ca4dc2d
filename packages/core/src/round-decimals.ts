import { DataType as ArrowType, type Schema, type Table, type TypeMap } from 'apache-arrow'
import { decimalValues, flagValues, floatValues, integerValues, nullFlags, wordValues } from './column-values.ts'
import { type ColumnValues, makeTable } from './make-table.ts'

/**
 * A table of exact decimals with a schema of float64: each number is the double nearest to the decimal, the same that reading
 * its text gives. Columns that hold no decimals are copied.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the table lacks a column of the schema.
 *
 * @example
 * floatValues(roundDecimals(exact, tableSchema('klines')), 'close')
 */
export function roundDecimals<T extends TypeMap>(table: Table, schema: Schema<T>): Table<T> {
  const columns = {}
  fillColumns(table, schema, columns)
  return makeTable(schema, columns)
}

function fillColumns<T extends TypeMap>(
  table: Table,
  schema: Schema<T>,
  columns: object,
): asserts columns is Record<keyof T, ColumnValues> {
  for (const { name, type } of schema.fields) Object.assign(columns, { [name]: columnOf(table, name, type) })
}

function columnOf(table: Table, name: string, type: unknown): ColumnValues {
  if (ArrowType.isDictionary(type)) return wordValues(table, name)
  if (ArrowType.isBool(type)) return flagValues(table, name)
  if (ArrowType.isFloat(type)) {
    const given: unknown = table.getChild(name)?.type
    return ArrowType.isDecimal(given) ? doublesOf(table, name) : floatValues(table, name).slice()
  }
  const values = integerValues(table, name).slice()
  const nulls = nullFlags(table, name)
  return nulls === undefined ? values : { values, nulls }
}

function doublesOf(table: Table, name: string): Float64Array {
  const { units, nulls, scale } = decimalValues(table, name)
  const doubles = new Float64Array(units.length / 4)
  for (let row = 0; row < doubles.length; row++) {
    doubles[row] = nulls?.[row] === 1 ? Number.NaN : nearestDouble(unitsAt(units, row), scale)
  }
  return doubles
}

/** The whole number of units that four words hold, the lowest first, in two's complement. */
function unitsAt(units: Uint32Array, row: number): bigint {
  let value = BigInt((units[4 * row + 3] ?? 0) | 0)
  for (let word = 2; word >= 0; word--) value = (value << 32n) | BigInt(units[4 * row + word] ?? 0)
  return value
}

/** From its text, which every engine rounds correctly. */
function nearestDouble(units: bigint, scale: number): number {
  return Number(`${units}e-${scale}`)
}
