import { LakeError, type TimeRange } from '@lake/core'
import type { ColumnMetaData, RowGroup } from 'hyparquet'
import { storedToMicros } from './column-sink.ts'
import type { FileColumn } from './file-columns.ts'

/** The description of a column's bytes in a row group. */
export function chunkOf(rowGroup: RowGroup, column: string): ColumnMetaData {
  for (const { meta_data: chunk } of rowGroup.columns) {
    if (chunk?.path_in_schema.length === 1 && chunk.path_in_schema[0] === column) return chunk
  }
  throw new LakeError('CORRUPT_LAKE', `Column '${column}' has no bytes in a row group. Rebuild the file.`, {
    details: { column },
  })
}

/** From the first to the last time of a row group by its statistics; `undefined` when it has none. */
export function timeRange(rowGroup: RowGroup, column: FileColumn): TimeRange | undefined {
  const { statistics } = chunkOf(rowGroup, column.name)
  const first = statistics?.min_value ?? statistics?.min
  const last = statistics?.max_value ?? statistics?.max
  if (typeof first !== 'bigint' || typeof last !== 'bigint') return undefined
  return { from: Number(storedToMicros(first, column.unit)), to: Number(storedToMicros(last, column.unit)) + 1 }
}
