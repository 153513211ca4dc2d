import { type ColumnValues, floatValues, integerValues, nullFlags, wordValues } from '@lake/core'
import { DataType, type Field, type Table } from 'apache-arrow'
import { flagValues } from './flag-values.ts'
import type { MergeValue } from './merge-report.ts'
import { codeAt, flagAt, floatAt, integerAt, rowAt } from './value-at.ts'

/** A column of several tables after each other, whose values are compared, copied and picked by row. */
export interface Column {
  isNull(row: number): boolean
  /** True when two values are the same, floats by their bits. */
  isSame(a: number, b: number): boolean
  copy(from: number, to: number): void
  valueOf(row: number): MergeValue
  /** All values. */
  all(): ColumnValues
  /** The values of some rows, in the order of `rows`. */
  take(rows: Uint32Array): ColumnValues
}

/** The column of a field, in memory of its own. */
export function concatColumn(tables: readonly Table[], field: Field): Column {
  const { name } = field
  const type: unknown = field.type
  if (DataType.isFloat(type)) return floatColumn(tables.map((table) => floatValues(table, name)))
  if (DataType.isBool(type)) return flagColumn(tables.map((table) => flagValues(table, name)))
  if (DataType.isDictionary(type)) return wordColumn(tables, name)
  return integerColumn(tables, name)
}

/** Arrays of one kind after each other, in memory of its own. */
export function concatValues<A extends TypedArray>(parts: readonly A[], create: (length: number) => A): A {
  const all = create(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

interface TypedArray {
  readonly length: number
  set(values: this, at: number): void
}

/** An int64 as plain JSON. */
export function integerValue(value: bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

function floatColumn(parts: readonly Float64Array[]): Column {
  const values = concatValues(parts, (length) => new Float64Array(length))
  return {
    isNull: (row) => Number.isNaN(floatAt(values, row)),
    isSame: (a, b) => Object.is(floatAt(values, a), floatAt(values, b)),
    copy: (from, to) => values.copyWithin(to, from, from + 1),
    valueOf: (row) => floatAt(values, row),
    all: () => values,
    take(rows) {
      const taken = new Float64Array(rows.length)
      for (let at = 0; at < taken.length; at++) taken[at] = floatAt(values, rowAt(rows, at))
      return taken
    },
  }
}

function integerColumn(tables: readonly Table[], name: string): Column {
  const parts = tables.map((table) => integerValues(table, name))
  const flags = tables.map((table) => nullFlags(table, name))
  const values = concatValues(parts, (length) => new BigInt64Array(length))
  const takeValues = (rows: Uint32Array): BigInt64Array => {
    const taken = new BigInt64Array(rows.length)
    for (let at = 0; at < taken.length; at++) taken[at] = integerAt(values, rowAt(rows, at))
    return taken
  }
  const isSame = (a: number, b: number): boolean => values[a] === values[b]
  const valueOf = (row: number): MergeValue => integerValue(integerAt(values, row))
  if (flags.every((part) => part === undefined)) {
    return {
      isNull: () => false,
      isSame,
      copy: (from, to) => values.copyWithin(to, from, from + 1),
      valueOf,
      all: () => values,
      take: takeValues,
    }
  }
  const nulls = flagColumn(flags.map((part, index) => part ?? new Uint8Array(parts[index]?.length ?? 0)))
}
