/** How many rows are read column by column before the next rows are looked at: few enough for the first-level cache. */
export const STRIP_ROWS = 256

/** Some rows of a block of whole lines, on their way through the readers of their columns. */
export interface Strip {
  bytes: Buffer
  /** Where the next cell of each row begins. Every block ends with a line feed, so no cell runs over its end. */
  readonly positions: Int32Array
  /** How many rows there are. */
  count: number
  /** The row of the columns that the first of them becomes. */
  row: number
}

export const LINE_FEED = 10
export const CARRIAGE_RETURN = 13
export const SPACE = 32
export const QUOTE = 34
export const MINUS = 45
/** What a decimal point is when it is read as a digit. */
export const POINT = -2

export const ZERO = 48
const POWERS: Float64Array = Float64Array.from({ length: 10 }, (_, power) => 10 ** power)

/** An empty strip. */
export function makeStrip(): Strip {
  return { bytes: Buffer.alloc(0), positions: new Int32Array(STRIP_ROWS), count: 0, row: 0 }
}

/** The digit at an offset; below 0 or above 9 when the byte there is none. */
export function digitAt(bytes: Uint8Array, position: number): number {
  // A literal: the bundler makes a variable of a module's constant, which would be read and checked for every byte.
  return (bytes[position] ?? 0) - 48
}

/** 10^0 to 10^9; infinite beyond, where digits do not fit an int32. */
export function powerOfTen(power: number): number {
  return POWERS[power] ?? Infinity
}

/**
 * Reads integers without sign, each up to the byte `end`, into `numbers`. An empty cell is NaN where `nullable`; a
 * number above 2^53 is only known to be that large.
 *
 * @returns how many rows could be read before the first that could not
 */
export function readIntegers(strip: Strip, end: number, numbers: Float64Array, nullable: boolean): number {
  const { bytes, positions, count } = strip
  const stop = end - ZERO
  for (let index = 0; index < count; index++) {
    const start = positions[index] ?? 0
    // Nine digits fit an int32, whose arithmetic is several times faster than that of doubles.
    const tenth = start + 9
    let position = start
    let high = 0
    let digit = digitAt(bytes, position)
    while (digit >= 0 && digit <= 9 && position < tenth) {
      high = (high * 10 + digit) | 0
      digit = digitAt(bytes, ++position)
    }
    let value = high
    if (digit >= 0 && digit <= 9) {
      let low = 0
      while (digit >= 0 && digit <= 9) {
        low = (low * 10 + digit) | 0
        digit = digitAt(bytes, ++position)
      }
      // More digits do not fit either; they may be zeros in front of a number.
      value =
        position - tenth > 9
          ? Number(bytes.toString('latin1', start, position))
          : high * powerOfTen(position - tenth) + low
    }
    if (digit !== stop) return index
    if (position === start) {
      if (!nullable) return index
      value = Number.NaN
    }
    numbers[index] = value
    positions[index] = position + 1
  }
  return count
}

/** The text of the digits in front of where the cell of a row ended. */
export function digitsBefore(strip: Strip, index: number): string {
  const end = (strip.positions[index] ?? 0) - 1
  let start = end
  while (digitAt(strip.bytes, start - 1) >= 0 && digitAt(strip.bytes, start - 1) <= 9) start--
  return strip.bytes.toString('latin1', start, end)
}

/** Whether two stretches have the same bytes. */
export function isSame(a: Uint8Array, atA: number, b: Uint8Array, atB: number, length: number): boolean {
  for (let index = 0; index < length; index++) if (a[atA + index] !== b[atB + index]) return false
  return true
}
