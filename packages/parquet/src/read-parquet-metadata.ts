import type { TimeRange } from '@lake/core'
import { type OpenParquetOptions, type ParquetSource, withParquetFile } from './parquet-file.ts'
import { timeRange } from './time-statistics.ts'

/** What the footer of a Parquet file says. */
export interface ParquetMetadata {
  readonly rows: number
  /** Names of the top-level columns, in the order of the file. */
  readonly columns: readonly string[]
  /** The file's key-value metadata. */
  readonly metadata: Readonly<Record<string, string>>
  readonly rowGroups: readonly ParquetRowGroup[]
  /** The program that wrote it, when it says so. */
  readonly createdBy?: string | undefined
}

export interface ParquetRowGroup {
  readonly rows: number
  /** From the first to after the last `ts_event`, closed-open; absent when the statistics do not say. */
  readonly range?: TimeRange | undefined
}

/**
 * What the footer of a Parquet file says, without reading its columns: one read of at most 64 KB as a rule.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when the bytes are no Parquet file. What the source throws passes unwrapped.
 *
 * @example
 * (await readParquetMetadata(bytes)).rows // 44640
 */
export async function readParquetMetadata(
  source: ParquetSource,
  options: OpenParquetOptions = {},
): Promise<ParquetMetadata> {
  return withParquetFile(source, options, ({ footer, columns }) => {
    const time = columns.get('ts_event')
    return Promise.resolve({
      rows: footer.rows,
      columns: [...columns.keys()],
      metadata: footer.metadata,
      rowGroups: footer.rowGroups.map((rowGroup) => ({
        rows: rowGroup.rows,
        range: time?.kind === 'time' ? timeRange(rowGroup, time) : undefined,
      })),
      createdBy: footer.createdBy,
    })
  })
}
