import { decimalValues } from '@lake/core'
import { DataType, type Table } from 'apache-arrow'
import type { ReferenceRow } from './reference.ts'
import { plainDecimal } from './reference-value.ts'

/** The rows of a table in the form of the reference. */
export function tableRows(table: Table): ReferenceRow[] {
  const columns = table.schema.fields.map((field): [string, unknown[]] => {
    const vector = table.getChild(field.name)
    if (DataType.isDecimal(field.type)) return [field.name, decimalTexts(table, field.name)]
    // `get` of a timestamp loses its type; the array behind it does not.
    const isTime = String(field.type).startsWith('Timestamp')
    const values: unknown = isTime ? vector?.toArray() : vector?.toJSON()
    if (values instanceof BigInt64Array) {
      return [field.name, Array.from(values, (value, row) => (vector?.isValid(row) === true ? value : null))]
    }
    return [field.name, Array.isArray(values) ? values : []]
  })
  return Array.from({ length: table.numRows }, (_, index) =>
    Object.fromEntries(columns.map(([name, values]) => [name, shown(values[index])])),
  )
}

/** Exact decimals, of two's complement in 128 bits. */
function decimalTexts(table: Table, column: string): (string | null)[] {
  const { units, nulls, scale } = decimalValues(table, column)
  return Array.from({ length: table.numRows }, (_, row) => {
    if (nulls?.[row] === 1) return null
    const words = Array.from(units.subarray(4 * row, 4 * row + 4), BigInt)
    const value = BigInt.asIntN(
      128,
      words.reduceRight((sum, word) => (sum << 32n) + word, 0n),
    )
    return plainDecimal(`${value}e-${scale}`)
  })
}

function shown(value: unknown): bigint | boolean | string | null {
  if (typeof value === 'number') return plainDecimal(String(value))
  return typeof value === 'bigint' || typeof value === 'boolean' || typeof value === 'string' ? value : null
}
