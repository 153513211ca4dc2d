import { CalendarDay, clockAt } from './calendar-day.ts'
import { SPACE, type Strip } from './strip.ts'
import type { TimeText } from './time-reading.ts'

const DOT = 46

/** Characters of `2026.05.08 00:00`. */
const LENGTH = 16

/** Minutes as MetaTrader writes them, by a clock that is so many microseconds ahead of UTC. */
export class MetaTraderText implements TimeText {
  readonly unit = 'text'
  readonly cut = 0
  readonly #utcOffset: number
  readonly #day = new CalendarDay(DOT)

  constructor(utcOffset: number) {
    this.#utcOffset = utcOffset
  }

  read(strip: Strip, end: number, micros: Float64Array, nullable: boolean): number {
    const { bytes, positions, count } = strip
    for (let index = 0; index < count; index++) {
      const start = positions[index] ?? 0
      const isEmpty = nullable && bytes[start] === end
      const value = isEmpty ? Number.NaN : this.#at(bytes, start)
      if (!isEmpty && (Number.isNaN(value) || bytes[start + LENGTH] !== end)) return index
      micros[index] = value
      positions[index] = start + (isEmpty ? 1 : LENGTH + 1)
    }
    return count
  }

  refusal(text: string): string | undefined {
    return text.length === LENGTH && !Number.isNaN(this.micros(text))
      ? undefined
      : 'is not a time like 2026.05.08 00:00'
  }

  micros(text: string): number {
    return this.#at(Buffer.from(text), 0)
  }

  #at(bytes: Uint8Array, at: number): number {
    const clock = bytes[at + 10] === SPACE ? clockAt(bytes, at + 11) : Number.NaN
    return this.#day.at(bytes, at) + clock - this.#utcOffset
  }
}
