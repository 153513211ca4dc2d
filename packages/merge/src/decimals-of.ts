import { decimalValues, LakeError } from '@lake/core'
import { DataType, type Field, type Table } from 'apache-arrow'
import type { ScaledDecimals } from './scaled-decimals.ts'

/**
 * The exact decimals of a field in a table.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the table has no such column, or one of another scale.
 */
export function decimalsOf(table: Table, field: Field): ScaledDecimals {
  const type: unknown = field.type
  const decimals = decimalValues(table, field.name)
  if (DataType.isDecimal(type) && type.scale === decimals.scale) return decimals
  throw new LakeError(
    'BAD_REQUEST',
    `Column '${field.name}' has ${decimals.scale} places, not those of ${String(field.type)}.`,
  )
}
