import { type Column, concatValues } from './column.ts'
import { takeFlags } from './flag-column.ts'
import { integerAt, rowAt } from './value-at.ts'

/** Integers of one table, null where `nulls` holds 1; no `nulls` when nothing is null. */
export interface Integers {
  readonly values: BigInt64Array
  readonly nulls?: Uint8Array | undefined
}

/** A column of int64 or of times. */
export function integerColumn(parts: readonly Integers[]): Column {
  const values = concatValues(
    parts.map((part) => part.values),
    (length) => new BigInt64Array(length),
  )
  const hasNulls = parts.some((part) => part.nulls !== undefined)
  const nulls = concatValues(
    parts.map((part) => part.nulls ?? new Uint8Array(part.values.length)),
    (length) => new Uint8Array(length),
  )
  return {
    isNull: (row) => nulls[row] === 1,
    isSame: (a, b) => values[a] === values[b],
    copy(from, to) {
      values.copyWithin(to, from, from + 1)
      nulls.copyWithin(to, from, from + 1)
    },
    valueOf: (row) => integerValue(integerAt(values, row)),
    take(rows) {
      const taken = new BigInt64Array(rows.length)
      for (let at = 0; at < taken.length; at++) taken[at] = integerAt(values, rowAt(rows, at))
      return hasNulls ? { values: taken, nulls: takeFlags(nulls, rows) } : taken
    },
  }
}

/** An int64 as plain JSON. */
export function integerValue(value: bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}
