import { type DataType, LakeError, type LakeTable, type Period, type RowSource, type SourceFormat } from '@lake/core'
import { NOTHING_TAKEN } from './bad-row.ts'
import { countLines, CsvReader } from './csv-reader.ts'
import type { Cursor } from './cursor.ts'
import { TableBuilder } from './table-builder.ts'
import { wholeLines } from './whole-lines.ts'

/** Rows of a file, in the file's order. */
export interface ParsedBatch<D extends DataType> {
  readonly table: LakeTable<D>
  /** The line of the first row, counted from 1. */
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
  readonly timeUnit: 'ms' | 'us'
  /** Whether no row's event time was before an earlier row's. */
  readonly sorted: boolean
  /** The earliest and latest event time, in epoch microseconds UTC. */
  readonly firstTime: number
  readonly lastTime: number
  /** How many values of a column have more digits than a float64 keeps. Columns without such values are absent. */
  readonly inexact: Readonly<Record<string, number>>
  /** The size of the CSV. */
  readonly bytes: number
}

export interface CsvOptions<D extends DataType> {
  readonly chunks: AsyncIterable<Uint8Array>
  /** The CSV's name, for messages. */
  readonly file: string
  readonly dataType: D
  readonly format: SourceFormat
  readonly period: Period
  readonly rowSource: RowSource
  /** Rows in a batch; `Infinity` gives a single one. */
  readonly batchRows: number
  readonly signal: AbortSignal | undefined
}

/**
 * Reads the bytes of a CSV, however they are cut into chunks, into tables of at most `batchRows` rows.
 *
 * @throws {@link LakeError} `BAD_FORMAT`, `BAD_ROW`, and `BAD_REQUEST` when the format does not fit the data type
 */
export async function* parseCsv<D extends DataType>(
  options: CsvOptions<D>,
): AsyncGenerator<ParsedBatch<D>, ParseReport, undefined> {
  const { file, format, batchRows, signal } = options
  const builder = new TableBuilder(options.dataType, format, options.period, options.rowSource)
  const reader = new CsvReader(file, format, builder.readers)
  let bytes = 0
  let rows = 0
  let row = 0
  let firstLine = 0
  for await (const block of wholeLines(counted(options.chunks))) {
    const cursor: Cursor = { bytes: block, position: reader.start(block) }
    let lines = countLines(block, cursor.position)
    while (cursor.position < block.length) {
      const limit = Math.min(batchRows, row + lines)
      builder.reserve(limit, batchRows)
      if (row === 0) firstLine = reader.line
      const end = reader.rows(cursor, row, limit)
      lines -= end - row
      row = end
      if (row < batchRows) continue
      yield { table: builder.take(row), firstLine }
      signal?.throwIfAborted()
      rows += row
      row = 0
    }
  }
  if (row > 0) yield { table: builder.take(row), firstLine }
  rows += row
  if (rows === 0) throw new LakeError('BAD_FORMAT', `${file} has no rows. ${NOTHING_TAKEN}`, { details: { file } })
  const { eventTime, clock, inexact } = builder
  return {
    file,
    format: format.id,
    rows,
    header: reader.header === true,
    timeUnit: clock.microsPerUnit === 1 ? 'us' : 'ms',
    sorted: eventTime.sorted,
    firstTime: eventTime.earliest,
    lastTime: eventTime.latest,
    inexact,
    bytes,
  }

  async function* counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of chunks) {
      bytes += chunk.length
      yield chunk
    }
  }
}
