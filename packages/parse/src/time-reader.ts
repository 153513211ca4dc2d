import {
  type FileTimeUnit,
  formatInstant,
  formatTimeRange,
  type NullableIntegers,
  type TimeRange,
  type TimeUnit,
} from '@lake/core'
import type { ColumnMemory } from './column-memory.ts'
import type { ColumnReader, StopCode } from './column-reader.ts'
import { Int64Values } from './int64-values.ts'
import { NullFlags } from './null-flags.ts'
import type { PlainCells } from './plain-cells.ts'
import { type Strip, STRIP_ROWS } from './strip.ts'
import { type FileClock, timeText } from './time-text.ts'
import type { TimeText } from './time-reading.ts'

export interface TimeOptions {
  readonly unit: TimeUnit
  /** How far the clock of the times is ahead of UTC. */
  readonly utcOffset?: number | undefined
  readonly clock: FileClock
  readonly nullable: boolean
  /** What every time must lie in. */
  readonly range?: TimeRange | undefined
  /** Of the values. */
  readonly memory?: Pick<ColumnMemory, 'take'> | undefined
}

/** Of whole numbers: each unit, in microseconds. */
const UNITS = [
  ['seconds', 1e6],
  ['milliseconds', 1e3],
  ['microseconds', 1],
  ['nanoseconds', 1e-3],
] as const

/** Instants as microseconds, all in the unit of the file's first, and inside a range where one is given. */
export class TimeReader implements ColumnReader {
  /** Times that were cut to microseconds. */
  inexact = 0
  readonly #text: TimeText
  readonly #range: TimeRange | undefined
  readonly #from: number
  readonly #to: number
  readonly #values: Int64Values
  readonly #nulls: NullFlags | undefined
  readonly #micros = new Float64Array(STRIP_ROWS)

  constructor({ unit, utcOffset = 0, clock, nullable, range, memory }: TimeOptions) {
    this.#values = new Int64Values(memory)
    this.#text = timeText(unit, clock, utcOffset)
    this.#range = range
    this.#from = range?.from ?? 0
    this.#to = range?.to ?? Number.MAX_SAFE_INTEGER
    this.#nulls = nullable ? new NullFlags() : undefined
  }

  /** The unit of the times; undefined when none was read. */
  get unit(): FileTimeUnit | undefined {
    return this.#text.unit
  }

  read(strip: Strip, end: number): number {
    const { row } = strip
    const micros = this.#micros
    const values = this.#values
    const nulls = this.#nulls
    const from = this.#from
    const to = this.#to
    const read = this.#text.read(strip, end, micros, nulls !== undefined)
    for (let index = 0; index < read; index++) {
      const value = micros[index] ?? 0
      if (value >= from && value < to) {
        values.set(row + index, value)
        nulls?.set(row + index, false)
      } else if (Number.isNaN(value)) {
        values.set(row + index, 0)
        nulls?.set(row + index, true)
      } else {
        return index
      }
    }
    return read
  }

  get plain(): PlainCells | undefined {
    const { plain } = this.#text
    if (plain === undefined || this.#nulls !== undefined) return undefined
    const { factor } = plain
    const least = Math.max(plain.least, Math.ceil(this.#from / factor))
    const limit = Math.min(plain.limit, Math.ceil(this.#to / factor))
    return { kind: 'integer', halves: this.#values.halves, least, limit, factor }
  }

  settle(): void {
    this.inexact += this.#text.cut
  }

  /** Moves the time of a row that is read. */
  add(row: number, micros: number): void {
    this.#values.set(row, this.#values.get(row) + micros)
  }

  /** The time of a row that is read. */
  get(row: number): number {
    return this.#values.get(row)
  }

  /** The times of rows that are read, in the memory of now. */
  part(from: number, to: number): BigInt64Array {
    return this.#values.part(from, to)
  }

  refusal(text: string): string {
    const why = this.#text.refusal(text)
    if (why !== undefined) return why
    const micros = this.#text.micros(text)
    if (this.#range === undefined || micros >= Number.MAX_SAFE_INTEGER)
      return `is too large for a time${this.#otherUnit(text)}`
    const where = `outside the period of the file ${formatTimeRange(this.#range)}`
    return `is ${formatInstant(micros)}, ${where}${this.#otherUnit(text)}`
  }

  /** A venue that changes the unit of its times is told from one that sends another day. */
  #otherUnit(text: string): string {
    if (this.#range === undefined || !/^\d{1,20}$/.test(text)) return ''
    const unit = UNITS.find(([, factor]) => {
      const micros = Number(text) * factor
      return micros >= this.#from && micros < this.#to
    })
    return unit === undefined ? '' : `; in ${unit[0]} it would lie within`
  }

  /**
   * A time outside of the file's period condemns the file. Of a day that was shifted by a minute it is the only row
   * that shows it: put aside, it would leave 1,439 wrong ones to be taken.
   */
  stops(text: string): StopCode | undefined {
    if (this.#range === undefined || this.#text.refusal(text) !== undefined) return undefined
    return this.#text.micros(text) < Number.MAX_SAFE_INTEGER ? 'BAD_ROW' : undefined
  }

  reserve(rows: number): void {
    this.#values.reserve(rows)
    this.#nulls?.reserve(rows)
  }

  /** A copy of the first rows, each later by so many microseconds. */
  plus(rows: number, micros: number): BigInt64Array {
    return this.#values.plus(rows, micros)
  }

  take(rows: number): BigInt64Array | NullableIntegers {
    const values = this.#values.take(rows)
    return this.#nulls?.beside(values) ?? values
  }
}
