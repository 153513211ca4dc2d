import type { Schema, Table, TypeMap } from 'apache-arrow'
import { buildTable } from './build-table.ts'
import { type Column, concatValues } from './column.ts'
import { concatColumn } from './concat-column.ts'
import { integerValue } from './integer-column.ts'
import type { MergeConflict, MergeReport } from './merge-report.ts'
import type { MergeSource } from './merge-source.ts'
import type { RowKeys } from './row-keys.ts'
import { findVersions, type RowVersions } from './row-versions.ts'
import { type Difference, settleColumn } from './settle-column.ts'
import type { MergePart } from './split-by-source.ts'
import { flagAt, integerAt, rowAt } from './value-at.ts'

/** How many conflicts a report shows. */
export const SHOWN = 10

/** Columns that say where a row came from and when it was known, not what happened. */
const NOT_COMPARED: readonly string[] = ['ts_available', 'source']

export interface MergeOptions<T extends TypeMap> {
  /** From the least to the most believed. */
  readonly parts: readonly MergePart[]
  readonly schema: Schema<T>
  readonly signal?: AbortSignal | undefined
}

export interface Merged<T extends TypeMap> {
  readonly table: Table<T>
  readonly report: MergeReport
}

/** True for the columns whose values can conflict: not those of where a row came from, nor a time that is the key. */
export function isCompared(column: string, parts: readonly RowKeys[]): boolean {
  return column === 'ts_event' ? parts.some(({ times }) => times !== undefined) : !NOT_COMPARED.includes(column)
}

/** The merge of rows that are doubled or unsorted: by an index sort of their keys, then column by column. */
export function mergeVersions<T extends TypeMap>(options: MergeOptions<T>): Merged<T> {
  const { parts, schema, signal } = options
  const tables = parts.map(({ table }) => table)
  const keys = concatKeys(parts)
  const versions = findVersions(keys)
  const conflicts: Record<string, number> = {}
  const filled: Record<string, number> = {}
  const shown: { readonly group: number; readonly conflict: MergeConflict }[] = []
  const conflictOf = (column: Column, name: string, { kept, dropped }: Difference): MergeConflict => ({
    key: integerValue(integerAt(keys.keys, kept)),
    column: name,
    kept: { name: inputOf(parts, kept), value: column.valueOf(kept) },
    dropped: { name: inputOf(parts, dropped), value: column.valueOf(dropped) },
  })
  const table = buildTable(schema, (field) => {
    signal?.throwIfAborted()
    const column = concatColumn(tables, field)
    if (isCompared(field.name, parts)) {
      const settlement = settleColumn(column, versions, SHOWN)
      if (settlement.conflicts > 0) conflicts[field.name] = settlement.conflicts
      if (settlement.filled > 0) filled[field.name] = settlement.filled
      for (const difference of settlement.first) {
        shown.push({ group: difference.group, conflict: conflictOf(column, field.name, difference) })
      }
    }
    return column.take(versions.winners)
  })
  const rowsIn = versions.rows.length
  const rowsOut = versions.winners.length
  return {
    table,
    report: {
      rowsIn,
      rowsOut,
      duplicates: rowsIn - rowsOut,
      conflicts,
      filled,
      firstConflicts: shown
        .sort((a, b) => a.group - b.group)
        .slice(0, SHOWN)
        .map(({ conflict }) => conflict),
      inputs: inputReports(parts, versions),
    },
  }
}

function concatKeys(parts: readonly RowKeys[]): RowKeys {
  const concat = (values: readonly BigInt64Array[]): BigInt64Array =>
    concatValues(values, (length) => new BigInt64Array(length))
  const times = parts.flatMap((part) => part.times ?? [])
  const ordinals = parts.flatMap((part) => part.ordinals ?? [])
  return {
    keys: concat(parts.map((part) => part.keys)),
    times: times.length === 0 ? undefined : concat(times),
    ordinals: ordinals.length === 0 ? undefined : concatValues(ordinals, (length) => new Int32Array(length)),
  }
}

type SizedSource = MergeSource & { readonly table: { readonly numRows: number } }

/** The name of the input that a row of all inputs belongs to. */
function inputOf(inputs: readonly SizedSource[], row: number): string {
  let end = 0
  const input = inputs.find(({ table }) => (end += table.numRows) > row)
  return String(input?.name)
}

function inputReports(inputs: readonly SizedSource[], { rows, winners }: RowVersions): MergeReport['inputs'] {
  const isKept = new Uint8Array(rows.length)
  for (let at = 0; at < winners.length; at++) isKept[rowAt(winners, at)] = 1
  let start = 0
  return inputs
    .map(({ name, source, table }) => {
      let kept = 0
      for (const end = start + table.numRows; start < end; start++) kept += flagAt(isKept, start)
      return { name, source, rows: table.numRows, kept }
    })
    .reverse()
}
