import { floatValues, integerValues, nullFlags, wordValues } from '@lake/core'
import { DataType, type Table } from 'apache-arrow'
import { codeAt, floatAt, integerAt } from './value-at.ts'

/** A value as plain JSON: integers beyond 2^53 are text. */
export type PlainValue = number | string | boolean | null

/** The same column of two tables. */
export interface ColumnPair {
  /** True when two values are the same: floats by their bits, or within the relative tolerance; null only as null. */
  isSame(before: number, after: number): boolean
  /** Negative when the value of `a` in one table sorts before that of `b` in the same or the other one. */
  compare(a: Place, b: Place): number
  value(place: Place): PlainValue
}

/** A row of the first (0) or the second (1) table. */
export type Place = readonly [table: 0 | 1, row: number]

/**
 * A column of two tables, ready to be compared row by row.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a table has no such column or the two hold different kinds of values.
 */
export function columnPair(tables: readonly [Table, Table], name: string, tolerance = 0): ColumnPair {
  const type: unknown = tables[0].getChild(name)?.type
  if (DataType.isFloat(type)) return floatPair([floatValues(tables[0], name), floatValues(tables[1], name)], tolerance)
  if (DataType.isBool(type)) return plainPair([flagsOf(tables[0], name), flagsOf(tables[1], name)])
  if (DataType.isDictionary(type)) return plainPair([wordsOf(tables[0], name), wordsOf(tables[1], name)])
  return integerPair(tables, name)
}

function floatPair(values: readonly [Float64Array, Float64Array], tolerance: number): ColumnPair {
  const at = ([table, row]: Place): number => floatAt(values[table], row)
  const [left, right] = values
  return {
    compare: (a, b) => at(a) - at(b),
    value: (place) => (Number.isNaN(at(place)) ? null : at(place)),
    isSame(before, after) {
      const [a, b] = [floatAt(left, before), floatAt(right, after)]
      return Object.is(a, b) || Math.abs(a - b) <= Math.abs(a) * tolerance
    },
  }
}

function integerPair(tables: readonly [Table, Table], name: string): ColumnPair {
  const values = [integerValues(tables[0], name), integerValues(tables[1], name)] as const
  const nulls = [nullFlags(tables[0], name), nullFlags(tables[1], name)] as const
  const isNull = ([table, row]: Place): boolean => nulls[table]?.[row] === 1
  const at = ([table, row]: Place): bigint => integerAt(values[table], row)
  const halves = values.map(({ buffer, byteOffset, length }) => new Int32Array(buffer, byteOffset, length * 2))
  const [left = new Int32Array(), right = new Int32Array()] = halves
  return {
    compare(a, b) {
      if (isNull(a) || isNull(b)) return Number(isNull(b)) - Number(isNull(a))
      const [first, second] = [at(a), at(b)]
      return first === second ? 0 : first < second ? -1 : 1
    },
    value(place) {
      if (isNull(place)) return null
      return Number.isSafeInteger(Number(at(place))) ? Number(at(place)) : String(at(place))
    },
    isSame(before, after) {
      if (isNull([0, before]) || isNull([1, after])) return isNull([0, before]) && isNull([1, after])
      return left[2 * before] === right[2 * after] && left[2 * before + 1] === right[2 * after + 1]
    },
  }
}

function plainPair(values: readonly [readonly PlainValue[], readonly PlainValue[]]): ColumnPair {
  const at = ([table, row]: Place): PlainValue => values[table][row] ?? null
  return {
    value: at,
    isSame: (before, after) => at([0, before]) === at([1, after]),
    compare(a, b) {
      const [first, second] = [String(at(a)), String(at(b))]
      return first === second ? 0 : first < second ? -1 : 1
    },
  }
}

function wordsOf(table: Table, name: string): PlainValue[] {
  const { codes, words } = wordValues(table, name)
  return Array.from(codes, (_, row) => words[codeAt(codes, row)] ?? null)
}

function flagsOf(table: Table, name: string): PlainValue[] {
  const flags: unknown[] = [...(table.getChild(name) ?? [])]
  return flags.map((flag) => (typeof flag === 'boolean' ? flag : null))
}
