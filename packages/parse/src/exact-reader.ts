import type { DecimalColumn } from '@lake/core'
import type { ColumnReader, StopCode } from './column-reader.ts'
import { DECIMAL } from './decimal-text.ts'
import type { Strip } from './strip.ts'

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/

/** DECIMAL(38) ends below. */
const LIMIT = 10n ** 38n

const SPACE = 32
const QUOTE = 34

export interface ExactOptions {
  readonly signed: boolean
  readonly nullable: boolean
  /** Whether a number may have an exponent, `1E+1`. */
  readonly exponent: boolean
  /** The most places that a number may have; more are a new format. */
  readonly mostPlaces: number
  /** Digits behind the point of what is kept. */
  readonly scale: number
}

/**
 * Decimal numbers as whole numbers of units of 10^-scale in 128 bits: every digit of the source. A cell becomes a text
 * and a big integer, which costs several times what a float64 does.
 */
export class ExactReader implements ColumnReader {
  /** Nothing is rounded. */
  readonly inexact = 0
  /** The most places that a number had, zeros at the end included. */
  places = 0
  readonly #options: ExactOptions
  #nulls = new Uint8Array(0)
  /** Two of 64 bits a value, the low one first. */
  #halves = new BigInt64Array(0)
  #newPlaces = 0

  constructor(options: ExactOptions) {
    this.#options = options
  }

  read(strip: Strip, end: number): number {
    const { bytes, positions, count, row } = strip
    this.#newPlaces = 0
    for (let index = 0; index < count; index++) {
      const start = positions[index] ?? 0
      let position = start
      let byte = bytes[position] ?? 0
      while (byte !== end && byte > SPACE && byte !== QUOTE) byte = bytes[++position] ?? 0
      if (byte !== end || !this.#keep(bytes.toString('latin1', start, position), row + index)) return index
      positions[index] = position + 1
    }
    return count
  }

  settle(): void {
    this.places = Math.max(this.places, this.#newPlaces)
  }

  refusal(text: string): string {
    const { signed, mostPlaces, scale } = this.#options
    const number = this.#parse(text)
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
    const halves = new BigInt64Array(2 * rows)
    halves.set(this.#halves)
    this.#halves = halves
    const nulls = new Uint8Array(rows)
    nulls.set(this.#nulls)
    this.#nulls = nulls
  }

  take(rows: number): DecimalColumn {
    const units = new Uint32Array(this.#halves.buffer.slice(0, 16 * rows))
    const nulls = this.#nulls.slice(0, rows)
    this.#halves = new BigInt64Array(0)
    this.#nulls = new Uint8Array(0)
    return nulls.includes(1) ? { units, nulls } : { units }
  }

  /** Keeps the number that a cell says; false when it says none that may stand here. */
  #keep(text: string, row: number): boolean {
    const { signed, nullable, mostPlaces } = this.#options
    let units: bigint | undefined = 0n
    if (text !== '') {
      const number = this.#parse(text)
      units = number?.units
      if (number === undefined || (number.isNegative && !signed) || number.places > mostPlaces) return false
      if (units === undefined || units >= LIMIT || units <= -LIMIT) return false
      if (number.places > this.#newPlaces) this.#newPlaces = number.places
    } else if (!nullable) {
      return false
    }
    this.#nulls[row] = text === '' ? 1 : 0
    this.#halves[2 * row] = BigInt.asIntN(64, units)
    this.#halves[2 * row + 1] = units >> 64n
    return true
  }

  #parse(text: string): ParsedNumber | undefined {
    const { exponent, scale } = this.#options
    const [, sign, whole, fraction = '', power] = NUMBER.exec(text) ?? []
    if (whole === undefined || (power !== undefined && !exponent)) return undefined
    const isNegative = sign === '-'
    const zeros = scale - fraction.length + Number(power ?? 0)
    return { isNegative, places: fraction.length, units: unitsOf(whole + fraction, zeros, isNegative) }
  }
}

interface ParsedNumber {
  readonly isNegative: boolean
  readonly places: number
  /** Absent where digits are finer than the scale. */
  readonly units: bigint | undefined
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
