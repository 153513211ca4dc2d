import {
  type ColumnValues,
  constantWord,
  type DecimalColumn,
  type DatasetId,
  LakeError,
  makeTable,
  nextIntervalStart,
  type PageFormat,
  type RowSource,
  type SourceColumn,
} from '@lake/core'
import { type Field, Schema, type Table, type TypeMap } from 'apache-arrow'
import { exactScale } from '../exact-scale.ts'
import { Int64Values } from '../int64-values.ts'
import { nullColumn } from '../null-column.ts'
import { CellColumn } from './cell-column.ts'
import { FundingIntervals } from './funding-intervals.ts'
import { pageColumn } from './page-column.ts'
import type { PageColumn } from './json-column.ts'
import { PageTimes } from './page-times.ts'

/** A source column of pages, and what keeps its values; kinds that keep nothing have no reader. */
export interface PageCell {
  readonly column: SourceColumn
  readonly reader: PageColumn | undefined
}

/** The columns of the rows of pages of one format, and the silver tables that come out of them. */
export class PageTable<T extends TypeMap> {
  /** One for each column of the format, in its order. */
  readonly cells: readonly PageCell[]
  /** The event time, and the close time where a column fills it. */
  readonly eventTime: PageTimes
  readonly #closeTime: PageTimes | undefined
  readonly #dataset: DatasetId
  readonly #schema: Schema<T>
  readonly #format: PageFormat
  readonly #source: RowSource
  readonly #available = new Int64Values()
  readonly #closes: Int64Values | undefined
  /** Of funding rates whose answers do not say for how long they pay. */
  readonly intervals: FundingIntervals | undefined
  #capacity = 0

  /** @throws {@link LakeError} `BAD_REQUEST` when the format does not fit the table of its data type */
  constructor(dataset: DatasetId, schema: Schema<T>, format: PageFormat, source: RowSource) {
    const units = Object.entries(format.units ?? {}).map(([column, unit]): [string, string] => [`unit.${column}`, unit])
    this.#schema = new Schema<T>(schema.fields, new Map(units))
    this.#dataset = dataset
    this.#format = format
    this.#source = source
    this.cells = format.columns.map((column) => ({ column, reader: pageColumn(column, exactScale(schema)) }))
    const saysInterval = format.columns.some(({ to }) => to === 'funding_interval_hours')
    this.intervals = dataset.dataType === 'fundingRate' && !saysInterval ? new FundingIntervals() : undefined
    const eventTime = this.#timesOf('ts_event')
    if (eventTime === undefined) throw badFormat(format, 'needs one time column for ts_event')
    this.eventTime = eventTime
    this.#closeTime = this.#timesOf('close_time')
    const isBar = schema.fields.some((field) => field.name === 'close_time')
    if (this.#closeTime === undefined && isBar) {
      if (format.closeBefore === undefined) throw badFormat(format, 'says nothing of close_time')
      this.#closes = new Int64Values()
    }
    this.#check(schema.fields)
  }

  /** Values by silver column whose shortest decimal form is not the source's number. */
  get inexact(): Record<string, number> {
    return this.#counts((reader) => (reader instanceof CellColumn ? reader.inexact : 0))
  }

  /** Times by silver column that were finer than a microsecond, and were cut. */
  get cut(): Record<string, number> {
    return this.#counts((reader) => (reader instanceof PageTimes ? reader.cut : 0))
  }

  /** Makes room for at least `rows` rows. */
  reserve(rows: number): void {
    if (rows <= this.#capacity) return
    this.#capacity = Math.max(rows, 2 * this.#capacity, 256)
    for (const { reader } of this.cells) reader?.reserve(this.#capacity)
    this.#available.reserve(this.#capacity)
    this.#closes?.reserve(this.#capacity)
    this.intervals?.reserve(this.#capacity)
  }

  /** When a row could first be known, from the times that were read last. */
  available(): number {
    const { availableAfter } = this.#format
    if (availableAfter !== undefined) return this.eventTime.last + availableAfter
    if (this.#closeTime !== undefined) return this.#closeTime.last + this.#closeTime.unit
    const { interval } = this.#dataset
    return interval === undefined ? this.eventTime.last : nextIntervalStart(interval, this.eventTime.last)
  }

  /** Keeps what follows from the times of a row. */
  setTimes(row: number, available: number): void {
    this.#available.set(row, available)
    this.#closes?.set(row, available - (this.#format.closeBefore ?? 0))
  }

  /** The table of the first rows; the columns begin anew. */
  take(rows: number): Table<T> {
    const columns: Record<string, ColumnValues | DecimalColumn> = {
      ts_available: this.#available.take(rows),
      source: constantWord(this.#source, rows),
    }
    if (this.#closes !== undefined) columns['close_time'] = this.#closes.take(rows)
    for (const [name, word] of Object.entries(this.#format.constants ?? {})) columns[name] = constantWord(word, rows)
    for (const { column, reader } of this.cells) {
      const values = reader?.take(rows)
      if (column.to !== undefined && values !== undefined) columns[column.to] = values
    }
    if (this.intervals !== undefined) columns['funding_interval_hours'] = this.intervals.take(rows)
    for (const field of this.#schema.fields) {
      if (field.nullable) columns[field.name] ??= nullColumn(field, rows)
    }
    this.#capacity = 0
    if (fills(this.#schema, columns)) return makeTable(this.#schema, columns)
    throw badFormat(this.#format, `does not fill every column of ${this.#format.dataType} that must have a value`)
  }

  #timesOf(name: string): PageTimes | undefined {
    for (const { column, reader } of this.cells) if (column.to === name && reader instanceof PageTimes) return reader
    return undefined
  }

  #check(fields: readonly Field[]): void {
    const format = this.#format
    if (format.dataType !== this.#dataset.dataType || !format.markets.includes(this.#dataset.market)) {
      throw badFormat(format, `describes no ${this.#dataset.market}/${this.#dataset.dataType}`)
    }
    const filled = new Set(['ts_available', 'source', ...Object.keys(format.constants ?? {})])
    if (this.#closes !== undefined) filled.add('close_time')
    for (const { column } of this.cells) {
      if (column.to === undefined) continue
      const field = fields.find(({ name }) => name === column.to)
      if (field === undefined) throw badFormat(format, `fills ${column.to}, which ${format.dataType} do not have`)
      if (filled.has(column.to)) throw badFormat(format, `fills ${column.to} twice`)
      if (column.nullable === true && !field.nullable) {
        throw badFormat(format, `lets ${column.name} be absent, but ${column.to} must have a value`)
      }
      filled.add(column.to)
    }
    const missing = fields.find(({ name, nullable }) => !nullable && !filled.has(name))
    if (missing !== undefined) throw badFormat(format, `does not fill ${missing.name}, which must have a value`)
  }

  #counts(countOf: (reader: PageColumn) => number): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { column, reader } of this.cells) {
      const count = reader === undefined ? 0 : countOf(reader)
      if (count > 0 && column.to !== undefined) counts[column.to] = count
    }
    return counts
  }
}

function fills<T extends TypeMap>(
  schema: Schema<T>,
  columns: object,
): columns is Record<keyof T, ColumnValues | DecimalColumn> {
  return schema.fields.every((field) => field.name in columns)
}

function badFormat(format: PageFormat, why: string): LakeError {
  return new LakeError('BAD_REQUEST', `Format ${format.id} ${why}.`, { details: { format: format.id } })
}
