import { type DataType, integerValues, microsOf } from '@lake/core'
import type { Table } from 'apache-arrow'
import { alignRows } from './align-rows.ts'
import { type ColumnPair, columnPair, type Place, type PlainValue } from './row-columns.ts'
import { floatAt } from './value-at.ts'

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
  /** The first differing rows, in order of time. */
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
 * A value that became null, or was null before, is a change. Ids need not rise with time: some venues number trades in
 * another order, or at random.
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
