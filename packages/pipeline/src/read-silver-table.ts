import { type Columns, type DataType, type LakeTable, roundDecimals, tableSchema } from '@lake/core'
import type { ManifestFile } from '@lake/ledger'
import { readParquet } from '@lake/parquet'
import type { Schema } from 'apache-arrow'
import { EXACT } from './lake-decimals.ts'

export interface ReadSilverTableOptions<D extends DataType> {
  readonly dataType: D
  /** That of the data type; a new one when absent. */
  readonly schema?: Schema<Columns[D]> | undefined
  /** What the manifest records of the file. */
  readonly options: ManifestFile['options']
  /** What the bytes are called in messages. */
  readonly name?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The rows of a silver file, whose exact decimals become the nearest float64: what is derived from them is the same as
 * from a file of float64.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when the bytes are no such file.
 */
export async function readSilverTable<D extends DataType>(
  bytes: Uint8Array,
  { dataType, schema = tableSchema(dataType), options, name, signal }: ReadSilverTableOptions<D>,
): Promise<LakeTable<D>> {
  if (options['decimals'] !== 'exact') return readParquet(bytes, { schema, name, signal })
  return roundDecimals(await readParquet(bytes, { schema: tableSchema(dataType, EXACT), name, signal }), schema)
}
