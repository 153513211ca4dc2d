import { floatAt } from './value-at.ts'

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
