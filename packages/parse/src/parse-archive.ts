import {
  type DataType,
  type DatasetId,
  type ExactColumns,
  type ExactDecimals,
  type FileTimes,
  formatDatasetId,
  type FormatFingerprint,
  LakeError,
  type RowSource,
  type SourceFormat,
} from '@lake/core'
import type { TypeMap } from 'apache-arrow'
import type { ColumnMemory } from './column-memory.ts'
import { csvNameOf, openContent } from './file-content.ts'
import type { SharedFile } from './own-lines.ts'
import { type ParsedBatch, parseCsv, type ParseReport } from './parse-csv.ts'
import type { QuarantineOptions } from './quarantine.ts'
import { type DecimalsOption, schemaOf } from './schema-of.ts'

export interface ParseOptions<D extends DataType> {
  /** The bytes of the file. A stream above 8 MiB is read as it comes, in bounded memory. */
  readonly source: AsyncIterable<Uint8Array> | Uint8Array
  /**
   * The file's name or key. Its last part must end as the format's container says, `.zip`, `.csv.gz` or `.csv`; with
   * `.csv` for `.zip` it is what a zip's member must be called.
   */
  readonly name: string
  readonly dataset: DatasetId & { readonly dataType: D }
  /** What the file covers: an event time outside of it, and of what it reaches to, is refused. */
  readonly period: FileTimes
  /** The formats of the dataset's exchange; the one of its market and data type is used. */
  readonly formats: readonly SourceFormat[]
  /** The published digest: the bytes are compared with it before anything else, or as they come. */
  readonly sha256?: string | undefined
  /** The `source` of every row. Default `archive`. */
  readonly rowSource?: RowSource | undefined
  /** The largest CSV that is accepted, in bytes. Default 8 GiB. */
  readonly maxBytes?: number | undefined
  /** Rows in a batch; the last one may have fewer. Default 131,072. */
  readonly batchRows?: number | undefined
  /**
   * What the file before it was found to look like: what neither that nor the format's description knows (more decimal
   * places, times in milliseconds after microseconds) stops the file, and every other difference is reported.
   */
  readonly previousFormat?: FormatFingerprint | undefined
  /** Puts bad rows aside, up to a limit, instead of refusing the file for the first one. */
  readonly quarantine?: QuarantineOptions | undefined
  /**
   * The file holds rows of many instruments: those of the dataset's symbol are taken, and the others are counted as
   * `passedOver`. Told apart by the column of kind `symbol`: a file without one is refused, and so is one with a name
   * that does not begin as all of them do. A line that names nobody is put aside as a bad one, up to the same share of
   * all lines. No row of the symbol is no error.
   */
  readonly shared?: SharedFile | undefined
  /**
   * Where numbers and times lie. Tables hold their values until its `reuse` is called, by whoever reads them no more.
   * Default: memory of its own for every table.
   */
  readonly memory?: ColumnMemory | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads an archive file, a CSV in its container, into typed tables of at most `batchRows` rows, and returns the report.
 *
 * Strict: a file is right to the last byte, or it is refused; with `quarantine`, up to a share of bad lines. An error
 * can come after batches that were given already: whoever stores them must drop them then. The last batch comes after
 * the file's checksums were verified. Rows keep the order of the file.
 *
 * With `decimals: 'exact'` prices, sizes and rates are DECIMAL(38, scale): every digit of the source, `scale` of them
 * behind the point, 18 when absent. A value that does not fit is a bad row.
 *
 * Memory: one batch, and the file where it is given as bytes, or is a zip whose sizes stand behind its data.
 *
 * @throws {@link LakeError} `CHECKSUM_MISMATCH` when the bytes are not those of `sha256`; `BAD_ARCHIVE` when the
 * container is damaged, hostile or none; `WRONG_FILE` when a zip's member has another name, or a row another symbol
 * (in a `shared` file, one that cannot be in it);
 * `BAD_FORMAT` when the header is not one that is described, the form is another than `previousFormat` and not known,
 * or there are no rows; `BAD_ROW` for the first row that is not right, with file, line, column and value;
 * `UNSUPPORTED` when no format describes the dataset; `BAD_REQUEST` for options that cannot be.
 *
 * @example
 * for await (const { table } of parseArchive({ source, name, dataset, period, formats })) await writer.write(table)
 */
export function parseArchive<D extends DataType>(
  options: ParseOptions<D> & ExactDecimals,
): AsyncGenerator<ParsedBatch<D, ExactColumns[D]>, ParseReport, undefined>
export function parseArchive<D extends DataType>(
  options: ParseOptions<D> & { readonly decimals?: undefined },
): AsyncGenerator<ParsedBatch<D>, ParseReport, undefined>
export function parseArchive(
  options: AnyParseOptions,
): AsyncGenerator<ParsedBatch<DataType, TypeMap>, ParseReport, undefined> {
  return readArchive(options)
}

/** The options of either kind of numbers. */
export type AnyParseOptions = ParseOptions<DataType> & DecimalsOption

/** {@link parseArchive}, for callers that do not know which numbers there are. */
export async function* readArchive(
  options: AnyParseOptions,
): AsyncGenerator<ParsedBatch<DataType, TypeMap>, ParseReport, undefined> {
  const { source, name, dataset, period, sha256, previousFormat, quarantine, shared, memory, signal } = options
  const { rowSource = 'archive', batchRows = 131_072, maxBytes = 8 * 2 ** 30 } = options
  if (batchRows !== Infinity && (!Number.isSafeInteger(batchRows) || batchRows < 1)) {
    throw new LakeError('BAD_REQUEST', `batchRows is ${batchRows}; it must be a whole number above 0.`)
  }
  const archive = name.slice(name.lastIndexOf('/') + 1)
  const format = formatOf(dataset, options.formats)
  const file = csvNameOf(archive, format.container)
  const content = openContent({ source, archive, container: format.container, sha256, maxBytes, signal })
  const { chunks } = content
  const schema = schemaOf(dataset.dataType, options)
  const csv = {
    schema,
    chunks,
    file,
    dataset,
    format,
    period,
    rowSource,
    batchRows,
    previousFormat,
    quarantine,
    shared,
    memory,
    signal,
  }
  try {
    return yield* parseCsv(csv)
  } catch (error) {
    throw await content.explain(error)
  } finally {
    await content.close()
  }
}

function formatOf(dataset: DatasetId, formats: readonly SourceFormat[]): SourceFormat {
  const { market, dataType } = dataset
  const format = formats.find((one) => one.dataType === dataType && one.markets.includes(market))
  if (format !== undefined) return format
  const id = formatDatasetId(dataset)
  const known = formats.flatMap((one) => one.markets.map((each) => `${each}/${one.dataType}`)).join(' ')
  throw new LakeError('UNSUPPORTED', `No format describes the files of ${id}, only ${known}.`, { details: { id } })
}
