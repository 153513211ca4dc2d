import type { Column } from './column.ts'
import { decimalText } from './decimal-text.ts'
import { isSameDecimal, type ScaledDecimals } from './scaled-decimals.ts'
import { rowAt } from './value-at.ts'

/** A column of exact decimals of one scale. */
export function exactColumn(parts: readonly ScaledDecimals[]): Column {
  const rows = parts.reduce((sum, { units }) => sum + units.length / 4, 0)
  const all = { units: new Uint32Array(4 * rows), nulls: new Uint8Array(rows), scale: parts[0]?.scale ?? 0 }
  let start = 0
  for (const { units, nulls } of parts) {
    all.units.set(units, 4 * start)
    if (nulls !== undefined) all.nulls.set(nulls, start)
    start += units.length / 4
  }
  const isNull = (row: number): boolean => all.nulls[row] === 1
  return {
    isNull,
    isSame: (a, b) => (isNull(a) || isNull(b) ? isNull(a) && isNull(b) : isSameDecimal(all.units, a, all.units, b)),
    copy(from, to) {
      all.units.copyWithin(4 * to, 4 * from, 4 * from + 4)
      all.nulls.copyWithin(to, from, from + 1)
    },
    valueOf: (row) => decimalText(all, row),
    take(wanted) {
      const units = new Uint32Array(4 * wanted.length)
      const nulls = new Uint8Array(wanted.length)
      for (let at = 0; at < wanted.length; at++) {
        const row = rowAt(wanted, at)
        units.set(all.units.subarray(4 * row, 4 * row + 4), 4 * at)
        nulls[at] = all.nulls[row] ?? 0
      }
      return nulls.includes(1) ? { units, nulls } : { units }
    },
  }
}
