import type { ColumnReader } from './column-reader.ts'
import { type Cursor, digitAt, powerOfTen } from './cursor.ts'

const MINUS = 45
/** What a decimal point is when it is read as a digit. */
const POINT = -2

/**
 * Up to here, all decimals with the same number of places are different doubles, so the double nearest to one of
 * them has it as its shortest decimal form. All numbers of 15 digits are below, and many of 16.
 */
const EXACT_MANTISSA = 2 ** 52

/** Decimal numbers as float64: the nearest double of the text, whatever its length. */
export class DecimalReader implements ColumnReader {
  /** Values whose shortest decimal form is not the source's number. */
  inexact = 0
  readonly #signed: boolean
  #values = new Float64Array(0)

  constructor(signed: boolean) {
    this.#signed = signed
  }

  read(cursor: Cursor, row: number): boolean {
    const { bytes, position: start } = cursor
    const negative = bytes[start] === MINUS
    if (negative && !this.#signed) return false
    const first = negative ? start + 1 : start
    let position = first
    let whole = 0
    let digit = digitAt(bytes, position)
    while (digit >= 0 && digit <= 9) {
      whole = (whole * 10 + digit) | 0
      digit = digitAt(bytes, ++position)
    }
    const wholeDigits = position - first
    if (wholeDigits === 0) return false
    let fraction = 0
    let places = 0
    if (digit === POINT) {
      const point = position
      digit = digitAt(bytes, ++position)
      while (digit >= 0 && digit <= 9) {
        fraction = (fraction * 10 + digit) | 0
        digit = digitAt(bytes, ++position)
      }
      places = position - point - 1
      if (places === 0) return false
    }
    cursor.position = position
    // More than nine digits do not fit an int32: what was counted up is then worthless, and not looked at.
    if (wholeDigits > 9 || places > 9) return this.#readLong(cursor, start, row)
    let scale = powerOfTen(places)
    let mantissa = whole * scale + fraction
    if (mantissa > EXACT_MANTISSA) {
      while (fraction % 10 === 0 && places > 0) {
        fraction /= 10
        scale = powerOfTen(--places)
      }
      mantissa = whole * scale + fraction
      if (mantissa > EXACT_MANTISSA) return this.#readLong(cursor, start, row)
    }
    // One correctly rounded division of two exact doubles. Subtraction from 0 makes no negative zero.
    const value = mantissa / scale
    this.#values[row] = negative ? 0 - value : value
    return true
  }

  refusal(text: string): string {
    if (!/^-?\d+(\.\d+)?$/.test(text)) return 'is not a decimal number'
    return text.startsWith('-') && !this.#signed ? 'is negative' : 'is too large for a number'
  }

  reserve(rows: number): void {
    const values = new Float64Array(rows)
    values.set(this.#values)
    this.#values = values
  }

  take(rows: number): Float64Array {
    const values = this.#values
    this.#values = new Float64Array(0)
    return values.length === rows ? values : values.slice(0, rows)
  }

  /** The checked path: the engine rounds, and the result is compared with the text. */
  #readLong(cursor: Cursor, start: number, row: number): boolean {
    const text = cursor.bytes.toString('latin1', start, cursor.position)
    const value = Number(text)
    if (!Number.isFinite(value)) return false
    if (canonical(text) !== canonical(String(value))) this.inexact++
    this.#values[row] = value === 0 ? 0 : value
    return true
  }
}

/** A decimal as its significant digits and the exponent of the last: '-0.0120' and '-1.2e-2' are both '-12e-3'. */
function canonical(text: string): string {
  const [mantissa = '', exponent = '0'] = text.split('e')
  const [whole = '', places = ''] = mantissa.replace('-', '').split('.')
  const digits = whole + places
  let first = 0
  while (digits[first] === '0') first++
  let end = digits.length
  while (end > first && digits[end - 1] === '0') end--
  if (first === end) return '0'
  const scale = Number(exponent) - places.length + digits.length - end
  return `${mantissa.startsWith('-') ? '-' : ''}${digits.slice(first, end)}e${scale}`
}
