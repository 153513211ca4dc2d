import { floatValues, integerValues, microsOf, nullFlags, type WordColumn, wordValues } from '@lake/core'
import { DataType, Table, type Vector } from 'apache-arrow'

/** The columns of a table as numbers and words, each read once. */
export interface CheckColumns {
  readonly table: Table
  readonly rows: number
  /** Floats, integers and times alike as doubles; null is NaN. */
  numbers(column: string): Float64Array
  /** True when the table has the column: a contract may speak of columns that some venues do not have. */
  has(column: string): boolean
  words(column: string): WordColumn
  /** One value; an integer beyond 2^53 as text, `undefined` when null. */
  valueAt(column: string, row: number): number | string | undefined
}

/** Reads columns when a check asks for them, and keeps them for the next. */
export function checkColumns(table: Table): CheckColumns {
  const numbers = new Map<string, Float64Array>()
  return {
    table,
    rows: table.numRows,
    has: (column) => table.schema.names.some((name) => name === column),
    words: (column) => wordValues(table, column),
    valueAt: (column, row) => plainValue(table.getChild(column)?.slice(row, row + 1), column),
    numbers(column) {
      const known = numbers.get(column)
      if (known !== undefined) return known
      const read = readNumbers(table, column)
      numbers.set(column, read)
      return read
    },
  }
}

function plainValue(cell: Vector | null | undefined, column: string): number | string | undefined {
  if (cell == null || cell.nullCount > 0) return undefined
  const one = new Table({ [column]: cell })
  const type: unknown = cell.type
  if (DataType.isFloat(type)) return floatValues(one, column)[0]
  if (DataType.isDictionary(type)) return wordValues(one, column).words[0]
  const [value = 0n] = integerValues(one, column)
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}

function readNumbers(table: Table, column: string): Float64Array {
  const type: unknown = table.getChild(column)?.type
  if (DataType.isFloat(type)) return floatValues(table, column)
  const values = microsOf(integerValues(table, column))
  const nulls = nullFlags(table, column)
  if (nulls !== undefined) for (let row = 0; row < values.length; row++) if (nulls[row] === 1) values[row] = Number.NaN
  return values
}
