import { integerValues, microsOf, type TimeRange } from '@lake/core'
import type { Table, TypeMap } from 'apache-arrow'

/** The rows of a table, sorted by `ts_event`, that lie in none of the closed-open ranges. */
export function rowsOutside<T extends TypeMap>(table: Table<T>, ranges: readonly TimeRange[]): Table<T> {
  const times = microsOf(integerValues(table, 'ts_event'))
  const sorted = [...ranges].sort((a, b) => a.from - b.from)
  const pieces: Table<T>[] = []
  let start = 0
  for (const { from, to } of sorted) {
    const end = firstAt(times, from)
    if (end > start) pieces.push(table.slice(start, end))
    start = Math.max(start, firstAt(times, to))
  }
  if (start < times.length) pieces.push(table.slice(start))
  const [first = table.slice(0, 0), ...others] = pieces
  return first.concat(...others)
}

function firstAt(times: Float64Array, time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] ?? 0) < time) low = middle + 1
    else high = middle
  }
  return low
}
