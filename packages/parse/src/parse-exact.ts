const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/

/** DECIMAL(38) ends below. */
const LIMIT = 10n ** 38n

/** What a text says, as a whole number of units of 10^-scale. */
export interface ExactNumber {
  readonly isNegative: boolean
  /** Digits behind the point, zeros at the end included. */
  readonly places: number
  /** Absent where digits are finer than the scale. */
  readonly units: bigint | undefined
  /** True where the units have more digits than an exact decimal keeps. */
  readonly isTooLarge: boolean
}

/** Reads the text of a decimal number, with an exponent only where that is allowed; `undefined` when it is none. */
export function parseExact(
  text: string,
  { exponent, scale }: { readonly exponent: boolean; readonly scale: number },
): ExactNumber | undefined {
  const [, sign, whole, fraction = '', power] = NUMBER.exec(text) ?? []
  if (whole === undefined || (power !== undefined && !exponent)) return undefined
  const isNegative = sign === '-'
  const zeros = scale - fraction.length + Number(power ?? 0)
  const units = unitsOf(whole + fraction, zeros, isNegative)
  const isTooLarge = units !== undefined && (units >= LIMIT || units <= -LIMIT)
  return { isNegative, places: fraction.length, units, isTooLarge }
}

/** Digits with zeros behind them, or, below zero, with as many fewer digits, which must be zeros. */
function unitsOf(digits: string, zeros: number, isNegative: boolean): bigint | undefined {
  let text = digits
  if (zeros < 0) {
    const end = Math.max(0, digits.length + zeros)
    if (/[1-9]/.test(digits.slice(end))) return undefined
    text = digits.slice(0, end)
  }
  const units = BigInt(text.padEnd(text.length + Math.max(0, zeros), '0') || '0')
  return isNegative ? -units : units
}
