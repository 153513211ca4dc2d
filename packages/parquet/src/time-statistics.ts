import { LakeError, type TimeRange } from '@lake/core'
import type { FileColumn, StoredUnit } from './file-columns.ts'
import type { ColumnChunk, RowGroup } from './file-footer.ts'
import { storedToMicros } from './stored-times.ts'
import { ThriftReader } from './thrift-reader.ts'

/** A column's bytes in a row group. */
export function chunkOf({ chunks }: RowGroup, column: string): ColumnChunk {
  const chunk = chunks.get(column)
  if (chunk !== undefined) return chunk
  throw new LakeError('CORRUPT_LAKE', `Column '${column}' has no bytes in a row group. Rebuild the file.`, {
    details: { column },
  })
}

/** From the first to the last time of a row group by its statistics; `undefined` when it has none. */
export function timeRange(rowGroup: RowGroup, column: FileColumn): TimeRange | undefined {
  const { statistics } = chunkOf(rowGroup, column.name)
  if (statistics === undefined) return undefined
  const reader = new ThriftReader(statistics, 'statistics')
  const values: Uint8Array[] = []
  reader.fields((id) => {
    if (id === 1 || id === 2 || id === 5 || id === 6) values[id] = reader.binary()
    else reader.skip()
  })
  // Older writers know two fields only, others fill in all four of them.
  return boundsOfTimes(values[6] ?? values[2], values[5] ?? values[1], column.unit)
}

/** From the first to the last time, which are given as PLAIN bytes; `undefined` where they are not both known. */
export function boundsOfTimes(
  first: Uint8Array | undefined,
  last: Uint8Array | undefined,
  unit: StoredUnit,
): TimeRange | undefined {
  if (first?.length !== 8 || last?.length !== 8) return undefined
  return { from: microsOf(first, unit), to: microsOf(last, unit) + 1 }
}

function microsOf(bytes: Uint8Array, unit: StoredUnit): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Number(storedToMicros(view.getBigInt64(0, true), unit))
}
