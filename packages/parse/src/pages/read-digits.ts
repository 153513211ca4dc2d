import { digitAt, powerOfTen } from '../strip.ts'

/** Where the reading of a text stands. */
export interface Cursor {
  bytes: Buffer
  position: number
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
  // More digits do not fit either; they may be zeros in front of a number.
  if (position - middle > 9) return Number(bytes.toString('latin1', start, position))
  return high * powerOfTen(position - middle) + low
}
