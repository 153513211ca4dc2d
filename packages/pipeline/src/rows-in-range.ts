import { integerValues, microsOf, type TimeRange } from '@lake/core'
import type { Table, TypeMap } from 'apache-arrow'

/** The rows of a table, sorted by `ts_event`, that lie in a range. Copies no column. */
export function rowsInRange<T extends TypeMap>(table: Table<T>, range: TimeRange): Table<T> {
  const times = microsOf(integerValues(table, 'ts_event'))
  const from = lowerBound(times, range.from)
  const to = lowerBound(times, range.to)
  return from === 0 && to === times.length ? table : table.slice(from, to)
}

/** The index of the first value that is not less than `least`. */
function lowerBound(sorted: Float64Array, least: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) < least) low = middle + 1
    else high = middle
  }
  return low
}
