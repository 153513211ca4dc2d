import {
  type Bool,
  DataType,
  type Decimal,
  type Dictionary,
  type Float64,
  type Int64,
  Precision,
  type Table,
  TimeUnit,
  type Utf8,
  type Vector,
} from 'apache-arrow'
import type { DecimalColumn, WordColumn } from './make-table.ts'
import { LakeError } from './lake-error.ts'

/**
 * The float64 values of a column; null is NaN. No copy when the table has one batch: treat it as read-only.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the table has no such float column.
 *
 * @example
 * const closes = floatValues(bars, 'close')
 * const highest = closes.reduce((most, close) => Math.max(most, close), 0)
 */
export function floatValues(table: Table, column: string): Float64Array {
  const vector = columnOf(table, column)
  if (!isFloat64(vector)) throw wrongType(column, vector, 'float64')
  const values = vector.toArray()
  if (vector.nullCount === 0) return values
  // A slot that another writer left under a null may hold anything; ours hold NaN already.
  const copy = values.slice()
  const nulls = nullFlags(table, column)
  for (let row = 0; row < copy.length; row++) if (nulls?.[row] === 1) copy[row] = Number.NaN
  return copy
}

/**
 * The int64 values of a column of integers or times (microseconds UTC); the slot of a null is unspecified, see
 * {@link nullFlags}. No copy when the table has one batch: treat it as read-only.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the table has no such column.
 *
 * @example
 * const [first] = integerValues(bars, 'ts_event')
 * if (first !== undefined) console.log(formatInstant(Number(first)))
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
 *
 * @example
 * const { codes, words } = wordValues(trades, 'side')
 * const bought = codes.filter((code) => words[code] === 'buy').length
 */
export function wordValues(table: Table, column: string): WordColumn {
  const vector = columnOf(table, column)
  if (!isWords(vector)) throw wrongType(column, vector, 'dictionary')
  const codes = new Int32Array(vector.length)
  const words: string[] = []
  const codeOf = new Map<string, number>()
  const codeOfWord = (word: string): number => {
    const code = codeOf.get(word) ?? words.length
    if (code === words.length) words.push(word)
    codeOf.set(word, code)
    return code
  }
  let row = 0
  for (const data of vector.data) {
    const { dictionary } = data
    if (dictionary?.length === 1 && data.nullCount === 0 && data.length > 0) {
      // One word for all rows, as whole tables have for their source.
      codes.fill(codeOfWord(String(dictionary.get(0))), row, row + data.length)
      row += data.length
      continue
    }
    // Each word is looked at once, however many rows have it.
    const translation = new Int32Array(dictionary?.length ?? 0).fill(-1)
    const valid = validityOf(data)
    for (let index = 0; index < data.length; index++, row++) {
      if (valid?.(index) === false) {
        codes[row] = -1
        continue
      }
      const local = Number(data.values[index])
      let code = translation[local] ?? -1
      if (code < 0) {
        code = codeOfWord(String(dictionary?.get(local)))
        translation[local] = code
      }
      codes[row] = code
    }
  }
  return { codes, words }
}

/**
 * The booleans of a column: 0 false, 1 true, 2 null.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the table has no such boolean column.
 *
 * @example
 * const best = flagValues(trades, 'is_best_match').filter((flag) => flag === 1).length
 */
export function flagValues(table: Table, column: string): Uint8Array {
  const vector = columnOf(table, column)
  if (!isFlags(vector)) throw wrongType(column, vector, 'bool')
  const flags = new Uint8Array(vector.length)
  let row = 0
  for (const data of vector.data) {
    const valid = validityOf(data)
    for (let bit = data.offset; bit < data.offset + data.length; bit++, row++) {
      const isNull = valid?.(bit - data.offset) === false
      flags[row] = isNull ? 2 : ((data.values[bit >> 3] ?? 0) >> (bit & 7)) & 1
    }
  }
  return flags
}

/**
 * The exact decimals of a column and how many digits stand behind their point; the units of a null are unspecified. No
 * copy when the table has one batch: treat it as read-only.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the table has no such decimal column.
 */
export function decimalValues(table: Table, column: string): DecimalColumn & { readonly scale: number } {
  const vector = columnOf(table, column)
  if (!isDecimals(vector)) throw wrongType(column, vector, 'decimal of 128 bits')
  return { units: vector.toArray(), nulls: nullFlags(table, column), scale: vector.type.scale }
}

/**
 * One byte a row: 1 where the column is null. `undefined` when nothing is null, which is the common case.
 *
 * @example
 * const unknown = nullFlags(funding, 'mark_price')?.filter((isNull) => isNull === 1).length ?? 0
 */
export function nullFlags(table: Table, column: string): Uint8Array | undefined {
  const vector = columnOf(table, column)
  if (vector.nullCount === 0) return undefined
  const flags = new Uint8Array(vector.length)
  let row = 0
  for (const data of vector.data) {
    const valid = validityOf(data)
    if (valid !== undefined) for (let index = 0; index < data.length; index++) if (!valid(index)) flags[row + index] = 1
    row += data.length
  }
  return flags
}

/** What a batch says of its nulls. */
interface Bitmap {
  readonly nullCount: number
  readonly nullBitmap: Uint8Array
  readonly offset: number
}

/** Tells whether a row of a batch is valid, reading the bitmap itself; `undefined` when all rows are. */
function validityOf({ nullCount, nullBitmap, offset }: Bitmap): ((index: number) => boolean) | undefined {
  if (nullCount === 0) return undefined
  return (index) => (((nullBitmap[(offset + index) >> 3] ?? 0) >> ((offset + index) & 7)) & 1) === 1
}

function columnOf(table: Table, column: string): Vector {
  const vector = table.getChild(column)
  if (vector !== null) return vector
  const names = table.schema.names.map(String)
  throw new LakeError('BAD_REQUEST', `The table has no column '${column}', only ${names.join(' ')}.`, {
    details: { column, columns: names },
  })
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

function isFlags(vector: Vector): vector is Vector<Bool> {
  const type: unknown = vector.type
  return DataType.isBool(type)
}

function isDecimals(vector: Vector): vector is Vector<Decimal> {
  const type: unknown = vector.type
  return DataType.isDecimal(type) && type.bitWidth === 128
}

function wrongType(column: string, vector: Vector, wanted: string): LakeError {
  const type = String(vector.type)
  return new LakeError('BAD_REQUEST', `Column '${column}' is ${type}, not ${wanted}.`, {
    details: { column, type, wanted },
  })
}
