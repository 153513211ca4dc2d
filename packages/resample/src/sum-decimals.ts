import { floatAt } from './value-at.ts'

/** Venues publish sizes with at most eight decimals. */
const UNITS = 100_000_000

/** From here on (2^26) neighbouring doubles lie further apart than the eighth decimal. */
const LIMIT = 67_108_864

/**
 * The sum of the values of rows `from` to before `to`, as it would come out on paper: 0.1 + 0.2 is 0.3.
 *
 * Values that are decimals with up to eight places, below 2^26, are added as integers, so the result is the double
 * nearest to the exact decimal sum, in whatever order or steps they are added. Should any value be another one, the
 * rows are added in their order with Neumaier's compensation, which is off by no more than the values themselves
 * are. NaN (null) makes the sum NaN; no rows add up to 0.
 */
export function sumDecimals(values: Float64Array, from: number, to: number): number {
  let wholes = 0
  let parts = 0
  for (let row = from; row < to; row++) {
    const value = floatAt(values, row)
    const whole = Math.floor(value)
    const part = Math.round((value - whole) * UNITS)
    // The quotient of two exact integers is the double nearest to the decimal: equal means that it is this decimal.
    if (!(value < LIMIT && value > -LIMIT && (whole * UNITS + part) / UNITS === value)) {
      return sumCompensated(values, from, to)
    }
    wholes += whole
    parts += part
  }
  const carry = Math.floor(parts / UNITS)
  wholes += carry
  parts -= carry * UNITS
  return Math.abs(wholes) < LIMIT ? (wholes * UNITS + parts) / UNITS : wholes + parts / UNITS
}

/** The sum of rows `from` to before `to` in their order, with Neumaier's compensation for what rounding loses. */
export function sumCompensated(values: Float64Array, from: number, to: number): number {
  let sum = 0
  let lost = 0
  for (let row = from; row < to; row++) {
    const value = floatAt(values, row)
    const next = sum + value
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
    sum = next
  }
  return sum + lost
}
