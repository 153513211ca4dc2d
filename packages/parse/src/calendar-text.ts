import type { FileTimeUnit } from '@lake/core'
import { CalendarDay, clockAt, COLON, SECOND, twoDigits } from './calendar-day.ts'
import { digitAt, MINUS, POINT, powerOfTen, SPACE, type Strip } from './strip.ts'
import type { TimeText } from './time-reading.ts'

const LETTER_T = 84
const LETTER_Z = 90

const CALENDAR = /^\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?Z?)?$/

/** Days and times of the calendar; or, when the file's first one is, epoch times. */
export class CalendarText implements TimeText {
  readonly cut = 0
  readonly #epoch: TimeText
  readonly #day = new CalendarDay(MINUS)
  #isText: boolean | undefined

  constructor(epoch: TimeText) {
    this.#epoch = epoch
  }

  get unit(): FileTimeUnit | undefined {
    return this.#isText === true ? 'text' : this.#epoch.unit
  }

  get plain(): TimeText['plain'] {
    return this.#isText === false ? this.#epoch.plain : undefined
  }

  read(strip: Strip, end: number, micros: Float64Array, nullable: boolean): number {
    const { bytes, positions, count } = strip
    const first = positions[0] ?? 0
    if (this.#isText === undefined && count > 0 && bytes[first] !== end) this.#isText = bytes[first + 4] === MINUS
    if (this.#isText === false) return this.#epoch.read(strip, end, micros, nullable)
    for (let index = 0; index < count; index++) {
      const start = positions[index] ?? 0
      let position = start
      let value = Number.NaN
      if (!nullable || bytes[start] !== end) {
        position = start + 10
        value = this.#day.at(bytes, start)
        const separator = bytes[position]
        if (separator === SPACE || separator === LETTER_T) {
          value += timeAt(bytes, position + 1)
          position += 9
          if (digitAt(bytes, position) === POINT) {
            const point = position
            let fraction = 0
            let digit = digitAt(bytes, ++position)
            while (digit >= 0 && digit <= 9) {
              fraction = fraction * 10 + digit
              digit = digitAt(bytes, ++position)
            }
            const places = position - point - 1
            value += places > 0 && places <= 6 ? fraction * powerOfTen(6 - places) : Number.NaN
          }
          if (bytes[position] === LETTER_Z) position++
        }
        if (Number.isNaN(value)) return index
      }
      if (bytes[position] !== end) return index
      micros[index] = value
      positions[index] = position + 1
    }
    return count
  }

  refusal(text: string): string | undefined {
    if (this.#isText === false) return this.#epoch.refusal(text)
    return CALENDAR.test(text) && !Number.isNaN(this.micros(text))
      ? undefined
      : 'is not a time like 2026-05-08 00:00:00'
  }

  micros(text: string): number {
    if (this.#isText === false) return this.#epoch.micros(text)
    const bytes = Buffer.from(text)
    const time = text.length > 10 ? timeAt(bytes, 11) : 0
    return this.#day.at(bytes, 0) + time + Number((text.split('.')[1] ?? '').replace('Z', '').padEnd(6, '0'))
  }
}

/** The microseconds of `HH:MM:SS`; NaN when there is none. */
function timeAt(bytes: Uint8Array, at: number): number {
  const seconds = twoDigits(bytes, at + 6)
  return bytes[at + 5] === COLON && seconds < 60 ? clockAt(bytes, at) + seconds * SECOND : Number.NaN
}
