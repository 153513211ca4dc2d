import { type DataType, type LakeTable, readObject, tableSchema, type TimeRange } from '@lake/core'
import type { ManifestFile } from '@lake/ledger'
import { readParquet } from '@lake/parquet'
import { Table } from 'apache-arrow'
import type { Lake } from './define-lake.ts'

export interface ReadSilverOptions<D extends DataType> {
  readonly lake: Lake
  readonly dataType: D
  /** Partitions in order of time, as their manifests know them. */
  readonly files: readonly ManifestFile[]
  readonly range: TimeRange
  readonly signal?: AbortSignal | undefined
}

/**
 * The rows of silver partitions that lie in a range, one batch a partition.
 *
 * @throws {@link LakeError} `CONFLICT` when a file is no longer the one that its manifest was read with.
 */
export async function readSilver<D extends DataType>(options: ReadSilverOptions<D>): Promise<LakeTable<D>> {
  const { lake, dataType, files, range, signal } = options
  const schema = tableSchema(dataType)
  const tables: LakeTable<D>[] = []
  for (const file of files) {
    const bytes = await readObject(lake.store, file.key, { ifMatch: file.etag, signal })
    tables.push(await readParquet(bytes, { schema, range, signal }))
  }
  return new Table(schema, ...tables.flatMap((table) => table.batches))
}
