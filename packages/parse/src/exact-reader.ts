/*
 * How this is fast: digits on each side of the point are read into an int32 as long as there are no more than nine. Units
 * of 10^-scale are those two numbers multiplied up in words of 32 bits, by the processor's own integers: no text, no big
 * integer and no double is made of a cell. Longer ones, up to 18 digits on each side, are put together of groups of nine;
 * only what is longer still, has an exponent, or is wrong, is looked at as a text.
 */
import type { DecimalColumn } from '@lake/core'
import { type ColumnMemory, FRESH_MEMORY } from './column-memory.ts'
import type { ColumnReader, StopCode } from './column-reader.ts'
import { DECIMAL } from './decimal-text.ts'
import { multiplyAdd, multiplyHigh, negate } from './decimal-words.ts'
import { parseExact } from './parse-exact.ts'
import { digitAt, MINUS, POINT, powerOfTen, QUOTE, SPACE, type Strip, ZERO } from './strip.ts'

/** As many digits as an int32 holds, whatever they are. */
const GROUP = 9
const BILLION = 1_000_000_000

export interface ExactOptions {
  readonly signed: boolean
  readonly nullable: boolean
  /** Whether a number may have an exponent, `1E+1`. */
  readonly exponent: boolean
  /** The most places that a number may have; more are a new format. */
  readonly mostPlaces: number
  /** Digits behind the point of what is kept. */
  readonly scale: number
  /** Of the values. */
  readonly memory?: Pick<ColumnMemory, 'take'> | undefined
}

/** Decimal numbers as whole numbers of units of 10^-scale in 128 bits: every digit of the source. */
export class ExactReader implements ColumnReader {
  /** Nothing is rounded. */
  readonly inexact = 0
  /** The most places that a number had, zeros at the end included. */
  places = 0
  readonly #options: ExactOptions
  #nulls = new Uint8Array(0)
  /** Four words a value, the lowest first. */
  #words = new Int32Array(0)
  #newPlaces = 0

  constructor(options: ExactOptions) {
    this.#options = options
  }

  read(strip: Strip, end: number): number {
    const { signed, mostPlaces, scale } = this.#options
    const { bytes, positions, count, row } = strip
    const words = this.#words
    const nulls = this.#nulls
    // Module constants are variables to the engine: here they are read once, not for every cell.
    const [point, minus, group, billion] = [POINT, MINUS, GROUP, BILLION]
    const stop = end - ZERO
    // What nine places are multiplied with; above 10^9, or below 1, every cell goes the longer way.
    const rest = powerOfTen(scale - group)
    const longestPart = rest <= billion ? group : -1
    let widest = 0
    this.#newPlaces = 0
    for (let index = 0; index < count; index++) {
      const start = positions[index] ?? 0
      const negative = bytes[start] === minus
      const first = negative ? start + 1 : start
      let position = first
      let whole = 0
      let digit = digitAt(bytes, position)
      while (digit >= 0 && digit <= 9) {
        whole = (whole * 10 + digit) | 0
        digit = digitAt(bytes, ++position)
      }
      const wholeDigits = position - first
      let fraction = 0
      let places = 0
      if (digit === point) {
        const from = ++position
        digit = digitAt(bytes, position)
        while (digit >= 0 && digit <= 9) {
          fraction = (fraction * 10 + digit) | 0
          digit = digitAt(bytes, ++position)
        }
        places = position - from
        if (places === 0) return index
      }
      const at = 4 * (row + index)
      if (digit === stop && wholeDigits > 0 && wholeDigits <= longestPart && places <= longestPart) {
        if ((negative && !signed) || places > mostPlaces) return index
        if (places > widest) widest = places
        // All words are of 32 bits without sign: a sum that is less than a part of it has run over.
        const ninths = Math.imul(fraction, powerOfTen(group - places))
        const low = (Math.imul(whole, billion) + ninths) | 0
        const high = multiplyHigh(whole, billion) + (low >>> 0 < ninths ? 1 : 0)
        const above = multiplyHigh(low, rest)
        const second = (Math.imul(high, rest) + above) | 0
        words[at] = Math.imul(low, rest)
        words[at + 1] = second
        words[at + 2] = multiplyHigh(high, rest) + (second >>> 0 < above >>> 0 ? 1 : 0)
        words[at + 3] = 0
        if (negative) negate(words, at)
        nulls[row + index] = 0
        positions[index] = position + 1
        continue
      }
      const cellEnd = this.#readLong(bytes, start, end, row + index)
      if (cellEnd < 0) return index
      positions[index] = cellEnd + 1
    }
    this.#newPlaces = Math.max(this.#newPlaces, widest)
    return count
  }

