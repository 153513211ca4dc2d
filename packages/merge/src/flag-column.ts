import { type Column, concatValues } from './column.ts'
import { flagAt, rowAt } from './value-at.ts'

/** A column of bytes: 0 false, 1 true, 2 null. */
export function flagColumn(parts: readonly Uint8Array[]): Column {
  const flags = concatValues(parts, (length) => new Uint8Array(length))
  return {
    isNull: (row) => flagAt(flags, row) === 2,
    isSame: (a, b) => flagAt(flags, a) === flagAt(flags, b),
    copy: (from, to) => flags.copyWithin(to, from, from + 1),
    valueOf: (row) => flagAt(flags, row) === 1,
    take: (rows) => takeFlags(flags, rows),
  }
}

/** The bytes of some rows, in the order of `rows`. */
export function takeFlags(flags: Uint8Array, rows: Uint32Array): Uint8Array {
  const taken = new Uint8Array(rows.length)
  for (let at = 0; at < taken.length; at++) taken[at] = flagAt(flags, rowAt(rows, at))
  return taken
}
