import { type ColumnValues, LakeError } from '@lake/core'
import type { DecodedArray } from 'hyparquet'
import type { ColumnKind } from './column-kind.ts'
import type { FileColumn, StoredUnit } from './file-columns.ts'

/** Collects the decoded values of one column. */
export interface ColumnSink {
  /** Appends `[from, to)` of what the decoder gave; throws for a null where none may be. */
  put(chunk: DecodedArray, from: number, to: number): void
  /** The values of all rows. */
  values(): ColumnValues
}

/** A sink for `rows` values of a file's column, of a kind that {@link FileColumn} can become. */
export function createColumnSink(column: FileColumn, kind: ColumnKind, nullable: boolean, rows: number): ColumnSink {
  switch (kind) {
    case 'float':
      return floatSink(column, nullable, rows)
    case 'text':
      return textSink(column, nullable, rows)
    case 'flag':
      return flagSink(column, nullable, rows)
    default:
      return createIntegerSink(column, nullable, rows)
  }
}

/** A sink for integers or times, which also gives them as they are collected. */
export interface IntegerSink extends ColumnSink {
  integers(): { readonly values: BigInt64Array; readonly nulls: Uint8Array | undefined }
}

export function createIntegerSink(column: FileColumn, nullable: boolean, rows: number): IntegerSink {
  const values = new BigInt64Array(rows)
  let nulls: Uint8Array | undefined
  let row = 0
  const toStored = CONVERSIONS[column.unit ?? 'MICROS']
  return {
    put(chunk, from, to) {
      if (chunk instanceof BigInt64Array && toStored === asItIs) {
        values.set(chunk.subarray(from, to), row)
        row += to - from
        return
      }
      for (let index = from; index < to; index++, row++) {
        const value: unknown = chunk[index]
        if (typeof value === 'bigint' || typeof value === 'number') {
          values[row] = toStored(BigInt(value))
        } else if (isNull(value, column, nullable)) {
          nulls ??= new Uint8Array(rows)
          nulls[row] = 1
        }
      }
    },
    integers: () => ({ values, nulls }),
    values: () => (nulls === undefined ? values : { values, nulls }),
  }
}

function floatSink(column: FileColumn, nullable: boolean, rows: number): ColumnSink {
  const values = new Float64Array(rows)
  let row = 0
  return {
    put(chunk, from, to) {
      if (chunk instanceof Float64Array || chunk instanceof Float32Array) {
        values.set(chunk.subarray(from, to), row)
        row += to - from
        return
      }
      for (let index = from; index < to; index++, row++) {
        const value: unknown = chunk[index]
        if (typeof value === 'number') values[row] = value
        else if (isNull(value, column, nullable)) values[row] = Number.NaN
      }
    },
    values: () => values,
  }
}

function textSink(column: FileColumn, nullable: boolean, rows: number): ColumnSink {
  const codes = new Int32Array(rows)
  const words: string[] = []
  const codeOf = new Map<string, number>()
  let row = 0
  return {
    put(chunk, from, to) {
      let word: string | undefined
      let code = -1
      for (let index = from; index < to; index++, row++) {
        const value: unknown = chunk[index]
        if (typeof value !== 'string') {
          if (isNull(value, column, nullable)) codes[row] = -1
          continue
        }
        // Neighbours are often the same string object, which is quicker to see than to look up.
        if (value !== word) {
          word = value
          code = codeOf.get(value) ?? words.length
          if (code === words.length) {
            words.push(value)
            codeOf.set(value, code)
          }
        }
        codes[row] = code
      }
    },
    values: () => ({ codes, words }),
  }
}

function flagSink(column: FileColumn, nullable: boolean, rows: number): ColumnSink {
  const values = new Uint8Array(rows)
  let row = 0
  return {
    put(chunk, from, to) {
      for (let index = from; index < to; index++, row++) {
        const value: unknown = chunk[index]
        if (typeof value === 'boolean') values[row] = value ? 1 : 0
        else if (isNull(value, column, nullable)) values[row] = 2
      }
    },
    values: () => values,
  }
}

/** True for null. Throws when null is not allowed, and for the holes that a damaged dictionary leaves. */
function isNull(value: unknown, column: FileColumn, nullable: boolean): boolean {
  if (value === null && nullable) return true
  const holds = value === null ? 'null where none may be' : 'a value that does not belong there'
  throw new LakeError(
    'CORRUPT_LAKE',
    `Column '${column.name}' holds ${holds}. Nothing was returned; rebuild the file.`,
    {
      details: { column: column.name },
    },
  )
}

const asItIs = (value: bigint): bigint => value

const CONVERSIONS: Readonly<Record<NonNullable<StoredUnit>, (value: bigint) => bigint>> = {
  MICROS: asItIs,
  MILLIS: (value) => checkedMicros(value * 1000n),
  // Rounded down, also before 1970.
  NANOS: (value) => (value - (((value % 1000n) + 1000n) % 1000n)) / 1000n,
  UINT_32: (value) => BigInt.asUintN(32, value),
}

/** Microseconds of a time that Parquet stores in a unit, for statistics too. */
export function storedToMicros(value: bigint, unit: StoredUnit): bigint {
  return CONVERSIONS[unit ?? 'MICROS'](value)
}

function checkedMicros(micros: bigint): bigint {
  if (BigInt.asIntN(64, micros) === micros) return micros
  throw new LakeError('UNSUPPORTED', `A time of ${micros / 1000n} ms does not fit into 64 bits of microseconds.`)
}
