import type { FileTimeUnit, TimeUnit } from '@lake/core'
import { CalendarText } from './calendar-text.ts'
import { MetaTraderText } from './metatrader-text.ts'
import { digitAt, digitsBefore, POINT, powerOfTen, readIntegers, type Strip, ZERO } from './strip.ts'
import type { TimeText } from './time-reading.ts'

/** From here on an epoch time is in microseconds: in milliseconds it would lie in the year 33658. */
const FIRST_MICROS = 1e15
const SECOND = 1_000_000

/** What the epoch times of a file are in; undefined until the first one was read. */
export interface FileClock {
  unit: 'ms' | 'us' | undefined
}

/** The reader of a unit, of a clock that is so many microseconds ahead of UTC. */
export function timeText(unit: TimeUnit, clock: FileClock, utcOffset: number): TimeText {
  switch (unit) {
    case 'epoch':
      return new EpochText(clock)
    case 'seconds':
      return new SecondsText()
    case 'nanoseconds':
      return new NanosecondsText()
    case 'text':
      return new CalendarText(new EpochText(clock))
    case 'metatrader':
      return new MetaTraderText(utcOffset)
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

  get plain(): TimeText['plain'] {
    const { unit } = this.#clock
    if (unit === undefined) return undefined
    return unit === 'ms'
      ? { least: 0, limit: FIRST_MICROS, factor: 1000 }
      : { least: FIRST_MICROS, limit: Infinity, factor: 1 }
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
