import type { Columns, DataType, ExactColumns, ExactDecimals } from '@lake/core'
import type { Table, TypeMap } from 'apache-arrow'
import { type ParseOptions, readArchive } from './parse-archive.ts'
import type { ParseReport } from './parse-csv.ts'
import type { DecimalsOption } from './schema-of.ts'

/** The options of {@link parseArchive}, for a file in memory and a single batch. */
export interface ParseFileOptions<D extends DataType> extends Omit<ParseOptions<D>, 'source' | 'batchRows'> {
  /** The bytes of the zip. */
  readonly bytes: Uint8Array
}

export interface ParseResult<D extends DataType, T extends TypeMap = Columns[D]> {
  /** All rows, in the order of the file. */
  readonly table: Table<T>
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
export function parseArchiveFile<D extends DataType>(
  options: ParseFileOptions<D> & ExactDecimals,
): Promise<ParseResult<D, ExactColumns[D]>>
export function parseArchiveFile<D extends DataType>(
  options: ParseFileOptions<D> & { readonly decimals?: undefined },
): Promise<ParseResult<D>>
export async function parseArchiveFile(
  options: ParseFileOptions<DataType> & DecimalsOption,
): Promise<ParseResult<DataType, TypeMap>> {
  const { bytes, ...rest } = options
  const batches = readArchive({ ...rest, source: bytes, batchRows: Infinity })
  let table: Table<TypeMap> | undefined
  for (;;) {
    const { value, done } = await batches.next()
    if (done !== true) table = value.table
    else if (table !== undefined) return { table, report: value }
  }
}
