import type { CellReader } from './column-reader.ts'
import { readIntegers, type Strip, STRIP_ROWS } from './strip.ts'
import type { TimeReader } from './time-reader.ts'

const HOUR = 3_600_000_000

/** Whole hours of the day that another column names: they are added to its times, once a row is right. */
export class HourReader implements CellReader {
  readonly #day: TimeReader
  readonly #hours = new Float64Array(STRIP_ROWS)

  constructor(day: TimeReader) {
    this.#day = day
  }

  read(strip: Strip, end: number): number {
    const hours = this.#hours
    const read = readIntegers(strip, end, hours, false)
    for (let index = 0; index < read; index++) if ((hours[index] ?? 24) >= 24) return index
    return read
  }

  settle(row: number, count: number): void {
    for (let index = 0; index < count; index++) this.#day.add(row + index, (this.#hours[index] ?? 0) * HOUR)
  }

  refusal(): string {
    return 'is not an hour from 0 to 23'
  }
}
