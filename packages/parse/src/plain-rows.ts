/*
 * How this is fast: a row in its plain form is read from its first byte to its last in one loop, straight into typed
 * arrays. What the columns are is looked up in small arrays, in the same order in every row, so that the processor
 * foresees every turn; nothing is called and nothing is made for a row or a cell. Whatever is not plain ends the loop
 * in front of its row: the readers of the columns then say what it is. It is one function, since a call a cell, or
 * another column's values that leave the registers, would cost as much as the reading. The numbers in it are those of
 * strip.ts and plain-columns.ts: the bundler makes variables of constants, and more variables than there are registers
 * make the loop slower.
 */
import { isInexact } from './decimal-text.ts'
import type { PlainColumns } from './plain-columns.ts'
import { digitAt, isSame } from './strip.ts'
import { LONGEST_LINE } from './whole-lines.ts'

/** Rows to be read. */
export interface PlainSpan {
  /** Whole lines: the last byte is a line feed, so no cell runs over the end. */
  readonly bytes: Buffer
  /** Where the first row begins. */
  readonly position: number
  /** The first row of the columns, and the one behind the last that they have room for. */
  readonly row: number
  readonly limit: number
  /** The byte between cells. */
  readonly delimiter: number
}

/** Rows that were read. */
export interface PlainRead {
  /** The row behind the last one. */
  readonly row: number
  /** Where the last row begins, and where it ends. */
  readonly last: number
  readonly position: number
  /** How many have the bytes of the row before; the first is not compared. */
  readonly repeated: number
}

/** Those that fit an int32. */
const POWERS = Float64Array.from({ length: 10 }, (_, power) => 10 ** power)
const NO_FLOATS = new Float64Array(0)
const NO_HALVES = new Int32Array(0)
const NO_FLAGS = new Uint8Array(0)

/** Reads rows up to the first that is not plain in every column. */
export function readPlainRows(columns: PlainColumns, span: PlainSpan): PlainRead {
  const { kinds, floats, halves, flags, signed, places, least, limits, factors } = columns
  const { bytes, row: first, limit, delimiter } = span
  const identity = halves[columns.firstInteger] ?? NO_HALVES
  const powers = POWERS
  const inexact = new Int32Array(kinds.length)
  const end = bytes.length
  const lastColumn = kinds.length - 1
  let start = span.position
  let lastStart = start
  let lastSize = -1
  let repeated = 0
  let row = first
  rows: while (row < limit && start < end) {
    let at = start
    let isCounted = true
    for (let column = 0; column <= lastColumn; column++) {
      const kind = kinds[column]
      if (kind === 0 /* decimal */) {
        const cell = at
        const isNegative = bytes[at] === 45 /* minus */
        if (isNegative) {
          if (signed[column] === 0) break rows
          at++
        }
        let from = at
        let whole = 0
        let digit = digitAt(bytes, at)
        while (digit >>> 0 < 10) {
          whole = (whole * 10 + digit) | 0
          digit = digitAt(bytes, ++at)
        }
        if (at === from) break rows
        // More digits do not fit an int32: what was counted up is then worthless, and not looked at.
        let isShort = at - from <= 9
        let value = whole
        if (digit === -2 /* point */) {
          from = ++at
          let fraction = 0
          digit = digitAt(bytes, at)
          while (digit >>> 0 < 10) {
            fraction = (fraction * 10 + digit) | 0
            digit = digitAt(bytes, ++at)
          }
          const decimals = at - from
          if (decimals === 0 || decimals > (places[column] ?? 0)) break rows
          // One correctly rounded division of two exact doubles; see EXACT_MANTISSA.
          const scale = powers[decimals] ?? 1
          const mantissa = whole * scale + fraction
          if (decimals > 9 || mantissa > 4_503_599_627_370_496) isShort = false
          value = mantissa / scale
        }
        if (!isShort) {
          const text = bytes.toString('latin1', cell, at)
          const nearest = Number(text)
          if (!Number.isFinite(nearest)) break rows
          if (isInexact(text, nearest)) {
            inexact[column] = 1
            isCounted = false
          }
          value = Math.abs(nearest)
        }
        // Subtraction from 0 makes no negative zero.
        const values = floats[column] ?? NO_FLOATS
        values[row] = isNegative ? 0 - value : value
      } else if (kind === 1 /* integer */) {
        const from = at
        const tenth = at + 9
        let value = 0
        let digit = digitAt(bytes, at)
        while (digit >>> 0 < 10 && at < tenth) {
          value = (value * 10 + digit) | 0
          digit = digitAt(bytes, ++at)
        }
        if (at === from) break rows
        if (digit >>> 0 < 10) {
          let low = 0
          while (digit >>> 0 < 10) {
            low = (low * 10 + digit) | 0
            digit = digitAt(bytes, ++at)
          }
          if (at - tenth > 9) break rows
          value = value * (powers[at - tenth] ?? 0) + low
          if (value > 9_007_199_254_740_991) break rows
        }
        if (value < (least[column] ?? 0) || value >= (limits[column] ?? 0)) break rows
        const kept = value * (factors[column] ?? 0)
        const high = Math.floor(kept / 4_294_967_296)
        const values = halves[column] ?? NO_HALVES
        values[2 * row] = kept - high * 4_294_967_296
        values[2 * row + 1] = high
      } else if (kind === 2 /* flag */) {
        // Only the first letter may be a capital: 32 is what tells the cases apart.
        const letter = (bytes[at] ?? 0) | 32
        const values = flags[column] ?? NO_FLAGS
        if (letter === 116 && bytes[at + 1] === 114 && bytes[at + 2] === 117 && bytes[at + 3] === 101) {
          values[row] = 1
          at += 4
        } else {
          const isFalse = letter === 102 && bytes[at + 1] === 97 && bytes[at + 2] === 108 && bytes[at + 3] === 115
          if (!isFalse || bytes[at + 4] !== 101) break rows
          values[row] = 0
          at += 5
        }
      } else {
        // Any text; quotes and control characters are refused, since they could hide a delimiter.
        let byte = bytes[at] ?? 0
        while (byte >= 32 && byte !== 34 && byte !== delimiter) byte = bytes[++at] ?? 0
      }
      if (column < lastColumn && bytes[at++] !== delimiter) break rows
    }
    if (bytes[at] === 13 /* carriage return */) at++
    if (bytes[at++] !== 10 /* line feed */) break
    const size = at - start
    if (size > LONGEST_LINE) break
    // Most rows differ from the one before by their first time or id.
    const mayRepeat = size === lastSize && identity[2 * row] === identity[2 * row - 2]
    if (mayRepeat && isSame(bytes, lastStart, bytes, start, size)) repeated++
    if (!isCounted) count(columns, inexact)
    lastStart = start
    lastSize = size
    start = at
    row++
  }
  return { row, last: lastStart, position: start, repeated }
}

/** Counts the values of a row whose shortest form is another number, now that all of it is right. */
function count({ readers }: PlainColumns, inexact: Int32Array): void {
  for (const [column, reader] of readers.entries()) if (reader !== undefined) reader.inexact += inexact[column] ?? 0
  inexact.fill(0)
}
