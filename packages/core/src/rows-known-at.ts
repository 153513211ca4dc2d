import type { Table, TypeMap } from 'apache-arrow'
import { integerValues } from './column-values.ts'
import { microsOf } from './micros.ts'

/**
 * The rows that could be known at a moment: those whose `ts_available` is not after it. A bar that is still open is
 * not among them. Rows keep their order, and nothing is copied.
 *
 * @param asOf Epoch microseconds UTC.
 * @throws {@link LakeError} `BAD_REQUEST` when the table has no column `ts_available`.
 *
 * @example
 * rowsKnownAt(klines, parseInstant('2024-01-01T12:00:30Z')) // the last bar is the one of 11:59
 */
export function rowsKnownAt<T extends TypeMap>(table: Table<T>, asOf: number): Table<T> {
  const available = microsOf(integerValues(table, 'ts_available'))
  const pieces: Table<T>[] = []
  let start = 0
  for (let row = 0; row <= available.length; row++) {
    if (row < available.length && (available[row] ?? 0) <= asOf) continue
    if (row > start) pieces.push(table.slice(start, row))
    start = row + 1
  }
  const [first = table.slice(0, 0), ...others] = pieces
  return others.length === 0 ? first : first.concat(...others)
}
