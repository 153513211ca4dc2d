import type { FileOrder } from '@lake/core'
import type { TimeReader } from './time-reader.ts'

/** Watches the event times of a file's rows. */
export class TimeOrder {
  /** The earliest and latest time so far. */
  earliest: number = Number.MAX_SAFE_INTEGER
  latest = 0
  #last: number | undefined
  #ascends = true
  #descends = true

  /** Takes note of the rows that were read since. */
  note(times: TimeReader, from: number, to: number): void {
    if (from === to) return
    let { earliest, latest } = this
    let last = this.#last ?? times.get(from)
    let ascends = this.#ascends
    let descends = this.#descends
    for (let row = from; row < to; row++) {
      const time = times.get(row)
      if (time < last) ascends = false
      else if (time > last) descends = false
      if (time < earliest) earliest = time
      if (time > latest) latest = time
      last = time
    }
    this.earliest = earliest
    this.latest = latest
    this.#last = last
    this.#ascends = ascends
    this.#descends = descends
  }

  get order(): FileOrder {
    if (this.#ascends) return 'ascending'
    return this.#descends ? 'descending' : 'mixed'
  }
}
