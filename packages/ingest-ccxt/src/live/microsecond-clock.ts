import { type Clock, systemClock } from '../clock.ts'

/**
 * The clock of this machine in microseconds: the milliseconds that it tells, and what the monotonic clock has counted
 * since they changed.
 */
export function microsecondClock(): Clock {
  let offset = Number.NEGATIVE_INFINITY
  return {
    sleep: (micros, signal) => systemClock.sleep(micros, signal),
    now() {
      const wall = systemClock.now()
      const counted = performance.now() * 1000
      const precise = Math.floor(offset + counted)
      if (precise >= wall && precise < wall + 1000) return precise
      offset = wall - counted
      return wall
    },
  }
}
