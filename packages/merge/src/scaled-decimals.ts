import type { DecimalColumn } from '@lake/core'

/** Exact decimals and how many digits stand behind their point. */
export interface ScaledDecimals extends DecimalColumn {
  readonly scale: number
}

/** Whether two rows hold the same units. */
export function isSameDecimal(a: Uint32Array, rowA: number, b: Uint32Array, rowB: number): boolean {
  for (let word = 0; word < 4; word++) if (a[4 * rowA + word] !== b[4 * rowB + word]) return false
  return true
}

/** The whole number of units of a row. */
export function unitsOf({ units }: DecimalColumn, row: number): bigint {
  let value = BigInt((units[4 * row + 3] ?? 0) | 0)
  for (let word = 2; word >= 0; word--) value = (value << 32n) | BigInt(units[4 * row + word] ?? 0)
  return value
}
