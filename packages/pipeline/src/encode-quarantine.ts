import { writeParquet } from '@lake/parquet'
import { quarantineTable, type QuarantinedRow } from '@lake/parse'

/** The Parquet file of lines that are no rows. */
export function encodeQuarantine(
  rows: readonly QuarantinedRow[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  return writeParquet(quarantineTable(rows), { metadata })
}
