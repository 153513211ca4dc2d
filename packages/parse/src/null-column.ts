import type { ColumnValues, DecimalColumn } from '@lake/core'
import { DataType, type Field } from 'apache-arrow'

/** A column without values: the source does not have it. */
export function nullColumn(field: Field, rows: number): ColumnValues | DecimalColumn {
  const type: unknown = field.type
  const nulls = (): Uint8Array => new Uint8Array(rows).fill(1)
  if (DataType.isFloat(type)) return new Float64Array(rows).fill(Number.NaN)
  if (DataType.isDecimal(type)) return { units: new Uint32Array(4 * rows), nulls: nulls() }
  if (DataType.isBool(type)) return new Uint8Array(rows).fill(2)
  if (DataType.isDictionary(type)) return { codes: new Int32Array(rows).fill(-1), words: [] }
  return { values: new BigInt64Array(rows), nulls: nulls() }
}
