import {
  type Columns,
  type ColumnValues,
  constantWord,
  type DataType,
  LakeError,
  type LakeTable,
  makeTable,
  type RowSource,
  type SourceColumn,
  type SourceFormat,
  tableSchema,
  type TimeRange,
} from '@lake/core'
import { DataType as ArrowType, type Field, Schema, type TypeMap } from 'apache-arrow'
import type { CellReader, ColumnReader } from './column-reader.ts'
import { DecimalReader } from './decimal-reader.ts'
import { FlagReader, SideReader } from './flag-reader.ts'
import { IgnoredReader } from './ignored-reader.ts'
import { IntegerReader } from './integer-reader.ts'
import { type FileClock, TimeReader } from './time-reader.ts'

/** The readers of a file's columns, and the silver tables that come out of them. */
export class TableBuilder<D extends DataType> {
  /** One reader a source column, in the order of the file. */
  readonly readers: readonly CellReader[]
  readonly eventTime: TimeReader
  readonly clock: FileClock = { microsPerUnit: 0 }
  readonly #columns: readonly { readonly name: string; readonly reader: ColumnReader }[]
  readonly #closeTime: TimeReader | undefined
  readonly #schema: Schema<Columns[D]>
  readonly #format: SourceFormat
  readonly #source: RowSource
  #capacity = 0

  /** @throws {@link LakeError} `BAD_REQUEST` when the format does not fit the table of its data type */
  constructor(dataType: D, format: SourceFormat, period: TimeRange, source: RowSource) {
    const schema = tableSchema(dataType)
    const units = Object.entries(format.units ?? {}).map(([column, unit]): [string, string] => [`unit.${column}`, unit])
    this.#schema = new Schema<Columns[D]>(schema.fields, new Map(units))
    this.#format = format
    this.#source = source
    const made = format.columns.map((column) => {
      const reader = readerOf(column, this.clock, period)
      return { to: column.to, reader }
    })
    this.readers = made.map(({ reader }) => reader)
    this.#columns = made.flatMap(({ to, reader }) =>
      to === undefined || reader instanceof IgnoredReader ? [] : [{ name: to, reader }],
    )
    const [eventTime, ...others] = this.#timesOf('ts_event')
    if (eventTime === undefined || others.length > 0) throw badFormat(format, 'needs one time column for ts_event')
    this.eventTime = eventTime
    this.#closeTime = this.#timesOf('close_time')[0]
    for (const { name } of this.#columns) {
      if (!schema.fields.some((field) => field.name === name))
        throw badFormat(format, `fills ${name}, which ${dataType} do not have`)
    }
  }

  /** Values by silver column whose shortest decimal form is not the source's number; only columns that have some. */
  get inexact(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { name, reader } of this.#columns) {
      if (reader instanceof DecimalReader && reader.inexact > 0) counts[name] = reader.inexact
    }
    return counts
  }

  /** Makes room for at least `rows` rows, of at most `most` that may follow before {@link take}. */
  reserve(rows: number, most: number): void {
    if (rows <= this.#capacity) return
    this.#capacity = Math.min(most, Math.max(rows, 2 * this.#capacity))
    for (const { reader } of this.#columns) reader.reserve(this.#capacity)
  }

  /** The table of the first rows; the readers begin anew. */
  take(rows: number): LakeTable<D> {
    // A bar is known one unit of its file's time after its close: when the next one opens.
    const available = this.#closeTime?.plus(rows, this.clock.microsPerUnit) ?? this.eventTime.plus(rows, 0)
    const columns: Record<string, ColumnValues> = {
      ts_available: available,
      source: constantWord(this.#source, rows),
    }
    for (const { name, reader } of this.#columns) columns[name] = reader.take(rows)
    for (const field of this.#schema.fields) {
      if (field.nullable) columns[field.name] ??= nulls(field, rows)
    }
    this.#capacity = 0
    if (fills(this.#schema, columns)) return makeTable(this.#schema, columns)
    throw badFormat(this.#format, `does not fill every column of ${this.#format.dataType} that must have a value`)
  }

  #timesOf(name: string): TimeReader[] {
    return this.#columns.flatMap((column) =>
      column.name === name && column.reader instanceof TimeReader ? [column.reader] : [],
    )
  }
}

function readerOf(column: SourceColumn, clock: FileClock, period: TimeRange): ColumnReader | IgnoredReader {
  switch (column.kind) {
    case 'time':
      return new TimeReader(clock, column.to === 'ts_event' ? period : undefined)
    case 'integer':
      return new IntegerReader()
    case 'decimal':
      return new DecimalReader(column.signed ?? false)
    case 'flag':
      return new FlagReader()
    case 'buyer-maker':
      return new SideReader()
    case 'ignored':
      return new IgnoredReader()
    default:
      throw new LakeError('UNSUPPORTED', `Files with columns of kind ${column.kind} cannot be read yet.`)
  }
}

function fills<T extends TypeMap>(schema: Schema<T>, columns: object): columns is Record<keyof T, ColumnValues> {
  return schema.fields.every((field) => field.name in columns)
}

/** A column without values: the source does not have it. */
function nulls(field: Field, rows: number): ColumnValues {
  const type: unknown = field.type
  if (ArrowType.isFloat(type)) return new Float64Array(rows).fill(Number.NaN)
  if (ArrowType.isBool(type)) return new Uint8Array(rows).fill(2)
  return { values: new BigInt64Array(rows), nulls: new Uint8Array(rows).fill(1) }
}

function badFormat(format: SourceFormat, why: string): LakeError {
  return new LakeError('BAD_REQUEST', `Format ${format.id} ${why}.`, { details: { format: format.id } })
}
