import { type DataType, integerValues, LakeError, microsOf, nullFlags, rowIdentity, timesOf } from '@lake/core'
import type { Table } from 'apache-arrow'
import { type ColumnPair, columnPair, type Place, type PlainValue } from './row-columns.ts'
import { floatAt, integerAt } from './value-at.ts'

/** A row that is not the same in both tables. */
export interface RowChange {
  readonly change: 'added' | 'removed' | 'changed'
  /** Epoch microseconds UTC. */
  readonly time: number
  /** The id of the row, where rows have ids. */
  readonly id?: number | string | undefined
  /** Of a changed row, the values that differ. */
  readonly columns?: Readonly<Record<string, { readonly before: PlainValue; readonly after: PlainValue }>> | undefined
}

/** How two tables of the same rows differ. */
export interface TableDiff {
  readonly rowsBefore: number
  readonly rowsAfter: number
  readonly same: number
  readonly added: number
  readonly removed: number
  readonly changed: number
  /** In how many changed rows each column differs; columns without differences are absent. */
  readonly changedColumns: Readonly<Record<string, number>>
  /** The first differing rows, in order. */
  readonly first: readonly RowChange[]
  /** From the first differing row to behind the last one; absent when there is none. What is derived of it is stale. */
  readonly range?: { readonly from: number; readonly to: number } | undefined
}

export interface DiffTablesOptions {
  readonly dataType: DataType
  /** Sorted and free of duplicates, as `mergeTables` of @lake/merge gives it; so is `after`. */
  readonly before: Table
  readonly after: Table
  /** The columns to compare. Default: all of `before` but those of where a row came from: `source`, `ts_available`. */
  readonly columns?: readonly string[] | undefined
  /** How far floats of a column may differ, relative to the first. Default: not at all. */
  readonly tolerance?: Readonly<Record<string, number>> | undefined
  /** How many differing rows to show. Default: 10. */
  readonly limit?: number | undefined
}

/**
 * Which rows a restatement added, removed and changed, and in which columns.
 *
 * Rows are the same by the rule of `rowIdentity` of @lake/core: bars by time, trades by id, funding by its minute.
 * A value that became null, or was null before, is a change.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a table is not sorted, has a row twice, or lacks a column.
 *
 * @example
 * diffTables({ dataType: 'klines', before: published, after: restated })
 * // { same: 44639, changed: 1, changedColumns: { volume: 1 }, first: [{ change: 'changed', time, columns: {...} }], ... }
 */
export function diffTables(options: DiffTablesOptions): TableDiff {
  const { dataType, before, after, limit = 10, tolerance = {} } = options
  const rows = alignRows(dataType, before, after)
  const names = options.columns ?? before.schema.names.map(String).filter((name) => !ORIGIN.includes(name))
  const pairs = names.map((name) => [name, columnPair([before, after], name, tolerance[name])] as const)
  const changedColumns: Record<string, number> = {}
  const isChanged = new Uint8Array(rows.before.length)
  for (const [name, pair] of pairs) {
    let count = 0
    for (let at = 0; at < isChanged.length; at++) {
      const [a, b] = [rows.before[at] ?? -1, rows.after[at] ?? -1]
      if (a < 0 || b < 0 || pair.isSame(a, b)) continue
      isChanged[at] = 1
      count++
    }
    if (count > 0) changedColumns[name] = count
  }
  const counts = { same: 0, added: 0, removed: 0, changed: 0 }
  const first: RowChange[] = []
  let range: TableDiff['range']
  const times = [before, after].map((table) => microsOf(integerValues(table, 'ts_event')))
  for (let at = 0; at < isChanged.length; at++) {
    const [a, b] = [rows.before[at] ?? -1, rows.after[at] ?? -1]
    const change = a < 0 ? 'added' : b < 0 ? 'removed' : isChanged[at] === 1 ? 'changed' : 'same'
    counts[change]++
    if (change === 'same') continue
    const place: Place = a < 0 ? [1, b] : [0, a]
    const time = floatAt(times[place[0]] ?? new Float64Array(), place[1])
    range = { from: Math.min(range?.from ?? time, time), to: Math.max(range?.to ?? 0, time + 1) }
    if (first.length >= limit) continue
    const id = rows.id?.value(place)
    first.push({
      change,
      time,
      ...(typeof id === 'number' || typeof id === 'string' ? { id } : {}),
      ...(change === 'changed' ? { columns: changesOf(pairs, a, b) } : {}),
    })
  }
  const sizes = { rowsBefore: before.numRows, rowsAfter: after.numRows }
  return { ...sizes, ...counts, changedColumns, first, ...(range === undefined ? {} : { range }) }
}

const ORIGIN: readonly string[] = ['source', 'ts_available']

function changesOf(
  pairs: readonly (readonly [string, ColumnPair])[],
  before: number,
  after: number,
): NonNullable<RowChange['columns']> {
  return Object.fromEntries(
    pairs
      .filter(([, pair]) => !pair.isSame(before, after))
      .map(([name, pair]) => [name, { before: pair.value([0, before]), after: pair.value([1, after]) }]),
  )
}

/** The rows of both tables side by side: -1 where a table does not have the row. */
interface AlignedRows {
  readonly before: readonly number[]
  readonly after: readonly number[]
  readonly id: ColumnPair | undefined
}

function alignRows(dataType: DataType, before: Table, after: Table): AlignedRows {
  const { id, within, roundTo, repeats } = rowIdentity(dataType)
  const tables = [before, after] as const
  // Where some row has no id, times come first, then ids, then the values of the rows without one.
  const ids = id === undefined ? undefined : columnPair(tables, id)
  const hasAllIds = id !== undefined && tables.every((table) => nullFlags(table, id) === undefined)
  const keys = keyPair(tables, hasAllIds ? id : undefined, roundTo)
  const values = hasAllIds ? [] : within.map((name) => columnPair(tables, name))
  const compare = (a: Place, b: Place): number => {
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
  for (const table of [0, 1] as const) checkSorted(tables[table], table, repeats === true ? 0 : 1, compare)
  const rows = { before: new Array<number>(), after: new Array<number>() }
  let [a, b] = [0, 0]
  while (a < before.numRows || b < after.numRows) {
    const difference = a >= before.numRows ? 1 : b >= after.numRows ? -1 : compare([0, a], [1, b])
    rows.before.push(difference <= 0 ? a++ : -1)
    rows.after.push(difference >= 0 ? b++ : -1)
  }
  return { ...rows, id: ids }
}

function keyPair(
  tables: readonly [Table, Table],
  id: string | undefined,
  roundTo: number | undefined,
): Pick<ColumnPair, 'compare'> {
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

function checkSorted(table: Table, place: 0 | 1, step: 0 | 1, compare: (a: Place, b: Place) => number): void {
  for (let row = 1; row < table.numRows; row++) {
    if (compare([place, row], [place, row - 1]) >= step) continue
    const name = place === 0 ? 'before' : 'after'
    throw new LakeError(
      'BAD_REQUEST',
      `Row ${row} of the table '${name}' does not stand after the one before it. Merge the table with itself first.`,
      { details: { table: name, row } },
    )
  }
}
