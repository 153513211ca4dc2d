import { type ScaledDecimals, unitsOf } from './scaled-decimals.ts'

/** A decimal as text, without zeros at its end. */
export function decimalText(column: ScaledDecimals, row: number): string {
  const units = unitsOf(column, row)
  const digits = String(units < 0n ? -units : units).padStart(column.scale + 1, '0')
  const whole = digits.slice(0, digits.length - column.scale)
  const places = digits.slice(whole.length).replace(/0+$/, '')
  return `${units < 0n ? '-' : ''}${whole}${places === '' ? '' : `.${places}`}`
}
