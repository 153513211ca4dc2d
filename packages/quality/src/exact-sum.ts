import { floatAt } from './value-at.ts'

/** Values with at most eight decimals are integers of this many parts; what venues publish mostly is. */
const PARTS = 100_000_000
const DECIMALS = 8

/** Up to fifteen digits, a decimal and its double stand for each other; beyond, the product below may be off by one. */
const EXACT = 1e15

/**
 * The exact sum of numbers, each taken as the decimal that it is written as, without an exponent and without
 * trailing zeros. Nulls (NaN) are left out.
 *
 * Adding doubles rounds at every step and depends on the order; this does neither. Numbers of up to eight decimals
 * are added as integers, which costs a few nanoseconds; others as big integers of their decimal form.
 *
 * @example
 * exactSum(Float64Array.of(0.1, 0.2)) // '0.3'
 */
export function exactSum(values: Float64Array): string {
  let whole = 0n
  let parts = 0
  const rest = new Map<number, bigint>()
  for (let row = 0; row < values.length; row++) {
    const value = floatAt(values, row)
    const scaled = Math.round(value * PARTS)
    if (scaled / PARTS === value && Math.abs(scaled) <= EXACT) {
      const next = parts + scaled
      if (Math.abs(next) > Number.MAX_SAFE_INTEGER) {
        whole += BigInt(parts)
        parts = scaled
      } else parts = next
    } else if (Number.isFinite(value)) addDecimal(rest, value)
  }
  rest.set(DECIMALS, (rest.get(DECIMALS) ?? 0n) + whole + BigInt(parts))
  return formatDecimal(rest)
}

/** Adds a number's shortest decimal form to the sum of those with as many decimals. */
function addDecimal(sums: Map<number, bigint>, value: number): void {
  const [mantissa = '0', exponent = '0'] = String(value).split('e')
  const [integer = '0', fraction = ''] = mantissa.split('.')
  const decimals = fraction.length - Number(exponent)
  const digits = BigInt(integer + fraction)
  const [scale, parts] = decimals < 0 ? [0, digits * 10n ** BigInt(-decimals)] : [decimals, digits]
  sums.set(scale, (sums.get(scale) ?? 0n) + parts)
}

function formatDecimal(sums: ReadonlyMap<number, bigint>): string {
  const scale = Math.max(...sums.keys())
  let total = 0n
  for (const [decimals, sum] of sums) total += sum * 10n ** BigInt(scale - decimals)
  const sign = total < 0n ? '-' : ''
  const digits = String(total < 0n ? -total : total).padStart(scale + 1, '0')
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '')
  return `${sign}${digits.slice(0, digits.length - scale)}${fraction === '' ? '' : `.${fraction}`}`
}
