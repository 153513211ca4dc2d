import {
  type DuckDBDataChunk,
  DuckDBDecimalType,
  DuckDBDecimalValue,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api'
import { type JsonValue, jsonValue, microsOfTime } from './json-value.ts'
import type { QueryValues } from './query-values.ts'

/** How the values of a DuckDB type are held; `large` integers only as integers when they all fit into 64 bits. */
export type ColumnShape = 'float' | 'integer' | 'large' | 'time' | 'flag' | 'text' | 'json'

const SHAPES: Readonly<Partial<Record<DuckDBTypeId, ColumnShape>>> = {
  [DuckDBTypeId.BOOLEAN]: 'flag',
  [DuckDBTypeId.TINYINT]: 'integer',
  [DuckDBTypeId.SMALLINT]: 'integer',
  [DuckDBTypeId.INTEGER]: 'integer',
  [DuckDBTypeId.BIGINT]: 'integer',
  [DuckDBTypeId.UTINYINT]: 'integer',
  [DuckDBTypeId.USMALLINT]: 'integer',
  [DuckDBTypeId.UINTEGER]: 'integer',
  [DuckDBTypeId.UBIGINT]: 'large',
  [DuckDBTypeId.HUGEINT]: 'large',
  [DuckDBTypeId.UHUGEINT]: 'large',
  [DuckDBTypeId.FLOAT]: 'float',
  [DuckDBTypeId.DOUBLE]: 'float',
  [DuckDBTypeId.TIMESTAMP]: 'time',
  [DuckDBTypeId.TIMESTAMP_S]: 'time',
  [DuckDBTypeId.TIMESTAMP_MS]: 'time',
  [DuckDBTypeId.TIMESTAMP_NS]: 'time',
  [DuckDBTypeId.TIMESTAMP_TZ]: 'time',
  [DuckDBTypeId.VARCHAR]: 'text',
  [DuckDBTypeId.ENUM]: 'text',
  [DuckDBTypeId.DATE]: 'text',
  [DuckDBTypeId.TIME]: 'text',
  [DuckDBTypeId.TIME_TZ]: 'text',
  [DuckDBTypeId.TIME_NS]: 'text',
  [DuckDBTypeId.INTERVAL]: 'text',
  [DuckDBTypeId.UUID]: 'text',
  [DuckDBTypeId.BIT]: 'text',
  [DuckDBTypeId.BLOB]: 'text',
}

export function columnShape(type: DuckDBType): ColumnShape {
  // Up to 15 digits a double gives back the same decimal.
  if (type instanceof DuckDBDecimalType) return type.width <= 15 ? 'float' : 'json'
  return SHAPES[type.typeId] ?? 'json'
}

/** The values of a column of all chunks, which have `rows` rows together. */
export function collectColumn(
  chunks: readonly DuckDBDataChunk[],
  column: number,
  shape: ColumnShape,
  rows: number,
): QueryValues {
  switch (shape) {
    case 'float':
      return collectFloats(chunks, column, rows)
    case 'integer':
    case 'time':
      return collectIntegers(chunks, column, rows)
    case 'large': {
      const list = collectJson(chunks, column)
      return list.every((value) => typeof value !== 'string') ? collectIntegers(chunks, column, rows) : list
    }
    case 'flag':
      return collectFlags(chunks, column, rows)
    case 'text':
      return collectWords(chunks, column, rows)
    case 'json':
      return collectJson(chunks, column)
  }
}

function collectFloats(chunks: readonly DuckDBDataChunk[], column: number, rows: number): Float64Array {
  const values = new Float64Array(rows)
  visit(chunks, column, (value, row) => {
    values[row] = value instanceof DuckDBDecimalValue ? Number(String(value)) : Number(value ?? Number.NaN)
  })
  return values
}

function collectIntegers(chunks: readonly DuckDBDataChunk[], column: number, rows: number): QueryValues {
  const values = new BigInt64Array(rows)
  let nulls: Uint8Array | undefined
  visit(chunks, column, (value, row) => {
    if (value === null) {
      nulls ??= new Uint8Array(rows)
      nulls[row] = 1
    } else if (typeof value === 'bigint') values[row] = value
    else values[row] = microsOfTime(value) ?? BigInt(Number(value))
  })
  return nulls === undefined ? values : { values, nulls }
}

function collectFlags(chunks: readonly DuckDBDataChunk[], column: number, rows: number): Uint8Array {
  const values = new Uint8Array(rows)
  visit(chunks, column, (value, row) => {
    values[row] = value === null ? 2 : value === true ? 1 : 0
  })
  return values
}

function collectWords(chunks: readonly DuckDBDataChunk[], column: number, rows: number): QueryValues {
  const codes = new Int32Array(rows)
  const words: string[] = []
  const codeOf = new Map<string, number>()
  visit(chunks, column, (value, row) => {
    const word = jsonValue(value)
    if (word === null) {
      codes[row] = -1
      return
    }
    const text = typeof word === 'string' ? word : JSON.stringify(word)
    const code = codeOf.get(text) ?? words.length
    if (code === words.length) {
      words.push(text)
      codeOf.set(text, code)
    }
    codes[row] = code
  })
  return { codes, words }
}

function collectJson(chunks: readonly DuckDBDataChunk[], column: number): JsonValue[] {
  const values: JsonValue[] = []
  visit(chunks, column, (value) => {
    values.push(jsonValue(value))
  })
  return values
}

function visit(
  chunks: readonly DuckDBDataChunk[],
  column: number,
  see: (value: ReturnType<ReturnType<DuckDBDataChunk['getColumnVector']>['getItem']>, row: number) => void,
): void {
  let row = 0
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(column)
    for (let index = 0; index < chunk.rowCount; index++, row++) see(vector.getItem(index), row)
  }
}
