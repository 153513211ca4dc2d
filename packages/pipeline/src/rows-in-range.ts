import { integerValues, type TimeRange } from '@lake/core'
import type { Table, TypeMap } from 'apache-arrow'

/** The rows of a table, sorted by `ts_event`, that lie in a range. Copies no column. */
export function rowsInRange<T extends TypeMap>(table: Table<T>, range: TimeRange): Table<T> {
  const times = integerValues(table, 'ts_event')
  const from = firstRowAt(times, range.from)
  const to = firstRowAt(times, range.to)
  return from === 0 && to === times.length ? table : table.slice(from, to)
}

/** The first row whose time, in ascending epoch microseconds, is not before `least`. */
export function firstRowAt(times: BigInt64Array, least: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (Number(times[middle] ?? 0n) < least) low = middle + 1
    else high = middle
  }
  return low
}
