import { LakeError, type TimeRange } from '@lake/core'
import type { ColumnChunk, ColumnMetaData, RowGroup } from 'hyparquet'
import type { FileColumn } from './file-columns.ts'
import { storedToMicros } from './stored-times.ts'

/** A column's bytes in a row group. */
export function chunkOf(rowGroup: RowGroup, column: string): ColumnChunk {
  for (const chunk of rowGroup.columns) {
    const path = chunk.meta_data?.path_in_schema
    if (path?.length === 1 && path[0] === column) return chunk
  }
  throw new LakeError('CORRUPT_LAKE', `Column '${column}' has no bytes in a row group. Rebuild the file.`, {
    details: { column },
  })
}

/** What the footer says of a column's bytes. */
export function metadataOf(chunk: ColumnChunk): ColumnMetaData {
  if (chunk.meta_data !== undefined) return chunk.meta_data
  throw new Error('a column has no metadata')
}

/** From the first to the last time of a row group by its statistics; `undefined` when it has none. */
export function timeRange(rowGroup: RowGroup, column: FileColumn): TimeRange | undefined {
  const { statistics } = metadataOf(chunkOf(rowGroup, column.name))
  const first = statistics?.min_value ?? statistics?.min
  const last = statistics?.max_value ?? statistics?.max
  if (typeof first !== 'bigint' || typeof last !== 'bigint') return undefined
  return { from: Number(storedToMicros(first, column.unit)), to: Number(storedToMicros(last, column.unit)) + 1 }
}
