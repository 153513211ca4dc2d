/** The largest exponent that is spelt out; beyond, a number is too large for a float64, or as good as none. */
const LARGEST = 400

/**
 * A decimal number with an exponent as the same number without one: `-1.20e-3` is `-0.00120`. `undefined` when the
 * exponent is absurd.
 */
export function expandExponent(text: string): string | undefined {
  const [mantissa = '', power = '0'] = text.toLowerCase().split('e')
  const exponent = Number(power)
  if (Math.abs(exponent) > LARGEST) return undefined
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole = '', places = ''] = mantissa.slice(sign.length).split('.')
  const digits = whole + places
  const point = whole.length + exponent
  const left = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  const right = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits
  const integer = left.replace(/^0+(?=\d)/, '')
  return /[1-9]/.test(right) ? `${sign}${integer}.${right}` : `${sign}${integer}`
}
