import type { DataType, LakeTable } from '@lake/core'
import { parseArchive, type ParseOptions } from './parse-archive.ts'
import type { ParseReport } from './parse-csv.ts'

/** The options of {@link parseArchive}, for a file in memory and a single batch. */
export interface ParseFileOptions<D extends DataType> extends Omit<ParseOptions<D>, 'source' | 'batchRows'> {
  /** The bytes of the zip. */
  readonly bytes: Uint8Array
}

export interface ParseResult<D extends DataType> {
  /** All rows, in the order of the file. */
  readonly table: LakeTable<D>
  readonly report: ParseReport
}

/**
 * Reads a whole archive file into one table of one batch, whose arrays have exactly the length of the file.
 *
 * @throws {@link LakeError} what {@link parseArchive} throws.
 *
 * @example
 * const { table, report } = await parseArchiveFile({ bytes, name, dataset, period, formats })
 * console.log(report.rows, floatValues(table, 'close')[0])
 */
export async function parseArchiveFile<D extends DataType>(options: ParseFileOptions<D>): Promise<ParseResult<D>> {
  const { bytes, ...rest } = options
  const batches = parseArchive({ ...rest, source: bytes, batchRows: Infinity })
  let table: LakeTable<D> | undefined
  for (;;) {
    const { value, done } = await batches.next()
    if (done !== true) table = value.table
    else if (table !== undefined) return { table, report: value }
  }
}
