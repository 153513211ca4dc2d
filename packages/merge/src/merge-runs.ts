import { integerValues } from '@lake/core'
import type { Field, Table, TypeMap } from 'apache-arrow'
import { buildTable } from './build-table.ts'
import { findRuns, type Piece, piecesOf, type Runs } from './find-runs.ts'
import { integerValue } from './integer-column.ts'
import { joinPieces } from './join-pieces.ts'
import type { MergeConflict, MergeReport } from './merge-report.ts'
import { isCompared, type Merged, type MergeOptions, SHOWN } from './merge-versions.ts'
import type { RowKeys } from './row-keys.ts'
import { runColumn } from './run-column.ts'
import type { RunColumn } from './column-runs.ts'
import { type PartRow, type RunSettlement, settleRuns } from './settle-runs.ts'
import { isAscending, isStrictlyAscending } from './sort-rows.ts'
import type { MergePart } from './split-by-source.ts'
import { integerAt } from './value-at.ts'

/** Pieces of at least so many rows on average become batches of the result as they are, without a copy. */
const LONG_PIECE = 65_536

/**
 * The merge of sorted parts, the common case and the fast one: stretches of rows that the same parts have are found
 * by their keys, and values are compared only where several parts have the row. What is taken from one part without
 * a change is never copied when it is long: it becomes a batch of the result. Short pieces are copied, column by
 * column, whole stretches of memory at a time.
 *
 * `undefined` when a part is not sorted or has a row twice, or when ids and times of the parts order their rows
 * differently; then `mergeVersions` sorts.
 */
export function mergeRuns<T extends TypeMap>(options: MergeOptions<T>): Merged<T> | undefined {
  const { parts, schema, signal } = options
  if (!parts.every(isSorted)) return undefined
  const runs = findRuns(parts)
  const pieces = [...piecesOf(runs)]
  const settled = new Map<string, RunSettlement>()
  const tables = parts.map(({ table }) => table)
  const columnOf = (field: Field): RunColumn => {
    signal?.throwIfAborted()
    return runColumn(tables, field)
  }
  const settle = (name: string, column: RunColumn, fill: (at: number, from: PartRow) => void): void => {
    settled.set(name, settleRuns(column, runs, { limit: SHOWN, fill }))
  }
  const shown: { readonly at: number; readonly conflict: MergeConflict }[] = []
  const show = (name: string, column: RunColumn): void => {
    for (const { at, kept, dropped } of settled.get(name)?.first ?? []) {
      const version = (row: PartRow): MergeConflict['kept'] => ({
        name: String(parts[row[0]]?.name),
        value: column.valueOf(...row),
      })
      const conflict = { key: keyOf(parts, kept), column: name, kept: version(kept), dropped: version(dropped) }
      shown.push({ at, conflict })
    }
  }
  const isLong = pieces.length > 0 && runs.rows / pieces.length >= LONG_PIECE
  const table =
    (isLong ? joinUnchanged() : undefined) ??
    buildTable(schema, (field) => {
      const column = columnOf(field)
      const writer = column.write(runs.rows)
      for (const { part, row, length, at } of pieces) writer.copy(part, row, length, at)
      if (isCompared(field.name, parts)) {
        settle(field.name, column, (at, from) => {
          writer.copy(...from, 1, at)
        })
        show(field.name, column)
      }
      return writer.values()
    })
  const hasTimes = parts.some(({ times }) => times !== undefined)
  if (hasTimes && !isAscending(integerValues(table, 'ts_event'))) return undefined
  return { table, report: reportOf(parts, runs, { pieces, settled, shown }) }

  /** The pieces as they are; `undefined` when a null is to be filled. */
  function joinUnchanged(): Table<T> | undefined {
    for (const field of schema.fields.filter(({ name }) => isCompared(name, parts))) {
      const column = columnOf(field)
      settle(field.name, column, () => undefined)
      if ((settled.get(field.name)?.filled ?? 0) > 0) {
        shown.length = 0
        return undefined
      }
      show(field.name, column)
    }
    return joinPieces({ tables, pieces, schema, rows: runs.rows })
  }
}

/** True when no row is there twice and rows stand in the order of their keys and of their times. */
export function isSorted(keys: RowKeys): boolean {
  return isStrictlyAscending(keys) && (keys.times === undefined || isAscending(keys.times))
}

function keyOf(parts: readonly RowKeys[], [part, row]: PartRow): number | string {
  return integerValue(integerAt(parts[part]?.keys ?? new BigInt64Array(), row))
}

interface Findings {
  readonly pieces: readonly Piece[]
  readonly settled: ReadonlyMap<string, RunSettlement>
  readonly shown: readonly { readonly at: number; readonly conflict: MergeConflict }[]
}

function reportOf(parts: readonly MergePart[], { rows }: Runs, { pieces, settled, shown }: Findings): MergeReport {
  const rowsIn = parts.reduce((sum, part) => sum + part.table.numRows, 0)
  const kept = new Float64Array(parts.length)
  for (const { part, length } of pieces) kept[part] = (kept[part] ?? 0) + length
  const counts = (of: 'conflicts' | 'filled'): Record<string, number> =>
    Object.fromEntries([...settled].flatMap(([name, found]) => (found[of] > 0 ? [[name, found[of]] as const] : [])))
  return {
    rowsIn,
    rowsOut: rows,
    duplicates: rowsIn - rows,
    conflicts: counts('conflicts'),
    filled: counts('filled'),
    firstConflicts: [...shown]
      .sort((a, b) => a.at - b.at)
      .slice(0, SHOWN)
      .map(({ conflict }) => conflict),
    inputs: parts
      .map(({ name, source, table }, part) => ({ name, source, rows: table.numRows, kept: kept[part] ?? 0 }))
      .reverse(),
  }
}
