import { isUtf8 } from 'node:buffer'
import {
  type Columns,
  type DataType,
  type DatasetId,
  type ExactColumns,
  type ExactDecimals,
  formatDatasetId,
  LakeError,
  type PageFormat,
  type RawPage,
  type RowSource,
} from '@lake/core'
import type { Table, TypeMap } from 'apache-arrow'
import { type DecimalsOption, schemaOf } from '../schema-of.ts'
import { badPage } from './bad-page.ts'
import { JsonTape } from './json-tape.ts'
import { PageReader } from './page-reader.ts'

const LINE_FEED = 10

/** What describes a page: a series of REST rules, a channel of live rules, or anything with an id and a format. */
export interface PageSeries {
  /** What the envelopes of its pages say. */
  readonly id: string
  readonly format: PageFormat
}

export interface ParsePagesOptions<D extends DataType> {
  readonly pages: Iterable<RawPage> | AsyncIterable<RawPage>
  readonly dataset: DatasetId & { readonly dataType: D }
  /** The series that the pages may be of, as in `adapter.rest.series`. */
  readonly series: readonly PageSeries[]
  /** The `source` of every row. Default `ws` for pages of many JSON texts, else `rest`. */
  readonly rowSource?: RowSource | undefined
  /** A batch is given once it has so many rows; no JSON text is cut. Default 131,072. */
  readonly batchRows?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Rows of one series, in the order of the pages. */
export interface PageBatch<D extends DataType, T extends TypeMap = Columns[D]> {
  readonly table: Table<T>
  readonly series: string
}

/** What became of the pages. */
export interface PagesReport {
  readonly pages: number
  readonly rows: number
  /** Rows outside of their page's range. */
  readonly outside: number
  /** Rows that were not final when their page was asked for. */
  readonly unfinished: number
  /** Rows that the format leaves to other formats. */
  readonly filtered: number
  /** Frames that have no place for rows. */
  readonly otherFrames: number
  /** Whether no row's event time was before an earlier row's of the same series. */
  readonly sorted: boolean
  /** The earliest and latest event time, in epoch microseconds UTC; `undefined` without rows. */
  readonly firstTime: number | undefined
  readonly lastTime: number | undefined
  /** How many values of a column have more digits than a float64 keeps. Columns without such values are absent. */
  readonly inexact: Readonly<Record<string, number>>
  /** How many times of a column were finer than a microsecond, and were cut. */
  readonly cut: Readonly<Record<string, number>>
  readonly bytes: number
}

/**
 * Reads pages of JSON, as REST interfaces answer and WebSockets send them, into typed tables, and returns the report.
 *
 * Strict, as archives are: a page is right to its last byte, or it is refused. Rows outside of the range of their
 * page, and bars that were not final when it was asked for, are left out and counted. `ts_available` is the next bar's
 * open, else the event time. Numbers are read from their text: the nearest float64 of the venue's decimal, quoted or
 * not, and ids to the last digit. Silver columns that the series does not give are null, but for
 * `funding_interval_hours`: where an answer has as many hours before a funding rate as after it, these are its interval.
 *
 * With `decimals: 'exact'` numbers are DECIMAL(38, scale) instead.
 *
 * Rows keep the order of the pages, and doubles stay. Memory: one page, and one batch a series. Linear in the bytes.
 *
 * @throws {@link LakeError} `BAD_FORMAT` when a page is no JSON, or holds no rows where its format says; `BAD_ROW` for
 * the first value that is not right, with key, row, field and value; `WRONG_FILE` when a page or a row is of another
 * dataset; `UNSUPPORTED` when no series describes a page; `BAD_REQUEST` for options that cannot be.
 *
 * @example
 * const series = binance.rest?.series ?? []
 * for await (const { table } of parsePages({ pages, dataset, series })) await writer.write(table)
 */
export function parsePages<D extends DataType>(
  options: ParsePagesOptions<D> & ExactDecimals,
): AsyncGenerator<PageBatch<D, ExactColumns[D]>, PagesReport, undefined>
export function parsePages<D extends DataType>(
  options: ParsePagesOptions<D> & { readonly decimals?: undefined },
): AsyncGenerator<PageBatch<D>, PagesReport, undefined>
export function parsePages(
  options: AnyPagesOptions,
): AsyncGenerator<PageBatch<DataType, TypeMap>, PagesReport, undefined> {
  return readPages(options)
}

/** The options of either kind of numbers. */
export type AnyPagesOptions = ParsePagesOptions<DataType> & DecimalsOption

/** {@link parsePages}, for callers that do not know which numbers there are. */
export async function* readPages(
  options: AnyPagesOptions,
): AsyncGenerator<PageBatch<DataType, TypeMap>, PagesReport, undefined> {
  const schema = schemaOf(options.dataset.dataType, options)
  const { dataset, signal, batchRows = 131_072 } = options
  if (batchRows !== Infinity && (!Number.isSafeInteger(batchRows) || batchRows < 1)) {
    throw new LakeError('BAD_REQUEST', `batchRows is ${batchRows}; it must be a whole number above 0.`)
  }
  const readers = new Map<string, PageReader<TypeMap>>()
  const tape = new JsonTape()
  let [pages, rows, bytes, otherFrames] = [0, 0, 0, 0]
  signal?.throwIfAborted()
  for await (const page of options.pages) {
    signal?.throwIfAborted()
    const reader = readerOf(page)
    const body = Buffer.from(page.body.buffer, page.body.byteOffset, page.body.length)
    if (!isUtf8(body)) throw badPage('BAD_FORMAT', { page, why: 'is not UTF-8' })
    const isLines = page.lines === true
    let line = 0
    for (let at = 0; at < body.length || (line === 0 && !isLines);) {
      const feed = isLines ? body.indexOf(LINE_FEED, at) : -1
      const to = feed === -1 ? body.length : feed
      line++
      const end = tape.read(body, at, to)
      if (end !== to) throw noJson(page, line, at, end)
      const hasRows = reader.read(tape, page, line)
      if (!hasRows && !isLines) throw noRows(page, tape)
      if (!hasRows) otherFrames++
      at = to + 1
      if (reader.rows < batchRows) continue
      yield take(page.envelope.series, reader)
      signal?.throwIfAborted()
    }
    pages++
    bytes += body.length
  }
  for (const [series, reader] of readers) {
    if (reader.rows > 0) yield take(series, reader)
  }
  const all = [...readers.values()]
  const sum = (of: (reader: PageReader<TypeMap>) => number): number =>
    all.reduce((total, reader) => total + of(reader), 0)
  return {
    pages,
    rows,
    outside: sum((reader) => reader.outside),
    unfinished: sum((reader) => reader.unfinished),
    filtered: sum((reader) => reader.filtered),
    otherFrames,
    sorted: all.every((reader) => reader.sorted),
    firstTime: rows === 0 ? undefined : Math.min(...all.map((reader) => reader.earliest)),
    lastTime: rows === 0 ? undefined : Math.max(...all.map((reader) => reader.latest)),
    inexact: added(all.map(({ table }) => table.inexact)),
    cut: added(all.map(({ table }) => table.cut)),
    bytes,
  }

  function readerOf(page: RawPage): PageReader<TypeMap> {
    const { series: id, dataset: of } = page.envelope
    const [given, wanted] = [formatDatasetId(of), formatDatasetId(dataset)]
    if (given !== wanted) throw badPage('WRONG_FILE', { page, why: `is a page of ${given}, not of ${wanted}` })
    const known = readers.get(id)
    if (known !== undefined) return known
    const format = options.series.find((one) => one.id === id)?.format
    if (format === undefined) {
      const ids = options.series.map((one) => one.id).join(' ')
      throw new LakeError('UNSUPPORTED', `No series ${id} is described, only ${ids}.`, { details: { series: id } })
    }
    const reader = new PageReader(dataset, schema, format, options.rowSource ?? (page.lines === true ? 'ws' : 'rest'))
    readers.set(id, reader)
    return reader
  }

  function take(series: string, reader: PageReader<TypeMap>): PageBatch<DataType, TypeMap> {
    const table = reader.table.take(reader.rows)
    rows += reader.rows
    reader.rows = 0
    return { table, series }
  }

  function noJson(page: RawPage, line: number, at: number, end: number): LakeError {
    const position = (end < 0 ? tape.faultAt : end) - at
    const why = end < 0 ? `is no JSON: it ${tape.fault}` : 'is no JSON: something follows the value'
    return badPage('BAD_FORMAT', { page, line, why: `${why} at byte ${position}` })
  }
}

function noRows(page: RawPage, tape: JsonTape): LakeError {
  return badPage('BAD_FORMAT', { page, value: tape.text(0), why: 'has no rows where its format says' })
}

function added(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count
  }
  return sums
}