  settle(): void {
    this.places = Math.max(this.places, this.#newPlaces)
  }

  refusal(text: string): string {
    const { signed, mostPlaces, scale } = this.#options
    const number = parseExact(text, this.#options)
    if (number === undefined) return 'is not a decimal number'
    if (number.isNegative && !signed) return 'is negative'
    if (number.places > mostPlaces) return `has ${number.places} decimal places; up to ${mostPlaces} are known`
    return number.units === undefined
      ? `has digits beyond the ${scale} places that an exact decimal keeps`
      : 'is too large for an exact decimal'
  }

  stops(text: string): StopCode | undefined {
    const isNewForm = DECIMAL.test(text) && (text.split('.')[1]?.length ?? 0) > this.#options.mostPlaces
    return isNewForm ? 'BAD_FORMAT' : undefined
  }

  reserve(rows: number): void {
    const { memory = FRESH_MEMORY } = this.#options
    const words = new Int32Array(memory.take(16 * rows), 0, 4 * rows)
    words.set(this.#words)
    this.#words = words
    const nulls = new Uint8Array(rows)
    nulls.set(this.#nulls)
    this.#nulls = nulls
  }

  take(rows: number): DecimalColumn {
    const words = this.#words
    const kept = words.length === 4 * rows ? words : words.slice(0, 4 * rows)
    const units = new Uint32Array(kept.buffer, kept.byteOffset, kept.length)
    const nulls = this.#nulls.slice(0, rows)
    this.#words = new Int32Array(0)
    this.#nulls = new Uint8Array(0)
    return nulls.includes(1) ? { units, nulls } : { units }
  }

  /** Reads a cell of any form. Gives where it ends, or -1 when it says no number that may stand here. */
  #readLong(bytes: Buffer, start: number, end: number, row: number): number {
    let position = start
    let byte = bytes[position] ?? 0
    while (byte !== end && byte > SPACE && byte !== QUOTE) byte = bytes[++position] ?? 0
    if (byte !== end) return -1
    const isKept = this.#keepDigits(bytes, start, position, row)
    return isKept || this.#keepText(bytes.toString('latin1', start, position), row) ? position : -1
  }

  /** Keeps a number of up to 18 digits on each side of its point; false when the cell is of another form. */
  #keepDigits(bytes: Buffer, start: number, end: number, row: number): boolean {
    const { signed, mostPlaces, scale } = this.#options
    const negative = bytes[start] === MINUS
    if (negative && !signed) return false
    const first = negative ? start + 1 : start
    const pointAt = digitsEnd(bytes, first)
    const from = digitAt(bytes, pointAt) === POINT ? pointAt + 1 : pointAt
    const places = end - from
    const [most, isWhole] = [2 * GROUP, pointAt === end]
    if (pointAt === first || pointAt - first > most || (places === 0 && !isWhole)) return false
    if (digitsEnd(bytes, from) !== end || places > Math.min(most, mostPlaces, scale) || scale > most) return false
    const words = this.#words
    const at = 4 * row
    const middle = Math.max(first, pointAt - GROUP)
    words.fill(0, at, at + 4)
    words[at] = groupAt(bytes, first, middle)
    multiplyAdd(words, at, BILLION, groupAt(bytes, middle, pointAt))
    const fine = Math.min(end, from + GROUP)
    multiplyAdd(words, at, powerOfTen(fine - from), groupAt(bytes, from, fine))
    multiplyAdd(words, at, powerOfTen(end - fine), groupAt(bytes, fine, end))
    for (let zeros = scale - places; zeros > 0; zeros -= GROUP) {
      multiplyAdd(words, at, powerOfTen(Math.min(zeros, GROUP)), 0)
    }
    if (negative) negate(words, at)
    this.#nulls[row] = 0
    if (places > this.#newPlaces) this.#newPlaces = places
    return true
  }

  /** Keeps the number that a text says; false when it says none that may stand here. */
  #keepText(text: string, row: number): boolean {
    const { signed, nullable, mostPlaces } = this.#options
    let units = 0n
    if (text !== '') {
      const number = parseExact(text, this.#options)
      if (number?.units === undefined || number.isTooLarge) return false
      if ((number.isNegative && !signed) || number.places > mostPlaces) return false
      if (number.places > this.#newPlaces) this.#newPlaces = number.places
      units = number.units
    } else if (!nullable) {
      return false
    }
    this.#nulls[row] = text === '' ? 1 : 0
    for (let at = 0; at < 4; at++) this.#words[4 * row + at] = Number(BigInt.asIntN(32, units >> BigInt(32 * at)))
    return true
  }
}

/** Where the digits that begin at an offset end. */
function digitsEnd(bytes: Uint8Array, start: number): number {
  let position = start
  while (digitAt(bytes, position) >= 0 && digitAt(bytes, position) <= 9) position++
  return position
}

/** The number that up to nine digits make; 0 when there are none. */
function groupAt(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let position = start; position < end; position++) value = value * 10 + digitAt(bytes, position)
  return value
}
