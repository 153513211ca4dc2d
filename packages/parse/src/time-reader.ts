import { formatInstant, formatTimeRange, type TimeRange } from '@lake/core'
import type { ColumnReader } from './column-reader.ts'
import { type Cursor, readDigits } from './cursor.ts'
import { Int64Values } from './int64-values.ts'

/** From here on an epoch time is in microseconds: in milliseconds it would lie in the year 33658. */
const FIRST_MICROS = 1e15

/** The unit of all times of a file; 0 until the first one was read. */
export interface FileClock {
  microsPerUnit: 0 | 1 | 1000
}

/** Epoch times as microseconds, all in the unit of the file's first, and inside a range where one is given. */
export class TimeReader implements ColumnReader {
  /** The earliest and latest time so far. */
  earliest: number = Number.MAX_SAFE_INTEGER
  latest = 0
  /** False once a time was before an earlier row's. */
  sorted = true
  readonly #clock: FileClock
  readonly #range: TimeRange | undefined
  readonly #from: number
  readonly #to: number
  readonly #values = new Int64Values()

  constructor(clock: FileClock, range?: TimeRange) {
    this.#clock = clock
    this.#range = range
    this.#from = range?.from ?? 0
    this.#to = range?.to ?? Number.MAX_SAFE_INTEGER
  }

  read(cursor: Cursor, row: number): boolean {
    const value = readDigits(cursor)
    if (value < 0) return false
    const microsPerUnit = value >= FIRST_MICROS ? 1 : 1000
    if (microsPerUnit !== this.#clock.microsPerUnit) {
      if (this.#clock.microsPerUnit !== 0) return false
      this.#clock.microsPerUnit = microsPerUnit
    }
    const micros = value * microsPerUnit
    if (micros < this.#from || micros >= this.#to) return false
    if (micros >= this.latest) this.latest = micros
    else this.sorted = false
    if (micros < this.earliest) this.earliest = micros
    this.#values.set(row, micros)
    return true
  }

  refusal(text: string): string {
    if (!/^\d+$/.test(text)) return 'is not an epoch time in milliseconds or microseconds'
    const value = Number(text)
    const microsPerUnit = value >= FIRST_MICROS ? 1 : 1000
    if (microsPerUnit !== this.#clock.microsPerUnit) {
      const [unit, before] = microsPerUnit === 1 ? ['micro', 'milli'] : ['milli', 'micro']
      return `is a time in ${unit}seconds, but the times before it are in ${before}seconds`
    }
    const micros = value * microsPerUnit
    if (this.#range === undefined || micros >= Number.MAX_SAFE_INTEGER) return 'is too large for a time'
    return `is ${formatInstant(micros)}, outside the period of the file ${formatTimeRange(this.#range)}`
  }

  reserve(rows: number): void {
    this.#values.reserve(rows)
  }

  /** A copy of the first rows, each later by so many microseconds. */
  plus(rows: number, micros: number): BigInt64Array {
    return this.#values.plus(rows, micros)
  }

  take(rows: number): BigInt64Array {
    return this.#values.take(rows)
  }
}
