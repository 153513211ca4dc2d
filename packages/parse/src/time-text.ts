import type { TimeUnit } from '@lake/core'
import { digitAt, digitsBefore, MINUS, POINT, powerOfTen, readIntegers, SPACE, type Strip, ZERO } from './strip.ts'

/** From here on an epoch time is in microseconds: in milliseconds it would lie in the year 33658. */
const FIRST_MICROS = 1e15
const SECOND = 1_000_000
const LETTER_T = 84
const LETTER_Z = 90
const COLON = 58

/** The unit of a file's times, as it was found to be. */
export type FileTimeUnit = 's' | 'ms' | 'us' | 'ns' | 'text'

/** What the epoch times of a file are in; undefined until the first one was read. */
export interface FileClock {
  unit: 'ms' | 'us' | undefined
}

/** One way to write instants. */
export interface TimeText {
  /** Undefined until the first one was read. */
  readonly unit: FileTimeUnit | undefined
  /** Reads cells as epoch microseconds, which may be too large or NaN for an empty cell; as a `CellReader` does. */
  read(strip: Strip, end: number, micros: Float64Array, nullable: boolean): number
  /** How many of the rows that were read last were cut to microseconds. */
  readonly cut: number
  /** Why a text is none of these, as words that follow it; undefined when it is one. */
  refusal(text: string): string | undefined
  /** The microseconds of a text that is not refused. */
  micros(text: string): number
}

/** The reader of a unit. */
export function timeText(unit: TimeUnit, clock: FileClock): TimeText {
  switch (unit) {
    case 'epoch':
      return new EpochText(clock)
    case 'seconds':
      return new SecondsText()
    case 'nanoseconds':
      return new NanosecondsText()
    case 'text':
      return new CalendarText(new EpochText(clock))
  }
}

/** Milliseconds or microseconds: all in the unit of the file's first. */
class EpochText implements TimeText {
  readonly cut = 0
  readonly #clock: FileClock

  constructor(clock: FileClock) {
    this.#clock = clock
  }

  get unit(): FileTimeUnit | undefined {
    return this.#clock.unit
  }

