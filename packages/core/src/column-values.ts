import {
  DataType,
  type Dictionary,
  type Float64,
  type Int64,
  Precision,
  type Table,
  TimeUnit,
  type Utf8,
  type Vector,
} from 'apache-arrow'
import type { WordColumn } from './make-table.ts'
import { LakeError } from './lake-error.ts'

/**
 * The float64 values of a column; null is NaN. No copy when the table has one batch: treat it as read-only.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the table has no such float column.
 */
export function floatValues(table: Table, column: string): Float64Array {
  const vector = columnOf(table, column)
  if (!isFloat64(vector)) throw wrongType(column, vector, 'float64')
  const values = vector.toArray()
  if (vector.nullCount === 0) return values
  // A slot that another writer left under a null may hold anything; ours hold NaN already.
  const copy = values.slice()
  for (let row = 0; row < copy.length; row++) if (!vector.isValid(row)) copy[row] = Number.NaN
  return copy
}

/**
 * The int64 values of a column of integers or times (microseconds UTC); the slot of a null is unspecified, see
 * {@link nullFlags}. No copy when the table has one batch: treat it as read-only.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the table has no such column.
 */
export function integerValues(table: Table, column: string): BigInt64Array {
  const vector = columnOf(table, column)
  if (isInt64(vector)) return vector.toArray()
  throw wrongType(column, vector, 'int64 or timestamp[us]')
}

/**
 * The codes and words of a dictionary column; code -1 is null. Batches with different dictionaries are unified.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the table has no such dictionary column.
 */
export function wordValues(table: Table, column: string): WordColumn {
  const vector = columnOf(table, column)
  if (!isWords(vector)) throw wrongType(column, vector, 'dictionary')
  const codes = new Int32Array(vector.length)
  const words: string[] = []
  const codeOf = new Map<string, number>()
  let row = 0
  for (const data of vector.data) {
    const batch = codes.subarray(row, row + data.length)
    row += data.length
    const dictionary = data.dictionary
    // A few words stand in many rows: a word is looked at once a batch, the rows only translate small integers.
    const translation: number[] = []
    const codeFor = (local: number): number => {
      const word = String(dictionary?.get(local))
      const code = codeOf.get(word) ?? words.length
      if (code === words.length) words.push(word)
      codeOf.set(word, code)
      return (translation[local] = code)
    }
    const isNullable = data.nullCount > 0
    const locals = data.values
    for (let index = 0; index < batch.length; index++) {
      const local = locals[index] ?? 0
      batch[index] = isNullable && !data.getValid(index) ? -1 : (translation[local] ?? codeFor(local))
    }
  }
  return { codes, words }
}

/** One byte a row: 1 where the column is null. `undefined` when nothing is null, which is the common case. */
export function nullFlags(table: Table, column: string): Uint8Array | undefined {
  const vector = columnOf(table, column)
  if (vector.nullCount === 0) return undefined
  return Uint8Array.from({ length: vector.length }, (_, row) => (vector.isValid(row) ? 0 : 1))
}

function columnOf(table: Table, column: string): Vector {
  const vector = table.getChild(column)
  if (vector !== null) return vector
  throw new LakeError('BAD_REQUEST', `The table has no column '${column}', only ${table.schema.names.join(' ')}.`)
}

// Told by ids, not by classes: a table that comes from another copy of Arrow, or from IPC, is as good.

function isFloat64(vector: Vector): vector is Vector<Float64> {
  const type: unknown = vector.type
  return DataType.isFloat(type) && type.precision === Precision.DOUBLE
}

function isInt64(vector: Vector): vector is Vector<Int64> {
  const type: unknown = vector.type
  if (DataType.isInt(type)) return type.bitWidth === 64
  return DataType.isTimestamp(type) && type.unit === TimeUnit.MICROSECOND
}

function isWords(vector: Vector): vector is Vector<Dictionary<Utf8>> {
  const type: unknown = vector.type
  return DataType.isDictionary(type)
}

function wrongType(column: string, vector: Vector, wanted: string): LakeError {
  return new LakeError('BAD_REQUEST', `Column '${column}' is ${String(vector.type)}, not ${wanted}.`)
}
