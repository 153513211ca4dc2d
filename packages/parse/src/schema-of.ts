import { type DataType, tableSchema } from '@lake/core'
import { Schema, type TypeMap } from 'apache-arrow'

/** Which numbers are asked for: float64 when absent. */
export interface DecimalsOption {
  readonly decimals?: 'exact' | undefined
  /** Digits behind the point of exact decimals. */
  readonly scale?: number | undefined
}

/** The schema of a data type's table, with exact decimals when they are asked for. */
export function schemaOf(dataType: DataType, { decimals, scale }: DecimalsOption): Schema<TypeMap> {
  const { fields } = decimals === 'exact' ? tableSchema(dataType, { decimals, scale }) : tableSchema(dataType)
  return new Schema<TypeMap>(fields)
}
