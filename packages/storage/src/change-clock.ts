/** Gives a time for the next change: now, but later than every time it gave before and than `after`. */
export type ChangeClock = (after?: number) => number

/**
 * A clock in epoch microseconds whose times never repeat. The digits below the millisecond come from the monotonic
 * clock, so that two processes hardly ever have the same time either.
 */
export function changeClock(): ChangeClock {
  let last = 0
  return (after = 0) => {
    const now = Date.now() * 1000 + Number((process.hrtime.bigint() / 1000n) % 1000n)
    last = Math.max(now, last + 1, after + 1)
    return last
  }
}
