import { digitAt } from './strip.ts'

export const SECOND = 1_000_000
export const COLON = 58

/** Days of the calendar, `2026-05-08` with a separator of one's own. Most rows are of the day of the row before. */
export class CalendarDay {
  readonly #separator: number
  #day = 0
  #micros = Number.NaN

  constructor(separator: number) {
    this.#separator = separator
  }

  /** The epoch microseconds at which a day begins; NaN when none stands there. */
  at(bytes: Uint8Array, at: number): number {
    const separator = this.#separator
    const year = twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2)
    const month = twoDigits(bytes, at + 5)
    const day = twoDigits(bytes, at + 8)
    const number = (year * 100 + month) * 100 + day
    if (Number.isNaN(number) || bytes[at + 4] !== separator || bytes[at + 7] !== separator) return Number.NaN
    if (number === this.#day) return this.#micros
    const date = new Date(Date.UTC(year, month - 1, day))
    const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
    this.#day = number
    this.#micros = exists ? date.getTime() * 1000 : Number.NaN
    return this.#micros
  }
}

/** The microseconds of `HH:MM`; NaN when there is none. */
export function clockAt(bytes: Uint8Array, at: number): number {
  const hours = twoDigits(bytes, at)
  const minutes = twoDigits(bytes, at + 3)
  const isClock = bytes[at + 2] === COLON && hours < 24 && minutes < 60
  return isClock ? (hours * 60 + minutes) * 60 * SECOND : Number.NaN
}

export function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = digitAt(bytes, at)
  const ones = digitAt(bytes, at + 1)
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}
