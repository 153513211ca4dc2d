import { type ColumnMemory, FRESH_MEMORY } from './column-memory.ts'
import type { ColumnReader, StopCode } from './column-reader.ts'
import { DECIMAL, isInexact } from './decimal-text.ts'
import type { PlainCells } from './plain-cells.ts'
import { digitAt, MINUS, POINT, powerOfTen, type Strip, ZERO } from './strip.ts'

/**
 * Up to here, all decimals with the same number of places are different doubles, so the double nearest to one of
 * them has it as its shortest decimal form. All numbers of 15 digits are below, and many of 16.
 */
const EXACT_MANTISSA = 2 ** 52

const LETTER_E = 101
const PLUS = 43

export interface DecimalOptions {
  readonly signed: boolean
  readonly nullable: boolean
  /** Whether a number may have an exponent, `1E+1`. */
  readonly exponent: boolean
  /** The most places that a number may have; more are a new format. */
  readonly mostPlaces: number
  /** Of the values. */
  readonly memory?: Pick<ColumnMemory, 'take'> | undefined
}

/** Decimal numbers as float64: the nearest double of the text, whatever its length. */
export class DecimalReader implements ColumnReader {
  /** Values whose shortest decimal form is not the source's number. */
  inexact = 0
  /** The most places that a number had, zeros at the end included. */
  places = 0
  readonly #options: DecimalOptions
  #values = new Float64Array(0)
  #newInexact = 0
  #newPlaces = 0

  constructor(options: DecimalOptions) {
    this.#options = options
  }

  read(strip: Strip, end: number): number {
    const { signed, nullable, exponent, mostPlaces } = this.#options
    const { bytes, positions, count, row } = strip
    const values = this.#values
    // Module constants are variables to the engine: here they are read once, not for every cell.
    const [point, minus, mostExact] = [POINT, MINUS, EXACT_MANTISSA]
    const stop = end - ZERO
    let widest = 0
    this.#newInexact = 0
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
        const before = position
        digit = digitAt(bytes, ++position)
        while (digit >= 0 && digit <= 9) {
          fraction = (fraction * 10 + digit) | 0
          digit = digitAt(bytes, ++position)
        }
        places = position - before - 1
        if (places === 0) return index
        if (places > widest) {
          if (places > mostPlaces) return index
          widest = places
        }
      }
      let hasExponent = false
      if (digit !== stop) {
        position = exponent && wholeDigits > 0 ? exponentEnd(bytes, position) : position
        if (bytes[position] !== end) return index
        hasExponent = true
      }
      if (negative && !signed) return index
      positions[index] = position + 1
      if (wholeDigits === 0) {
        if (!nullable || position > start) return index
        values[row + index] = Number.NaN
        continue
      }
      // More than nine digits do not fit an int32: what was counted up is then worthless, and not looked at.
      if (wholeDigits <= 9 && places <= 9 && !hasExponent) {
        let scale = powerOfTen(places)
        let mantissa = whole * scale + fraction
        while (mantissa > mostExact && scale > 1 && fraction % 10 === 0) {
          fraction /= 10
          scale /= 10
          mantissa = whole * scale + fraction
        }
        if (mantissa <= mostExact) {
          // One correctly rounded division of two exact doubles. Subtraction from 0 makes no negative zero.
          const value = mantissa / scale
          values[row + index] = negative ? 0 - value : value
          continue
        }
      }
      const text = bytes.toString('latin1', start, position)
      const value = Number(text)
      if (!Number.isFinite(value)) return index
      if (isInexact(text, value)) this.#newInexact++
      values[row + index] = value === 0 ? 0 : value
    }
    this.#newPlaces = widest
    return count
  }

  settle(): void {
    this.inexact += this.#newInexact
    this.places = Math.max(this.places, this.#newPlaces)
  }

  get plain(): PlainCells {
    return { kind: 'decimal', values: this.#values, reader: this, signed: this.#options.signed }
  }

  refusal(text: string): string {
    const { signed, exponent, mostPlaces } = this.#options
    if (!DECIMAL.test(text) && !(exponent && WITH_EXPONENT.test(text))) return 'is not a decimal number'
    if (text.startsWith('-') && !signed) return 'is negative'
    if (placesOf(text) > mostPlaces) return `has ${placesOf(text)} decimal places; up to ${mostPlaces} are known`
    return 'is too large for a number'
  }

  stops(text: string): StopCode | undefined {
    return DECIMAL.test(text) && placesOf(text) > this.#options.mostPlaces ? 'BAD_FORMAT' : undefined
  }

  reserve(rows: number): void {
    const { memory = FRESH_MEMORY } = this.#options
    const values = new Float64Array(memory.take(rows * Float64Array.BYTES_PER_ELEMENT), 0, rows)
    values.set(this.#values)
    this.#values = values
  }

  take(rows: number): Float64Array {
    const values = this.#values
    this.#values = new Float64Array(0)
    return values.length === rows ? values : values.slice(0, rows)
  }
}

const WITH_EXPONENT = /^-?\d+(\.\d+)?[eE][+-]?\d{1,3}$/

function placesOf(text: string): number {
  return text.split('.')[1]?.length ?? 0
}

/** Where an exponent that begins at an offset ends; the offset itself when there is none. */
function exponentEnd(bytes: Uint8Array, start: number): number {
  if (((bytes[start] ?? 0) | 32) !== LETTER_E) return start
  const sign = bytes[start + 1]
  const first = sign === PLUS || sign === MINUS ? start + 2 : start + 1
  let position = first
  while (digitAt(bytes, position) >= 0 && digitAt(bytes, position) <= 9) position++
  return position > first && position <= first + 3 ? position : start
}
