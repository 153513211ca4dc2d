import { type DataType, integerValues, LakeError, microsOf, nullFlags, rowIdentity, timesOf } from '@lake/core'
import type { Table } from 'apache-arrow'
import { type ColumnPair, columnPair, type Place } from './row-columns.ts'
import { floatAt, integerAt } from './value-at.ts'

/** The rows of two tables side by side: -1 where a table does not have the row. */
export interface AlignedRows {
  readonly before: readonly number[]
  readonly after: readonly number[]
  /** The ids, where rows have them. */
  readonly id: ColumnPair | undefined
}

type Tables = readonly [Table, Table]
type Compare = (a: Place, b: Place) => number

/**
 * Puts the same rows of two tables side by side, in order.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a table is not sorted, or has a row twice.
 */
export function alignRows(dataType: DataType, before: Table, after: Table): AlignedRows {
  const { id, within, roundTo, repeats } = rowIdentity(dataType)
  const tables = [before, after] as const
  // Where some row has no id, times come first, then ids, then the values of the rows without one.
  const ids = id === undefined ? undefined : columnPair(tables, id)
  const hasAllIds = id !== undefined && tables.every((table) => nullFlags(table, id) === undefined)
  const keys = keyPair(tables, hasAllIds ? id : undefined, roundTo)
  const values = hasAllIds ? [] : within.map((name) => columnPair(tables, name))
  const compare: Compare = (a, b) => {
    const byKey = keys.compare(a, b)
    if (byKey !== 0 || hasAllIds) return byKey
    const byId = ids?.compare(a, b) ?? 0
    if (byId !== 0 || (ids !== undefined && ids.value(a) !== null)) return byId
    for (const pair of values) {
      const difference = pair.compare(a, b)
      if (difference !== 0) return difference
    }
    return 0
  }
  const orderOf = (table: 0 | 1): Int32Array | undefined => {
    const unsorted = firstUnsorted(
      tables[table],
      (row) => compare([table, row], [table, row - 1]) >= (repeats === true ? 0 : 1),
    )
    if (unsorted === undefined) return undefined
    if (!hasAllIds) throw notSorted(table, unsorted)
    return orderById(tables[table], table, compare)
  }
  const [left, right] = [orderOf(0), orderOf(1)]
  const rows = { before: new Array<number>(), after: new Array<number>() }
  let [a, b] = [0, 0]
  while (a < before.numRows || b < after.numRows) {
    const [own, other] = [left?.[a] ?? a, right?.[b] ?? b]
    const difference = a >= before.numRows ? 1 : b >= after.numRows ? -1 : compare([0, own], [1, other])
    rows.before.push(difference <= 0 ? own : -1)
    rows.after.push(difference >= 0 ? other : -1)
    if (difference <= 0) a++
    if (difference >= 0) b++
  }
  return { ...(left === undefined && right === undefined ? rows : byTime(rows, tables)), id: ids }
}

function keyPair(tables: Tables, id: string | undefined, roundTo: number | undefined): Pick<ColumnPair, 'compare'> {
  const keys = tables.map((table) => {
    const values = integerValues(table, id ?? 'ts_event')
    if (roundTo === undefined) return values
    return timesOf(microsOf(values).map((time) => Math.round(time / roundTo) * roundTo))
  })
  const [left = new BigInt64Array(), right = new BigInt64Array()] = keys
  const at = ([table, row]: Place): bigint => integerAt(table === 0 ? left : right, row)
  return {
    compare(a, b) {
      const [first, second] = [at(a), at(b)]
      return first === second ? 0 : first < second ? -1 : 1
    },
  }
}

/** The rows of a table that is sorted by time, in order of ids that do not rise with it. */
function orderById(table: Table, place: 0 | 1, compare: Compare): Int32Array {
  const times = microsOf(integerValues(table, 'ts_event'))
  const back = firstUnsorted(table, (row) => floatAt(times, row) >= floatAt(times, row - 1))
  if (back !== undefined) throw notSorted(place, back)
  const order = Int32Array.from(times, (_, row) => row).sort((a, b) => compare([place, a], [place, b]))
  for (let at = 1; at < order.length; at++) {
    const [own = 0, other = 0] = [order[at], order[at - 1]]
    if (compare([place, own], [place, other]) === 0) throw notSorted(place, Math.max(own, other))
  }
  return order
}

function byTime(rows: Omit<AlignedRows, 'id'>, tables: Tables): Omit<AlignedRows, 'id'> {
  const [left = new Float64Array(), right = new Float64Array()] = tables.map((table) =>
    microsOf(integerValues(table, 'ts_event')),
  )
  const times = Float64Array.from(rows.before, (own, at) =>
    own < 0 ? floatAt(right, rows.after[at] ?? 0) : floatAt(left, own),
  )
  const order = Int32Array.from(times, (_, at) => at).sort((a, b) => floatAt(times, a) - floatAt(times, b) || a - b)
  const ordered = (of: readonly number[]): number[] => Array.from(order, (at) => of[at] ?? -1)
  return { before: ordered(rows.before), after: ordered(rows.after) }
}

/** The first row that does not stand after the one before it. */
function firstUnsorted(table: Table, isAfter: (row: number) => boolean): number | undefined {
  for (let row = 1; row < table.numRows; row++) if (!isAfter(row)) return row
  return undefined
}

function notSorted(place: 0 | 1, row: number): LakeError {
  const name = place === 0 ? 'before' : 'after'
  return new LakeError(
    'BAD_REQUEST',
    `Row ${row} of the table '${name}' does not stand after the one before it. Merge the table with itself first.`,
    { details: { table: name, row } },
  )
}
