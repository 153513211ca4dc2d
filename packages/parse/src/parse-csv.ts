import type { Schema, Table, TypeMap } from 'apache-arrow'
import {
  type Columns,
  DAY_MICROS,
  type DataType,
  type DatasetId,
  type FileTimes,
  type FileTimeUnit,
  type FormatFingerprint,
  LakeError,
  reachOf,
  type RowSource,
  type SourceColumn,
  type SourceFormat,
} from '@lake/core'
import { type BadRow, NOTHING_TAKEN } from './bad-row.ts'
import type { ColumnMemory } from './column-memory.ts'
import { countLines } from './count-lines.ts'
import { type BlockCursor, CsvReader } from './csv-reader.ts'
import { expectedRows } from './expected-rows.ts'
import { type FileLayout, findLayout } from './file-layout.ts'
import { type FormatChange, formatChanges, knownPlaces } from './format-fingerprint.ts'
import { OwnLines, type SharedFile } from './own-lines.ts'
import { Quarantine, type QuarantinedRow, type QuarantineOptions } from './quarantine.ts'
import { TableBuilder } from './table-builder.ts'
import { TimeOrder } from './time-order.ts'
import { wholeLines } from './whole-lines.ts'

/** Rows of a file, in the file's order. */
export interface ParsedBatch<D extends DataType, T extends TypeMap = Columns[D]> {
  readonly table: Table<T>
  /** The line where its reading began, counted from 1: that of its first row, unless lines before it were put aside. */
  readonly firstLine: number
}

/** What a file was found to be. */
export interface ParseReport {
  /** The CSV's name. */
  readonly file: string
  /** The id of the format that describes it. */
  readonly format: string
  /** Of the dataset's instrument. */
  readonly rows: number
  /** Lines of other instruments, in a `shared` file; absent for others. */
  readonly passedOver?: number | undefined
  /** Whether it began with a header line. */
  readonly header: boolean
  /** The unit of its times; the table's are microseconds in any case. */
  readonly timeUnit: FileTimeUnit
  /** Whether no row's event time was before an earlier row's. */
  readonly sorted: boolean
  /**
   * The earliest and latest event time, in epoch microseconds UTC; both are the start of the period where a `shared` file
   * has no row.
   */
  readonly firstTime: number
  readonly lastTime: number
  /**
   * How many values of a column have more digits than a float64 keeps, or times more than microseconds. Columns
   * without such values are absent.
   */
  readonly inexact: Readonly<Record<string, number>>
  /** The size of the CSV. */
  readonly bytes: number
  /** What it looks like; to be given as `previousFormat` with the next file of the dataset. */
  readonly fingerprint: FormatFingerprint
  /** What is different than in `previousFormat`; none without one. */
  readonly changes: readonly FormatChange[]
  /** Lines that were put aside; none without `quarantine`. */
  readonly quarantined: readonly QuarantinedRow[]
  /** How many lines stand for rows that the venue has taken back; absent where none do. */
  readonly withdrawn?: number | undefined
}

