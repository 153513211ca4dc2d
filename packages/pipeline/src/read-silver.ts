import {
  type DataType,
  LakeError,
  type LakeTable,
  type ObjectStore,
  readObject,
  tableSchema,
  type TimeRange,
} from '@lake/core'
import { type ManifestFile, sha256Of } from '@lake/ledger'
import { Table } from 'apache-arrow'
import type { Lake } from './define-lake.ts'
import { readSilverTable } from './read-silver-table.ts'
import { rowsInRange } from './rows-in-range.ts'

interface ReadSilverOptions {
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
export type SilverReader<D extends DataType> = (options: ReadSilverOptions) => Promise<LakeTable<D>>

/** A month of bars and the one after it, into which the last bar may reach. */
const KEPT_FILES = 2

/**
 * A reader of one silver table that keeps the two files it read last: gold intervals that are made of the same month,
 * side by side or one after the other, read it once.
 */
export function openSilverReader<D extends DataType>(lake: Lake, dataType: D): SilverReader<D> {
  const schema = tableSchema(dataType)
  const kept = new Map<string, Promise<LakeTable<D>>>()
  const readFile = async (file: ManifestFile, signal: AbortSignal | undefined): Promise<LakeTable<D>> => {
    const name = `${file.key} ${file.etag}`
    const read = async (): Promise<LakeTable<D>> => {
      const bytes = await readTold(lake.store, file, signal)
      return readSilverTable(bytes, { dataType, schema, options: file.options, name: file.key, signal })
    }
    const table = kept.get(name) ?? read()
    // Taken out and put in again, it is the youngest.
    kept.delete(name)
    kept.set(name, table)
    for (const oldest of [...kept.keys()].slice(0, -KEPT_FILES)) kept.delete(oldest)
    try {
      return await table
    } catch (error) {
      if (kept.get(name) === table) kept.delete(name)
      throw error
    }
  }
  return async ({ files, range, signal }) => {
    const tables: LakeTable<D>[] = []
    for (const file of files) tables.push(rowsInRange(await readFile(file, signal), range))
    return new Table(schema, ...tables.flatMap((table) => table.batches))
  }
}

/** The bytes that a manifest tells of: their etag says so, or, in a lake that was copied elsewhere, their hash. */
async function readTold(
  store: ObjectStore,
  { key, etag, sha256 }: ManifestFile,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  try {
    return await readObject(store, key, { ifMatch: etag, signal })
  } catch (error) {
    if (!LakeError.is(error) || error.code !== 'CONFLICT') throw error
    const bytes = await readObject(store, key, { signal })
    if (sha256Of(bytes) !== sha256) throw error
    return bytes
  }
}
