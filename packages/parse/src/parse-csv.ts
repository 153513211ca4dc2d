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
import { NOTHING_TAKEN } from './bad-row.ts'
import type { ColumnMemory } from './column-memory.ts'
import { countLines } from './count-lines.ts'
import { type BlockCursor, CsvReader } from './csv-reader.ts'
import { expectedRows } from './expected-rows.ts'
import { type FileLayout, findLayout } from './file-layout.ts'
import { type FormatChange, formatChanges, knownPlaces } from './format-fingerprint.ts'
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
  readonly rows: number
  /** Whether it began with a header line. */
  readonly header: boolean
  /** The unit of its times; the table's are microseconds in any case. */
  readonly timeUnit: FileTimeUnit
  /** Whether no row's event time was before an earlier row's. */
  readonly sorted: boolean
  /** The earliest and latest event time, in epoch microseconds UTC. */
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
    const cursor: BlockCursor = { bytes: block, position: 0 }
    if (open === undefined) {
      open = openFile(options, quarantine, block)
      cursor.position = open.layout.start
    }
    const { builder, reader } = open
    let lines = countLines(block, cursor.position)
    while (cursor.position < block.length) {
      const limit = Math.min(batchRows, row + lines)
      builder.reserve(limit, batchRows)
      if (row === 0) firstLine = reader.line
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
  quarantine.check(rows + row)
  rows += row
  if (open === undefined || rows === 0) {
    throw new LakeError('BAD_FORMAT', `${file} has no rows. ${NOTHING_TAKEN}`, { details: { file } })
  }
  const { builder, reader, layout } = open
  if (row > 0) yield { table: builder.take(row), firstLine }
  const fingerprint: FormatFingerprint = {
    format: format.id,
    era: layout.era ?? null,
    header: layout.header ?? null,
    columns: layout.columns.length,
    timeUnit: builder.eventTime.unit ?? 'ms',
    places: builder.places,
    order: order.order,
    repeatedRows: reader.repeated,
    rows,
    expectedRows: expectedRows(options.dataset, period),
    ...(Number.isFinite(period.to - period.from) ? { days: (period.to - period.from) / DAY_MICROS } : {}),
  }
  return {
    file,
    format: format.id,
    rows,
    header: layout.header !== undefined,
    timeUnit: fingerprint.timeUnit,
    sorted: order.order === 'ascending',
    firstTime: order.earliest,
    lastTime: order.latest,
    inexact: builder.inexact,
    bytes,
    fingerprint,
    changes: options.previousFormat === undefined ? [] : formatChanges(options.previousFormat, fingerprint),
    quarantined: quarantine.rows,
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
  /** Throws when times went back to a coarser unit than the file before had. */
  checkUnit(line: number): void
}

function openFile<T extends TypeMap>(options: CsvOptions<T>, quarantine: Quarantine, block: Buffer): OpenFile<T> {
  const { file, schema, dataset, format, period, rowSource, previousFormat, memory } = options
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
  const reader = new CsvReader({
    file,
    columns,
    readers: builder.readers,
    delimiter: format.delimiter ?? ',',
    firstLine: layout.header === undefined ? 1 : 2,
    refuse: (row) => {
      quarantine.add(row)
    },
  })
  const checkUnit = (line: number): void => {
    if (previousFormat?.timeUnit !== 'us' || builder.eventTime.unit !== 'ms') return
    const column = columns.find(({ to }) => to === 'ts_event')?.name ?? ''
    throw new LakeError(
      'BAD_FORMAT',
      `${file} line ${line}, column ${column}: times are milliseconds, but the file before had microseconds. ${NOTHING_TAKEN}`,
      { details: { file, line, column, value: 'ms', format: format.id } },
    )
  }
  return { layout, builder, reader, checkUnit }
}
