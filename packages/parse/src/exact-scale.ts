import { DataType, type Schema, type TypeMap } from 'apache-arrow'

/** Digits behind the point of the exact decimals of a schema; undefined when its numbers are float64. */
export function exactScale<T extends TypeMap>(schema: Schema<T>): number | undefined {
  for (const field of schema.fields) {
    const type: unknown = field.type
    if (DataType.isDecimal(type)) return type.scale
  }
  return undefined
}
