import { type Interval, intervalStart, microsOf, timesOf } from '@lake/core'
import { floatAt } from './value-at.ts'

/**
 * The open times of bars, those off the grid moved to the start of the interval that they fall in, so that a bar that
 * one source opens seconds late and another on time is one bar.
 *
 * Where one table has several bars of different times in one interval, as around a restart of the venue, nobody can
 * say which of them another source means: there, every table's bars keep their own times and none is lost.
 */
export function barSlots(tables: readonly BigInt64Array[], interval: Interval): readonly BigInt64Array[] {
  const opens = tables.map(microsOf)
  const isMoved = opens.map((times) => times.some((time) => intervalStart(interval, time) !== time))
  if (!isMoved.includes(true)) return tables
  const slots = opens.map((times) => times.map((time) => intervalStart(interval, time)))
  const crowded = crowdedSlots(opens, slots)
  return tables.map((times, table) => {
    if (isMoved[table] !== true) return times
    const own = opens[table] ?? new Float64Array()
    return timesOf(own.map((time) => keyOf(time, intervalStart(interval, time), crowded)))
  })
}

function keyOf(time: number, slot: number, crowded: ReadonlySet<number>): number {
  return crowded.has(slot) ? time : slot
}

/** The intervals in which one of the tables has bars of different times. */
function crowdedSlots(opens: readonly Float64Array[], slots: readonly Float64Array[]): Set<number> {
  const crowded = new Set<number>()
  for (const [table, times] of opens.entries()) {
    const slotsOfTable = slots[table] ?? new Float64Array()
    const first = new Map<number, number>()
    for (const [row, time] of times.entries()) {
      const slot = floatAt(slotsOfTable, row)
      const other = first.get(slot)
      if (other === undefined) first.set(slot, time)
      else if (other !== time) crowded.add(slot)
    }
  }
  return crowded
}
