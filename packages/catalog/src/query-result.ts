import { canonicalJson, type ColumnValues, makeTable } from '@lake/core'
import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api'
import {
  Bool,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  Schema,
  type Table,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow'
import { collectColumn, type ColumnShape, columnShape } from './collect-column.ts'
import { integerJson, type JsonValue, timeJson } from './json-value.ts'
import type { QueryValues } from './query-values.ts'

/** A column of a result. */
export interface QueryColumn {
  /** Told apart where the query gives two columns the same name. */
  readonly name: string
  /** DuckDB's type, such as `DOUBLE` or `TIMESTAMP WITH TIME ZONE`. */
  readonly type: string
}

/** What a query gives, column by column. */
export interface QueryResult {
  readonly columns: readonly QueryColumn[]
  /** The number of rows. */
  readonly rows: number
  /** The values of each column, in the order of `columns`. */
  readonly values: readonly QueryValues[]
  /** Row by row as plain JSON, by the rules of {@link jsonValue}. */
  objects(): Record<string, JsonValue>[]
  /** As an Arrow table of int64, timestamp[us, UTC], float64, bool and dictionaries; lists and structs as JSON text. */
  toArrow(): Table
}

/** The result that chunks of a DuckDB result hold. */
export function queryResult(result: DuckDBResult, chunks: readonly DuckDBDataChunk[]): QueryResult {
  const types = result.columnTypes()
  const shapes = types.map(columnShape)
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0)
  const columns = result
    .deduplicatedColumnNames()
    .map((name, index) => ({ name, type: String(types[index]), shape: shapes[index] ?? 'json' }))
  const values = columns.map(({ shape }, index) => collectColumn(chunks, index, shape, rows))
  return {
    columns: columns.map(({ name, type }) => ({ name, type })),
    rows,
    values,
    objects() {
      const cells = columns.map(({ name, shape }, index) => ({ name, cell: cellReader(values[index] ?? [], shape) }))
      return Array.from({ length: rows }, (_, row) =>
        Object.fromEntries(cells.map(({ name, cell }) => [name, cell(row)])),
      )
    },
    toArrow() {
      const fields = columns.map(({ name, shape }, index) => arrowField(name, shape, values[index] ?? []))
      const entries = columns.map(({ name }, index) => [name, arrowValues(values[index] ?? [])] as const)
      return makeTable(new Schema(fields), Object.fromEntries(entries))
    },
  }
}

function cellReader(values: QueryValues, shape: ColumnShape): (row: number) => JsonValue {
  const integer = shape === 'time' ? timeJson : integerJson
  if (values instanceof Float64Array) return (row) => finite(values[row])
  if (values instanceof BigInt64Array) return (row) => integer(values[row] ?? 0n)
  if (values instanceof Uint8Array) return (row) => (values[row] === 2 ? null : values[row] === 1)
  if ('codes' in values) return (row) => values.words[values.codes[row] ?? -1] ?? null
  if ('nulls' in values) return (row) => (values.nulls[row] === 1 ? null : integer(values.values[row] ?? 0n))
  return (row) => values[row] ?? null
}

function finite(value: number | undefined): JsonValue {
  return value !== undefined && Number.isFinite(value) ? value : null
}

function arrowField(name: string, shape: ColumnShape, values: QueryValues): Field {
  if (values instanceof Float64Array) return new Field(name, new Float64(), true)
  if (values instanceof Uint8Array) return new Field(name, new Bool(), true)
  if (values instanceof BigInt64Array || 'nulls' in values) {
    return new Field(name, shape === 'time' ? new TimestampMicrosecond('UTC') : new Int64(), true)
  }
  return new Field(name, new Dictionary(new Utf8(), new Int32()), true)
}

function arrowValues(values: QueryValues): ColumnValues {
  if (ArrayBuffer.isView(values)) return values.slice()
  if ('nulls' in values) return { values: values.values.slice(), nulls: values.nulls }
  if ('codes' in values) return { codes: values.codes.slice(), words: values.words }
  return jsonWords(values)
}

function jsonWords(values: readonly JsonValue[]): ColumnValues {
  const words = values.map((value) => (typeof value === 'string' ? value : canonicalJson(value)))
  return { codes: Int32Array.from(values, (value, row) => (value === null ? -1 : row)), words }
}
