import type { DecimalColumn } from '@lake/core'
import { decimalText } from './decimal-text.ts'
import { isSameDecimal, type ScaledDecimals } from './scaled-decimals.ts'
import type { RunColumn } from './column-runs.ts'

/** A column of exact decimals of one scale. */
export function runDecimals(parts: readonly ScaledDecimals[]): RunColumn {
  const of = (part: number): ScaledDecimals => parts[part] ?? NONE
  const hasNulls = parts.some(({ nulls }) => nulls !== undefined)
  const isNull = (part: number, row: number): boolean => of(part).nulls?.[row] === 1
  const isSame = (a: number, rowA: number, b: number, rowB: number): boolean =>
    isNull(a, rowA) || isNull(b, rowB)
      ? isNull(a, rowA) && isNull(b, rowB)
      : isSameDecimal(of(a).units, rowA, of(b).units, rowB)
  return {
    agreement(a, rowA, b, rowB, length) {
      for (let step = 0; step < length; step++) if (!isSame(a, rowA + step, b, rowB + step)) return step
      return length
    },
    isNull,
    isSame,
    valueOf: (part, row) => decimalText(of(part), row),
    write(rows) {
      const units = new Uint32Array(4 * rows)
      const nulls = new Uint8Array(rows)
      const merged: DecimalColumn = hasNulls ? { units, nulls } : { units }
      return {
        values: () => merged,
        copy(part, row, length, at) {
          const source = of(part)
          units.set(source.units.subarray(4 * row, 4 * (row + length)), 4 * at)
          if (source.nulls === undefined) nulls.fill(0, at, at + length)
          else nulls.set(source.nulls.subarray(row, row + length), at)
        },
      }
    },
  }
}

const NONE: ScaledDecimals = { units: new Uint32Array(), scale: 0 }
