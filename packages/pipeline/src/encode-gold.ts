import { integerValues, microsOf, type Series } from '@lake/core'
import { writeParquet } from '@lake/parquet'
import type { Table } from 'apache-arrow'
import { withIdentity } from './identity-columns.ts'

/** A gold partition as a Parquet file. */
export interface GoldFile {
  readonly bytes: Uint8Array
  readonly rows: number
  /** Time of the first and last row. */
  readonly first: number
  readonly last: number
}

/** Writes the Parquet file of a gold partition; `undefined` when there are no rows. */
export function encodeGold(
  table: Table,
  series: Series,
  metadata: Readonly<Record<string, string>>,
): GoldFile | undefined {
  const times = microsOf(integerValues(table, 'ts_event'))
  const [first] = times
  if (first === undefined) return undefined
  const bytes = writeParquet(withIdentity(table, series), { metadata })
  return { bytes, rows: table.numRows, first, last: times.at(-1) ?? first }
}
