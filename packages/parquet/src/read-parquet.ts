import { type ColumnMemory, LakeError, makeTable, type TimeRange } from '@lake/core'
import { type Field, Schema, type Table, type TypeMap } from 'apache-arrow'
import { collectColumns } from './collect-columns.ts'
import { columnKind, decimalDigits, fieldOfKind } from './column-kind.ts'
import { type FileColumn, supportedKind } from './file-columns.ts'
import { type ParquetFile, type ParquetSource, type ReadPagesOptions, withParquetFile } from './parquet-file.ts'
import { checkClaim, type Selection, selectRows } from './read-rows.ts'
import type { ReadThreads } from './read-threads.ts'
import type { TableMemory } from './table-memory.ts'
import type { WantedColumn } from './wanted-columns.ts'

export interface ReadParquetOptions<T extends TypeMap, C extends keyof T> extends ReadPagesOptions {
  /** The columns that the table shall have, with their types, in their order; by default those of the file. */
  readonly schema?: Schema<T> | undefined
  /** Only these columns. */
  readonly columns?: readonly C[] | undefined
  /** Only rows whose `ts_event` lies in it, closed-open, epoch microseconds UTC. */
  readonly range?: TimeRange | undefined
  /**
   * Where the values shall lie: see {@link createTableMemory}, which costs least, and `createColumnMemory` of `@lake/core`; by
   * default in memory of their own.
   */
  readonly memory?: ColumnMemory | TableMemory | undefined
  /** What decodes the columns, where the source is a path: see {@link openReadThreads}; by default this thread. */
  readonly threads?: ReadThreads | undefined
}

/**
 * The table in a Parquet file, whichever program wrote it.
 *
 * Times in milliseconds and nanoseconds become microseconds (rounded down), int32 becomes int64, float32 float64, texts
 * become dictionaries. With `range`, row groups and pages that lie outside are not read.
 *
 * @throws {@link LakeError} `CORRUPT_LAKE` when the bytes are no Parquet file, or a column of `schema` is absent, has
 * another type, or holds null where it must not; `UNSUPPORTED` for a type or compression that cannot be read;
 * `BAD_REQUEST` for a column of `columns` that does not exist. What the source throws passes unwrapped.
 *
 * @example
 * const bars = await readParquet(bytes, { schema: tableSchema('klines'), columns: ['ts_event', 'close'] })
 */
export async function readParquet<T extends TypeMap>(
  source: ParquetSource,
  options: ReadParquetOptions<T, keyof T> & { readonly schema: Schema<T>; readonly columns?: undefined },
): Promise<Table<T>>
export async function readParquet<T extends TypeMap, C extends keyof T & string>(
  source: ParquetSource,
  options: ReadParquetOptions<T, C> & { readonly schema: Schema<T> },
): Promise<Table<{ [P in C]: T[P] }>>
export async function readParquet(source: ParquetSource, options?: ReadParquetOptions<TypeMap, string>): Promise<Table>
export async function readParquet(
  source: ParquetSource,
  options: ReadParquetOptions<TypeMap, string> = {},
): Promise<Table> {
  return withParquetFile(source, options, async (file) => {
    const wanted = wantedColumns(file, options)
    const { range } = options
    const selections = await selectRows(file, range && { time: timeColumn(file), range })
    const rows = selections.reduce((sum, { runs }) => sum + countRows(runs), 0)
    checkClaim(file, rows * wanted.length)
    const values = await collectColumns(file, wanted, { selections, rows }, options)
    const columns = wanted.map(({ field }, nth) => [field.name, values[nth] ?? NO_VALUES] as const)
    return makeTable(new Schema(wanted.map(({ field }) => field)), Object.fromEntries(columns))
  })
}

const NO_VALUES = new Float64Array(0)

function wantedColumns(file: ParquetFile, options: ReadParquetOptions<TypeMap, string>): WantedColumn[] {
  const { schema, columns } = options
  const known = schema?.names.map(String) ?? [...file.columns.keys()]
  const unknown = columns?.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new LakeError('BAD_REQUEST', `There is no column '${unknown}', only ${known.join(' ')}.`, {
      details: { column: unknown },
    })
  }
  if (schema === undefined) {
    return [...new Set(columns ?? known)].map((name) => {
      const column = requireColumn(file, name)
      return { column, field: fieldOfKind(name, supportedKind(column), column.nullable, column.digits) }
    })
  }
  const fields = schema.fields.filter(({ name }) => columns === undefined || columns.includes(name))
  return fields.map((field) => ({ field, column: typedColumn(file, field) }))
}

function typedColumn(file: ParquetFile, field: Field): FileColumn {
  const column = requireColumn(file, field.name)
  if (supportedKind(column) === columnKind(field) && column.digits?.scale === decimalDigits(field)?.scale) return column
  throw corrupt(`Column '${field.name}' is ${column.storedType} in the file, not ${String(field.type)}.`, field.name)
}

function timeColumn(file: ParquetFile): FileColumn {
  const column = requireColumn(file, 'ts_event')
  if (column.kind === 'time') return column
  throw corrupt(`Column 'ts_event' is ${column.storedType} in the file, not a time.`, 'ts_event')
}

function requireColumn(file: ParquetFile, name: string): FileColumn {
  const column = file.columns.get(name)
  if (column !== undefined) return column
  throw corrupt(`The file has no column '${name}', only ${[...file.columns.keys()].join(' ')}.`, name)
}

function corrupt(message: string, column: string): LakeError {
  return new LakeError('CORRUPT_LAKE', `${message} Nothing was returned; rebuild the file.`, { details: { column } })
}

function countRows(runs: Selection['runs']): number {
  return runs.reduce((sum, { start, end }) => sum + end - start, 0)
}
