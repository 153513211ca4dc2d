import {
  type ColumnValues,
  constantWord,
  type DecimalColumn,
  type Interval,
  makeTable,
  type RowSource,
  type SourceColumn,
  type SourceFormat,
  type TimeRange,
  type WordColumn,
} from '@lake/core'
import { Schema, type Table, type TypeMap } from 'apache-arrow'
import { badFormat } from './bad-format.ts'
import { closeTimes } from './close-times.ts'
import type { ColumnMemory } from './column-memory.ts'
import type { CellReader, ColumnReader } from './column-reader.ts'
import { DecimalReader } from './decimal-reader.ts'
import { ExactReader } from './exact-reader.ts'
import { exactScale } from './exact-scale.ts'
import { makeReader } from './make-reader.ts'
import { nullColumn } from './null-column.ts'
import { takeExactSigns, takeSigns } from './signed-sizes.ts'
import { TimeReader } from './time-reader.ts'
import type { FileClock } from './time-text.ts'

export interface TableBuilderOptions<T extends TypeMap> {
  /** Of the table of the format's data type; its decimals say whether numbers are float64 or exact. */
  readonly schema: Schema<T>
  readonly format: SourceFormat
  /** The set of the format's columns that the file has. */
  readonly columns: readonly SourceColumn[]
  /** What event times must lie in. */
  readonly range: TimeRange
  readonly symbol: string
  /** The grain of bars. */
  readonly interval: Interval | undefined
  readonly rowSource: RowSource
  /** The most places that a decimal column may have. */
  readonly mostPlaces: (column: SourceColumn) => number
  /** Of numbers and times. */
  readonly memory?: Pick<ColumnMemory, 'take'> | undefined
}

interface FilledColumn {
  /** The name in the source. */
  readonly from: string
  /** The silver column. */
  readonly name: string
  readonly kind: SourceColumn['kind']
  readonly reader: ColumnReader
}

/** The readers of a file's columns, and the silver tables that come out of them. */
export class TableBuilder<T extends TypeMap> {
  /** One reader a source column, in the order of the file. */
  readonly readers: readonly CellReader[]
  readonly eventTime: TimeReader
  readonly #clock: FileClock = { unit: undefined }
  readonly #columns: readonly FilledColumn[]
  readonly #closeTime: TimeReader | undefined
  readonly #schema: Schema<T>
  readonly #options: TableBuilderOptions<T>
  #capacity = 0

  /** @throws {@link LakeError} `BAD_REQUEST` when the format does not fit the table of its data type */
  constructor(options: TableBuilderOptions<T>) {
    const { schema, format, columns } = options
    this.#options = options
    const units = Object.entries(format.units ?? {}).map(([column, unit]): [string, string] => [`unit.${column}`, unit])
    this.#schema = new Schema<T>(schema.fields, new Map(units))
    const readers: (ColumnReader | CellReader)[] = []
    let eventTime: TimeReader | undefined
    for (const column of columns) {
      const reader = makeReader(column, { ...options, scale: exactScale(schema), clock: this.#clock, eventTime })
      if (column.to === 'ts_event' && reader instanceof TimeReader) {
        if (eventTime !== undefined) throw badFormat(format.id, 'needs one time column for ts_event')
        eventTime = reader
      }
      readers.push(reader)
    }
    if (eventTime === undefined) throw badFormat(format.id, 'needs one time column for ts_event')
    this.readers = readers
    this.eventTime = eventTime
    this.#columns = readers.flatMap((reader, index) => {
      const { name: from = '', to: name, kind = 'ignored' } = columns[index] ?? {}
      return name !== undefined && 'take' in reader ? [{ from, name, kind, reader }] : []
    })
    const closeTime = this.#columns.find(({ name }) => name === 'close_time')?.reader
    this.#closeTime = closeTime instanceof TimeReader ? closeTime : undefined
    for (const { name } of this.#columns) {
      if (!schema.fields.some((field) => field.name === name)) {
        throw badFormat(format.id, `fills ${name}, which ${format.dataType} do not have`)
      }
    }
  }

  /** Values by silver column whose shortest form is not the source's number; only columns that have some. */
  get inexact(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { name, reader } of this.#columns) {
      if ((isNumberReader(reader) || reader instanceof TimeReader) && reader.inexact > 0) {
        counts[name] = reader.inexact
      }
    }
    return counts
  }

  /** The most decimal places by source column. */
  get places(): Record<string, number> {
    return Object.fromEntries(
      this.#columns.flatMap(({ from, reader }) => (isNumberReader(reader) ? [[from, reader.places]] : [])),
    )
  }

  /** Makes room for at least `rows` rows, of at most `most` that may follow before {@link take}. */
  reserve(rows: number, most: number): void {
    if (rows <= this.#capacity) return
    this.#capacity = Math.min(most, Math.max(rows, 2 * this.#capacity))
    for (const { reader } of this.#columns) reader.reserve(this.#capacity)
  }

  /** The table of the first rows; the readers begin anew. */
  take(rows: number): Table<T> {
    const { format, rowSource } = this.#options
    const columns: Record<string, ColumnValues | DecimalColumn> = {
      source: oneWord(rowSource, rows),
      ...this.#derived(rows),
    }
    for (const { name, kind, reader } of this.#columns) {
      const values = reader.take(rows)
      columns[name] = values
      if (kind === 'signed-size') columns['side'] = sidesOf(values)
    }
    for (const [name, word] of Object.entries(format.constants ?? {})) columns[name] = oneWord(word, rows)
    for (const field of this.#schema.fields) {
      if (field.nullable) columns[field.name] ??= nullColumn(field, rows)
    }
    this.#capacity = 0
    if (fills(this.#schema, columns)) return makeTable(this.#schema, columns)
    throw badFormat(format.id, `does not fill every column of ${format.dataType} that must have a value`)
  }

  /** The times that follow from others. */
  #derived(rows: number): Record<string, ColumnValues> {
    const { format, interval } = this.#options
    const { availableAfter, closeBefore } = format
    if (availableAfter !== undefined) return { ts_available: this.eventTime.plus(rows, availableAfter) }
    if (closeBefore !== undefined) return closeTimes(this.eventTime, { rows, interval, closeBefore, format })
    // A bar is known one unit of its file's time after its close: when the next one opens.
    const unit = this.#clock.unit === 'ms' ? 1000 : 1
    return { ts_available: this.#closeTime?.plus(rows, unit) ?? this.eventTime.plus(rows, 0) }
  }
}

/** One word for all rows, in which nobody looks for nulls. */
function oneWord(word: string, rows: number): WordColumn {
  return { ...constantWord(word, rows), hasNull: false }
}

function isNumberReader(reader: ColumnReader): reader is DecimalReader | ExactReader {
  return reader instanceof DecimalReader || reader instanceof ExactReader
}

/** The sides that signed sizes say, whose signs are taken from them. */
function sidesOf(sizes: ColumnValues | DecimalColumn): ColumnValues {
  if (sizes instanceof Float64Array) return takeSigns(sizes)
  return 'units' in sizes ? takeExactSigns(sizes) : { codes: new Int32Array(), words: [] }
}

function fills<T extends TypeMap>(
  schema: Schema<T>,
  columns: object,
): columns is Record<keyof T, ColumnValues | DecimalColumn> {
  return schema.fields.every((field) => field.name in columns)
}
