import { type ColumnValues, LakeError, parseInstant, type TimeUnit } from '@lake/core'
import { Int64Values } from '../int64-values.ts'
import { digitAt } from '../strip.ts'
import { JSON_ARRAY, JSON_ESCAPED, JSON_STRING, type JsonTape } from './json-tape.ts'
import type { PageColumn } from './json-column.ts'
import { type Cursor, readDigits } from './read-digits.ts'

/** From here on an epoch time is in microseconds: in milliseconds it would lie in the year 33658. */
const FIRST_MICROS = 1e15
const POINT = 46

type PageTimeUnit = Exclude<TimeUnit, 'metatrader'>

/** Instants as microseconds, in any unit that pages have. */
export class PageTimes implements PageColumn {
  /** The time read last, in epoch microseconds. */
  last = 0
  /** How much later the next instant is in the unit of the time read last: 1000 for milliseconds. */
  unit = 1
  /** Times that were finer than a microsecond, and were cut. */
  cut = 0
  readonly #kind: PageTimeUnit
  readonly #cursor: Cursor = { bytes: Buffer.alloc(0), position: 0 }
  readonly #values = new Int64Values()
  #nulls = new Uint8Array(0)

  constructor(kind: PageTimeUnit) {
    this.#kind = kind
  }

  read(tape: JsonTape, entry: number, row: number): boolean {
    const kind = tape.kinds[entry] ?? 0
    if (kind <= JSON_ARRAY || kind === JSON_ESCAPED) return false
    const micros = this.#kind === 'text' ? this.#text(tape, entry) : this.#number(tape, entry)
    if (micros < 0 || micros >= Number.MAX_SAFE_INTEGER) return false
    this.last = micros
    this.#values.set(row, micros)
    this.#nulls[row] = 0
    return true
  }

  /** Takes an instant that is known otherwise, in epoch microseconds. */
  set(micros: number, row: number): void {
    ;[this.last, this.unit] = [micros, 1]
    this.#values.set(row, micros)
    this.#nulls[row] = 0
  }

  clear(row: number): void {
    this.#nulls[row] = 1
  }

  refusal(text: string): string {
    if (this.#kind === 'text') return 'is not a time as in 2026-05-08 00:00:00'
    const pattern = this.#kind === 'seconds' ? /^\d+(\.\d+)?$/ : /^\d+$/
    const unit = this.#kind === 'epoch' ? 'milliseconds or microseconds' : this.#kind
    return pattern.test(text) ? 'is too large for a time' : `is not an epoch time in ${unit}`
  }

  reserve(rows: number): void {
    this.#values.reserve(rows)
    const nulls = new Uint8Array(rows)
    nulls.set(this.#nulls)
    this.#nulls = nulls
  }

  take(rows: number): ColumnValues {
    const nulls = this.#nulls.slice(0, rows)
    this.#nulls = new Uint8Array(0)
    const values = this.#values.take(rows)
    return nulls.includes(1) ? { values, nulls } : values
  }

  /** -1 when it is none. */
  #number(tape: JsonTape, entry: number): number {
    const cursor = this.#cursor
    const start = tape.starts[entry] ?? 0
    cursor.bytes = tape.bytes
    cursor.position = start
    const whole = readDigits(cursor)
    let micros = -1
    if (this.#kind === 'epoch') {
      this.unit = whole >= FIRST_MICROS ? 1 : 1000
      micros = whole * this.unit
    } else if (this.#kind === 'seconds') {
      micros = whole * 1_000_000 + this.#fraction()
    } else if (cursor.position - start > 3) {
      micros = this.#nanoseconds(tape, start)
    }
    return cursor.position === tape.ends[entry] && whole >= 0 ? micros : -1
  }

  /** The decimals of a second, as microseconds. */
  #fraction(): number {
    const cursor = this.#cursor
    const { bytes, position: point } = cursor
    if (bytes[point] !== POINT) return 0
    let micros = 0
    let position = point + 1
    for (let digit = digitAt(bytes, position); digit >= 0 && digit <= 9; digit = digitAt(bytes, ++position)) {
      if (position <= point + 6) micros = micros * 10 + digit
    }
    const places = position - point - 1
    if (places === 0) return -1
    cursor.position = position
    if (/[1-9]/.test(bytes.toString('latin1', point + 7, position))) this.cut++
    return micros * 10 ** Math.max(0, 6 - places)
  }

  /** All digits but the last three: nanoseconds of today are above 2^53. */
  #nanoseconds(tape: JsonTape, start: number): number {
    const end = this.#cursor.position
    const text = tape.bytes.toString('latin1', start, end)
    if (!text.endsWith('000')) this.cut++
    return Number(text.slice(0, -3))
  }

  #text(tape: JsonTape, entry: number): number {
    if (tape.kinds[entry] !== JSON_STRING) return -1
    const text = tape.text(entry)
    const zoned = text.endsWith('Z') ? text : `${text}Z`
    try {
      return /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/.test(text) ? parseInstant(zoned.replace(' ', 'T')) : -1
    } catch (error) {
      if (LakeError.is(error)) return -1
      throw error
    }
  }
}
