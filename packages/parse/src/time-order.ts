import type { FileOrder } from '@lake/core'
import type { TimeReader } from './time-reader.ts'
import { spanOf } from './whole-numbers.ts'

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
    const first = times.get(from)
    const last = this.#last ?? first
    const { least, greatest, rises, falls } = spanOf(times.part(from, to))
    this.earliest = Math.min(this.earliest, least)
    this.latest = Math.max(this.latest, greatest)
    this.#last = times.get(to - 1)
    this.#ascends &&= !falls && first >= last
    this.#descends &&= !rises && first <= last
  }

  get order(): FileOrder {
    if (this.#ascends) return 'ascending'
    return this.#descends ? 'descending' : 'mixed'
  }
}
