import { type Column, concatValues } from './column.ts'
import { floatAt, rowAt } from './value-at.ts'

/** A column of float64; NaN is null. */
export function floatColumn(parts: readonly Float64Array[]): Column {
  const values = concatValues(parts, (length) => new Float64Array(length))
  return {
    isNull: (row) => Number.isNaN(floatAt(values, row)),
    isSame: (a, b) => Object.is(floatAt(values, a), floatAt(values, b)),
    copy: (from, to) => values.copyWithin(to, from, from + 1),
    valueOf: (row) => floatAt(values, row),
    take(rows) {
      const taken = new Float64Array(rows.length)
      for (let at = 0; at < taken.length; at++) taken[at] = floatAt(values, rowAt(rows, at))
      return taken
    },
  }
}
