import {
  type DataType,
  decimalValues,
  floatValues,
  integerValues,
  microsOf,
  nullFlags,
  rowIdentity,
  wordValues,
} from '@lake/core'
import { DataType as ArrowType, type Table } from 'apache-arrow'
import { decimalText } from './decimal-text.ts'
import type { KeyedInput } from './keyed-input.ts'
import { codeAt } from './value-at.ts'

/** Small integers that tell apart the rows of one time, comparable between tables. */
export interface RowOrdinals {
  readonly ordinals: readonly Int32Array[]
  /** How often each event stands in a table: 1, or 2 in a file that is doubled as a whole. */
  readonly copies: readonly number[]
}

/**
 * The rank of each row's values in the columns that tell rows of one time apart, over all tables.
 *
 * Where equal rows may be several events, the rank also counts them: the second of equal rows differs from the first.
 * Only in a file that is doubled as a whole, every event in it standing an even number of times, do two rows count as
 * one (or three, where every count is a multiple of three). A table that was merged before is never taken for such.
 */
export function rowOrdinals(
  dataType: DataType,
  inputs: readonly KeyedInput[],
  times: readonly BigInt64Array[],
): RowOrdinals {
  const { id, within, repeats } = rowIdentity(dataType)
  const tables = inputs.map(({ table }) => table)
  let ranks: Int32Array[] = tables.map((table) => new Int32Array(table.numRows))
  for (const column of within) ranks = combine(ranks, columnRanks(tables, column))
  if (id !== undefined) ranks = idsBefore(columnRanks(tables, id), ranks)
  if (repeats !== true) return { ordinals: ranks, copies: tables.map(() => 1) }
  const repetitions = ranks.map((own, table) => countRepetitions(times[table] ?? new BigInt64Array(), own))
  const copies = repetitions.map(({ common }, table) => (inputs[table]?.source === undefined ? 1 : common))
  const counts = repetitions.map(({ before }, table) => before.map((count) => Math.floor(count / (copies[table] ?? 1))))
  return { ordinals: combine(ranks, counts), copies }
}

/** The rank of a row's id, and only where it has none the rank of its values. */
function idsBefore(ids: readonly Int32Array[], ranks: readonly Int32Array[]): Int32Array[] {
  return combine(
    ids,
    ranks.map((own, table) => own.map((rank, row) => (codeAt(ids[table] ?? own, row) < 0 ? rank : 0))),
  )
}

/** The ranks of pairs of ranks. */
function combine(first: readonly Int32Array[], second: readonly Int32Array[]): Int32Array[] {
  const width = 1 + second.reduce((most, ranks) => ranks.reduce((a, b) => Math.max(a, b), most), 0)
  return ranksOf(
    first.map((ranks, table) => {
      const others = second[table] ?? new Int32Array()
      return Float64Array.from(ranks, (rank, row) => rank * width + codeAt(others, row))
    }),
  )
}

function columnRanks(tables: readonly Table[], column: string): Int32Array[] {
  const type: unknown = tables[0]?.getChild(column)?.type
  // Two decimals with the same nearest double are as good as equal here: they tell rows of one time apart.
  if (ArrowType.isDecimal(type)) return ranksOf(tables.map((table) => doublesOf(table, column)))
  if (ArrowType.isFloat(type)) return ranksOf(tables.map((table) => floatValues(table, column)))
  if (!ArrowType.isDictionary(type)) return ranksOf(tables.map((table) => numbersOf(table, column)))
  const parts = tables.map((table) => wordValues(table, column))
  const sorted = [...new Set(parts.flatMap(({ words }) => words))].sort()
  const rankOf = new Map(sorted.map((word, rank) => [word, rank]))
  return parts.map(({ codes, words }) => {
    const ranks = Int32Array.from(words, (word) => rankOf.get(word) ?? -1)
    return codes.map((code) => ranks[code] ?? -1)
  })
}

function doublesOf(table: Table, column: string): Float64Array {
  const decimals = decimalValues(table, column)
  const { units, nulls } = decimals
  return Float64Array.from({ length: units.length / 4 }, (_, row) =>
    nulls?.[row] === 1 ? Number.NaN : Number(decimalText(decimals, row)),
  )
}

/** Integers as doubles, NaN where null. */
function numbersOf(table: Table, column: string): Float64Array {
  const values = microsOf(integerValues(table, column))
  const nulls = nullFlags(table, column)
  return nulls === undefined ? values : values.map((value, row) => (nulls[row] === 1 ? Number.NaN : value))
}

/** The place of each value among the different values of all parts, sorted; -1 for NaN, which is null. */
function ranksOf(parts: readonly Float64Array[]): Int32Array[] {
  const all = new Set<number>()
  for (const part of parts) for (const value of part) if (!Number.isNaN(value)) all.add(value)
  const rankOf = new Map([...Float64Array.from(all).sort()].map((value, rank) => [value, rank]))
  return parts.map((part) => Int32Array.from(part, (value) => rankOf.get(value) ?? -1))
}

/** How many equal rows stand before each one, and what the counts of all events have in common. */
function countRepetitions(times: BigInt64Array, ranks: Int32Array): { before: Int32Array; common: number } {
  const before = new Int32Array(ranks.length)
  const found = new Map<number, Map<number, number>>()
  for (const [row, time] of microsOf(times).entries()) {
    const ofTime = found.get(time) ?? new Map<number, number>()
    const count = ofTime.get(codeAt(ranks, row)) ?? 0
    before[row] = count
    ofTime.set(codeAt(ranks, row), count + 1)
    found.set(time, ofTime)
  }
  let common = 0
  for (const ofTime of found.values()) for (const count of ofTime.values()) common = commonDivisor(common, count)
  return { before, common: Math.max(1, common) }
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b)
}
