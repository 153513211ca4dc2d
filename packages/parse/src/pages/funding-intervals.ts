import type { ColumnValues } from '@lake/core'
import { Int64Values } from '../int64-values.ts'

const MINUTE = 60_000_000
const HOUR = 60

/**
 * The hours that a funding rate pays for, where an answer that does not say so proves it: nothing is paid between two
 * rows that follow each other in one answer, so a row with as many hours before it as after it has that interval. The
 * first and the last row of an answer, and those where the interval changes or a row is absent, prove nothing.
 */
export class FundingIntervals {
  readonly #values = new Int64Values()
  #nulls = new Uint8Array(0)
  /** The times of the last two rows in minutes, and where the later one is in the table. */
  #before = Number.NaN
  #time = Number.NaN
  #row = -1

  /** Another answer begins. */
  begin(): void {
    ;[this.#before, this.#time, this.#row] = [Number.NaN, Number.NaN, -1]
  }

  /**
   * Looks at the next row of an answer, in either direction of time.
   *
   * @param micros its time; venues stamp it some milliseconds late
   * @param row its place in the table; -1 for one that is left out
   */
  see(micros: number, row: number): void {
    const time = Math.round(micros / MINUTE)
    const [step, next] = [this.#time - this.#before, time - this.#time]
    if (this.#row >= 0 && step === next && step !== 0 && step % HOUR === 0) {
      this.#values.set(this.#row, Math.abs(step) / HOUR)
      this.#nulls[this.#row] = 0
    }
    if (row >= 0) this.#nulls[row] = 1
    ;[this.#before, this.#time, this.#row] = [this.#time, time, row]
  }

  reserve(rows: number): void {
    this.#values.reserve(rows)
    const nulls = new Uint8Array(rows)
    nulls.set(this.#nulls)
    this.#nulls = nulls
  }

  /** Gives away the hours of the first rows; null where nothing is proven. */
  take(rows: number): ColumnValues {
    const nulls = this.#nulls.slice(0, rows)
    this.#nulls = new Uint8Array(0)
    const values = this.#values.take(rows)
    // What is not known must be the same from run to run.
    for (let row = 0; row < rows; row++) if (nulls[row] === 1) values[row] = 0n
    return nulls.includes(1) ? { values, nulls } : values
  }
}