  read(strip: Strip, end: number, micros: Float64Array, nullable: boolean): number {
    const read = readIntegers(strip, end, micros, nullable)
    for (let index = 0; index < read; index++) {
      const value = micros[index] ?? 0
      if (Number.isNaN(value)) continue
      const unit = value >= FIRST_MICROS ? 'us' : 'ms'
      this.#clock.unit ??= unit
      if (unit !== this.#clock.unit) return index
      if (unit === 'ms') micros[index] = value * 1000
    }
    return read
  }

  refusal(text: string): string | undefined {
    if (!/^\d+$/.test(text)) return 'is not an epoch time in milliseconds or microseconds'
    const unit = Number(text) >= FIRST_MICROS ? 'us' : 'ms'
    if (unit === this.#clock.unit) return undefined
    const [now, before] = unit === 'us' ? ['micro', 'milli'] : ['milli', 'micro']
    return `is a time in ${now}seconds, but the times before it are in ${before}seconds`
  }

  micros(text: string): number {
    return Number(text) * (this.#clock.unit === 'us' ? 1 : 1000)
  }
}

/** Seconds with as many decimals as there are. */
class SecondsText implements TimeText {
  readonly unit = 's'
  cut = 0

  read(strip: Strip, end: number, micros: Float64Array, nullable: boolean): number {
    const { bytes, positions, count } = strip
    const stop = end - ZERO
    this.cut = 0
    for (let index = 0; index < count; index++) {
      const start = positions[index] ?? 0
      let position = start
      let seconds = 0
      let digit = digitAt(bytes, position)
      while (digit >= 0 && digit <= 9) {
        seconds = seconds * 10 + digit
        digit = digitAt(bytes, ++position)
      }
      if (position === start) {
        if (!nullable || digit !== stop) return index
        seconds = Number.NaN
      }
      let fraction = 0
      let places = 0
      let isCut = false
      if (digit === POINT && position > start) {
        digit = digitAt(bytes, ++position)
        const first = position
        while (digit >= 0 && digit <= 9) {
          if (places < 6) fraction = fraction * 10 + digit
          else if (digit > 0) isCut = true
          if (places < 6) places++
          digit = digitAt(bytes, ++position)
        }
        if (position === first) return index
      }
      if (digit !== stop) return index
      if (isCut) this.cut++
      micros[index] = seconds * SECOND + fraction * powerOfTen(6 - places)
      positions[index] = position + 1
    }
    return count
  }

  refusal(text: string): string | undefined {
    return /^\d+(\.\d+)?$/.test(text) ? undefined : 'is not an epoch time in seconds'
  }

  micros(text: string): number {
    const [seconds = '', fraction = ''] = text.split('.')
    return Number(seconds) * SECOND + Number(fraction.slice(0, 6).padEnd(6, '0'))
  }
}

class NanosecondsText implements TimeText {
  readonly unit = 'ns'
  cut = 0

  read(strip: Strip, end: number, micros: Float64Array, nullable: boolean): number {
    const read = readIntegers(strip, end, micros, nullable)
    this.cut = 0
    for (let index = 0; index < read; index++) {
      if (Number.isNaN(micros[index])) continue
      const text = digitsBefore(strip, index)
      micros[index] = this.micros(text)
      if (!text.endsWith('000') && Number(text) !== 0) this.cut++
    }
    return read
  }

  refusal(text: string): string | undefined {
    return /^\d+$/.test(text) ? undefined : 'is not an epoch time in nanoseconds'
  }

  micros(text: string): number {
    return Number(text.slice(0, -3))
  }
}

const CALENDAR = /^\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?Z?)?$/

/** Days and times of the calendar; or, when the file's first one is, epoch times. */
class CalendarText implements TimeText {
  readonly cut = 0
  readonly #epoch: EpochText
  #isText: boolean | undefined
  #day = 0
  #dayMicros = Number.NaN

  constructor(epoch: EpochText) {
    this.#epoch = epoch
  }

  get unit(): FileTimeUnit | undefined {
    return this.#isText === true ? 'text' : this.#epoch.unit
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
        value = this.#dayAt(bytes, start)
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
    return this.#dayAt(bytes, 0) + time + Number((text.split('.')[1] ?? '').replace('Z', '').padEnd(6, '0'))
  }

  /** The microseconds of `YYYY-MM-DD`; NaN when there is none. Most rows are of the day of the row before. */
  #dayAt(bytes: Uint8Array, at: number): number {
    const year = twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2)
    const month = twoDigits(bytes, at + 5)
    const day = twoDigits(bytes, at + 8)
    const number = (year * 100 + month) * 100 + day
    if (Number.isNaN(number) || bytes[at + 4] !== MINUS || bytes[at + 7] !== MINUS) return Number.NaN
    if (number === this.#day) return this.#dayMicros
    const date = new Date(Date.UTC(year, month - 1, day))
    const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
    this.#day = number
    this.#dayMicros = exists ? date.getTime() * 1000 : Number.NaN
    return this.#dayMicros
  }
}

/** The microseconds of `HH:MM:SS`; NaN when there is none. */
function timeAt(bytes: Uint8Array, at: number): number {
  const hours = twoDigits(bytes, at)
  const minutes = twoDigits(bytes, at + 3)
  const seconds = twoDigits(bytes, at + 6)
  const isTime = bytes[at + 2] === COLON && bytes[at + 5] === COLON && hours < 24 && minutes < 60 && seconds < 60
  return isTime ? ((hours * 60 + minutes) * 60 + seconds) * SECOND : Number.NaN
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = digitAt(bytes, at)
  const ones = digitAt(bytes, at + 1)
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}
