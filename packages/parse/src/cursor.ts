/** Where the reading of a block of whole lines stands. Every block ends with a line feed, so no cell runs over it. */
export interface Cursor {
  bytes: Buffer
  position: number
}

export const COMMA = 44
export const LINE_FEED = 10
export const CARRIAGE_RETURN = 13

const ZERO = 48
const POWERS: Float64Array = Float64Array.from({ length: 10 }, (_, power) => 10 ** power)

/** The digit at an offset; below 0 or above 9 when the byte there is none. */
export function digitAt(bytes: Uint8Array, position: number): number {
  return (bytes[position] ?? 0) - ZERO
}

/** 10^0 to 10^9; infinite beyond, where digits do not fit an int32. */
export function powerOfTen(power: number): number {
  return POWERS[power] ?? Infinity
}

/**
 * Reads digits and leaves the cursor behind them. -1 when there is none; a number above 2^53 is only known to be
 * that large.
 */
export function readDigits(cursor: Cursor): number {
  const { bytes, position: start } = cursor
  let position = start
  let high = 0
  let digit = digitAt(bytes, position)
  // Nine digits fit an int32, whose arithmetic is several times faster than that of doubles.
  const tenth = start + 9
  while (digit >= 0 && digit <= 9 && position < tenth) {
    high = (high * 10 + digit) | 0
    digit = digitAt(bytes, ++position)
  }
  if (position === start) return -1
  let low = 0
  const middle = position
  while (digit >= 0 && digit <= 9) {
    low = (low * 10 + digit) | 0
    digit = digitAt(bytes, ++position)
  }
  cursor.position = position
  return high * powerOfTen(position - middle) + low
}
