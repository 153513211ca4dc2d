import { type DataType, integerValues, type LakeTable, microsOf, rowIdentity } from '@lake/core'
import { makeVector, type Table } from 'apache-arrow'
import type { HeldArchive } from './held-file.ts'

/**
 * Rows whose ids count the rows of a file, counted from 1 in the period at hand: so the rows of a day are the same in
 * the file of the day and in that of its month. A row that one of them lacks moves all that follow. Rows of times
 * without a file keep the ids of the venue.
 */
export function numberAnew(table: LakeTable<DataType>, archives: readonly HeldArchive[]): Table {
  const { id } = rowIdentity('trades')
  const rows: Table = table
  if (id === undefined || !rows.schema.names.includes(id)) return rows
  let count = 0n
  const given = integerValues(rows, id)
  const ids = BigInt64Array.from(microsOf(integerValues(rows, 'ts_event')), (time, row) =>
    archives.some(({ period }) => period.from <= time && time < period.to) ? ++count : (given[row] ?? 0n),
  )
  return rows.setChild(id, makeVector(ids))
}