export interface CsvOptions<T extends TypeMap> {
  /** Of the table of the format's data type. */
  readonly schema: Schema<T>
  readonly chunks: AsyncIterable<Uint8Array>
  /** The CSV's name, for messages. */
  readonly file: string
  readonly dataset: DatasetId
  readonly format: SourceFormat
  readonly period: FileTimes
  readonly rowSource: RowSource
  /** Rows in a batch; `Infinity` gives a single one. */
  readonly batchRows: number
  readonly previousFormat?: FormatFingerprint | undefined
  readonly quarantine?: QuarantineOptions | undefined
  readonly shared?: SharedFile | undefined
  readonly memory?: ColumnMemory | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads the bytes of a CSV, however they are cut into chunks, into tables of at most `batchRows` rows.
 *
 * @throws {@link LakeError} `BAD_FORMAT`, `BAD_ROW`, `WRONG_FILE`, and `BAD_REQUEST` when the format does not fit the
 * data type
 */
export async function* parseCsv<T extends TypeMap>(
  options: CsvOptions<T>,
): AsyncGenerator<ParsedBatch<DataType, T>, ParseReport, undefined> {
  const { file, format, period, batchRows, signal } = options
  const quarantine = new Quarantine(options.quarantine)
  const order = new TimeOrder()
  let bytes = 0
  let rows = 0
  let row = 0
  let firstLine = 0
  let open: OpenFile<T> | undefined
  for await (const block of wholeLines(counted(options.chunks))) {
    let start = 0
    if (open === undefined) {
      open = openFile(options, quarantine, block)
      start = open.layout.start
    }
    const { builder, reader, own } = open
    // Of a file of many instruments the lines of this one; the reader then counts these.
    const cursor: BlockCursor =
      own === undefined ? { bytes: block, position: start } : { bytes: own.in(block, start), position: 0 }
    if (own !== undefined) reader.line = 0
    let lines = countLines(cursor.bytes, cursor.position)
    while (cursor.position < cursor.bytes.length) {
      const limit = Math.min(batchRows, row + lines)
      builder.reserve(limit, batchRows)
      if (row === 0) firstLine = open.lineOf(reader.line)
      const { line } = reader
      const end = reader.rows(cursor, row, limit)
      order.note(builder.eventTime, row, end)
      open.checkUnit(line)
      lines -= reader.line - line
      row = end
      if (row < batchRows) continue
      yield { table: builder.take(row), firstLine }
      signal?.throwIfAborted()
      rows += row
      row = 0
    }
  }
  const passedOver = open?.own?.passedOver ?? 0
  quarantine.check(rows + row, passedOver)
  rows += row
  if (open === undefined || rows + passedOver === 0) {
    throw new LakeError('BAD_FORMAT', `${file} has no rows. ${NOTHING_TAKEN}`, { details: { file } })
  }
  const { builder, reader, layout, own } = open
  if (row > 0 || rows === 0) yield { table: builder.take(row), firstLine }
  const fingerprint: FormatFingerprint = {
    format: format.id,
    era: layout.era ?? null,
    header: layout.header ?? null,
    columns: layout.columns.length,
    timeUnit: builder.eventTime.unit ?? 'ms',
    places: builder.places,
    order: order.order,
    repeatedRows: reader.repeated,
    rows: rows + passedOver,
    ...(own === undefined ? {} : { ownRows: rows }),
    expectedRows: own === undefined ? expectedRows(options.dataset, period) : null,
    ...(Number.isFinite(period.to - period.from) ? { days: (period.to - period.from) / DAY_MICROS } : {}),
  }
  return {
    file,
    format: format.id,
    rows,
    ...(own === undefined ? {} : { passedOver }),
    header: layout.header !== undefined,
    timeUnit: fingerprint.timeUnit,
    sorted: order.order === 'ascending',
    firstTime: rows === 0 ? period.from : order.earliest,
    lastTime: rows === 0 ? period.from : order.latest,
    inexact: builder.inexact,
    bytes,
    fingerprint,
    changes: options.previousFormat === undefined ? [] : formatChanges(options.previousFormat, fingerprint),
    quarantined: quarantine.rows,
    ...(reader.withdrawn === 0 ? {} : { withdrawn: reader.withdrawn }),
  }

  async function* counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of chunks) {
      bytes += chunk.length
      yield chunk
    }
  }
}

interface OpenFile<T extends TypeMap> {
  readonly layout: FileLayout
  readonly builder: TableBuilder<T>
  readonly reader: CsvReader
  /** The lines of the instrument; absent where all are. */
  readonly own: OwnLines | undefined
  /** The number of a line in the file, by that of the reader. */
  lineOf(line: number): number
  /** Throws when times went back to a coarser unit than the file before had. */
  checkUnit(line: number): void
}

function openFile<T extends TypeMap>(options: CsvOptions<T>, quarantine: Quarantine, block: Buffer): OpenFile<T> {
  const { file, schema, dataset, format, period, rowSource, previousFormat, shared, memory } = options
  const layout = findLayout(file, block, format)
  const mostPlaces = (column: SourceColumn): number =>
    previousFormat === undefined ? Infinity : Math.max(knownPlaces(column), previousFormat.places[column.name] ?? 0)
  const { columns } = layout
  const { symbol, interval } = dataset
  const builder = new TableBuilder({
    schema,
    format,
    columns,
    range: reachOf(period),
    symbol,
    interval,
    rowSource,
    mostPlaces,
    memory,
  })
  const { delimiter = ',' } = format
  const firstLine = layout.header === undefined ? 1 : 2
  const refuseOwnerless = (row: BadRow): void => {
    quarantine.addOwnerless(row)
  }
  const own = shared && new OwnLines({ file, symbol, shared, columns, delimiter, firstLine, refuse: refuseOwnerless })
  const reader = new CsvReader({
    file,
    columns,
    readers: builder.readers,
    delimiter,
    firstLine,
    withdrawn: format.withdrawn,
    refuse: (row) => {
      const { fault } = row
      quarantine.add(own === undefined ? row : { ...row, fault: { ...fault, line: own.lineOf(fault.line) } })
    },
  })
  const lineOf = (line: number): number => own?.lineOf(line) ?? line
  const checkUnit = (read: number): void => {
    if (previousFormat?.timeUnit !== 'us' || builder.eventTime.unit !== 'ms') return
    const line = lineOf(read)
    const column = columns.find(({ to }) => to === 'ts_event')?.name ?? ''
    throw new LakeError(
      'BAD_FORMAT',
      `${file} line ${line}, column ${column}: times are milliseconds, but the file before had microseconds. ${NOTHING_TAKEN}`,
      { details: { file, line, column, value: 'ms', format: format.id } },
    )
  }
  return { layout, builder, reader, own, lineOf, checkUnit }
}
