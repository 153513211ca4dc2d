import {
  type DataType,
  type DatasetId,
  formatDatasetId,
  LakeError,
  type Period,
  type RowSource,
  type SourceFormat,
} from '@lake/core'
import { inflateMember } from './inflate-member.ts'
import { type ParsedBatch, parseCsv, type ParseReport } from './parse-csv.ts'
import { verifySha256 } from './verify-sha256.ts'
import { readZipMember } from './zip-member.ts'

export interface ParseOptions<D extends DataType> {
  /** The bytes of the zip. A stream is collected first: a zip is read from its end. */
  readonly source: AsyncIterable<Uint8Array> | Uint8Array
  /** The file's name or key; its last part, with `.csv` for `.zip`, is what the zip's member must be called. */
  readonly name: string
  readonly dataset: DatasetId & { readonly dataType: D }
  /** What the file covers: an event time outside it is refused. */
  readonly period: Period
  /** The formats of the dataset's exchange; the one of its market and data type is used. */
  readonly formats: readonly SourceFormat[]
  /** The published digest: the bytes are compared with it before anything else. */
  readonly sha256?: string | undefined
  /** The `source` of every row. Default `archive`. */
  readonly rowSource?: RowSource | undefined
  /** The largest CSV that is accepted, in bytes. Default 8 GiB. */
  readonly maxBytes?: number | undefined
  /** Rows in a batch; the last one may have fewer. Default 131,072. */
  readonly batchRows?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads an archive file, a zip with one CSV, into typed tables of at most `batchRows` rows, and returns the report.
 *
 * Strict: a file is right to the last byte, or it is refused. An error can come after batches that were given
 * already: whoever stores them must drop them then. The last batch comes after the file's CRC-32 was verified.
 * Rows keep the order of the file. Memory: the zip, and one batch.
 *
 * @throws {@link LakeError} `CHECKSUM_MISMATCH` when the bytes are not those of `sha256`; `BAD_ARCHIVE` when the zip
 * is damaged, hostile or no zip; `WRONG_FILE` when its member has another name; `BAD_FORMAT` when the header is not
 * the one described, or there are no rows; `BAD_ROW` for the first row that is not right, with file, line, column and
 * value; `UNSUPPORTED` when no format describes the dataset; `BAD_REQUEST` for options that cannot be.
 *
 * @example
 * for await (const { table } of parseArchive({ source, name, dataset, period, formats })) await writer.write(table)
 */
export async function* parseArchive<D extends DataType>(
  options: ParseOptions<D>,
): AsyncGenerator<ParsedBatch<D>, ParseReport, undefined> {
  const { name, dataset, period, signal } = options
  const { rowSource = 'archive', batchRows = 131_072, maxBytes = 8 * 2 ** 30 } = options
  if (batchRows !== Infinity && (!Number.isSafeInteger(batchRows) || batchRows < 1)) {
    throw new LakeError('BAD_REQUEST', `batchRows is ${batchRows}; it must be a whole number above 0.`)
  }
  const archive = name.slice(name.lastIndexOf('/') + 1)
  const file = csvName(archive)
  const format = formatOf(dataset, options.formats)
  const zip = await bytesOf(options.source, signal)
  if (options.sha256 !== undefined) verifySha256(archive, zip, options.sha256)
  const member = readZipMember(zip, archive, file, { maxBytes })

  const chunks = inflateMember(member, signal)
  return yield* parseCsv({ chunks, file, dataType: dataset.dataType, format, period, rowSource, batchRows, signal })
}

function csvName(archive: string): string {
  if (/.\.zip$/.test(archive)) return `${archive.slice(0, -4)}.csv`
  throw new LakeError('BAD_REQUEST', `'${archive}' is not the name of a zip file.`, { details: { file: archive } })
}

function formatOf(dataset: DatasetId, formats: readonly SourceFormat[]): SourceFormat {
  const { market, dataType } = dataset
  const format = formats.find((one) => one.dataType === dataType && one.markets.includes(market))
  if (format !== undefined) return format
  const id = formatDatasetId(dataset)
  const known = formats.flatMap((one) => one.markets.map((each) => `${each}/${one.dataType}`)).join(' ')
  throw new LakeError('UNSUPPORTED', `No format describes the files of ${id}, only ${known}.`, { details: { id } })
}

async function bytesOf(
  source: AsyncIterable<Uint8Array> | Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  signal?.throwIfAborted()
  if (source instanceof Uint8Array) return source
  const chunks: Uint8Array[] = []
  for await (const chunk of source) {
    signal?.throwIfAborted()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
