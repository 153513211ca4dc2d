import { type ColumnValues, LakeError } from '@lake/core'
import type { DecodedArray } from 'hyparquet'
import type { ColumnKind } from './column-kind.ts'
import type { DecodedPage } from './decode-pages.ts'
import type { FileColumn, StoredUnit } from './file-columns.ts'

/** Collects the decoded values of one column. */
export interface ColumnSink {
  /** Appends rows `[from, to)` of a page; throws for a null where none may be. */
  put(page: DecodedPage, from: number, to: number): void
  /** The values of all rows. */
  values(): ColumnValues
}

/** A sink for integers or times, which also gives them as they are collected. */
export interface IntegerSink extends ColumnSink {
  integers(): { readonly values: BigInt64Array; readonly nulls: Uint8Array | undefined }
}

/** A sink for `rows` values of a file's column, which is of that kind. */
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

export function createIntegerSink(column: FileColumn, nullable: boolean, rows: number): IntegerSink {
  const collected = new BigInt64Array(rows)
  let nulls: Uint8Array | undefined
  let row = 0
  const convert = CONVERSIONS[column.unit ?? 'MICROS']
  return {
    put({ values, index }, from, to) {
      if (values instanceof BigInt64Array && index === undefined && convert === asItIs) {
        collected.set(values.subarray(from, to), row)
        row += to - from
        return
      }
      for (let at = from; at < to; at++, row++) {
        const place = index === undefined ? at : (index[at] ?? -1)
        if (place >= 0) {
          collected[row] = convert(integerAt(values, place))
        } else {
          refuseNull(column, nullable)
          nulls ??= new Uint8Array(rows)
          nulls[row] = 1
        }
      }
    },
    integers: () => ({ values: collected, nulls }),
    values: () => (nulls === undefined ? collected : { values: collected, nulls }),
  }
}

function floatSink(column: FileColumn, nullable: boolean, rows: number): ColumnSink {
  const collected = new Float64Array(rows)
  let row = 0
  return {
    put({ values, index }, from, to) {
      const floats = floatsOf(values, column)
      if (index === undefined) {
        collected.set(floats.subarray(from, to), row)
        row += to - from
        return
      }
      for (let at = from; at < to; at++, row++) {
        const place = index[at] ?? -1
        if (place < 0) refuseNull(column, nullable)
        collected[row] = floats[place] ?? Number.NaN
      }
    },
    values: () => collected,
  }
}

function textSink(column: FileColumn, nullable: boolean, rows: number): ColumnSink {
  const codes = new Int32Array(rows)
  const words: string[] = []
  const codeOf = new Map<string, number>()
  const decoder = new TextDecoder()
  let known: DecodedArray | undefined
  let codeAt = new Int32Array(0)
  let row = 0

  function codeOfBytes(bytes: unknown): number {
    if (!(bytes instanceof Uint8Array)) throw wrongValues(column)
    const word = decoder.decode(bytes)
    const code = codeOf.get(word) ?? words.length
    if (code === words.length) {
      words.push(word)
      codeOf.set(word, code)
    }
    return code
  }

  return {
    put({ values, index }, from, to) {
      // Pages of a column chunk share their dictionary, whose words are looked at once.
      if (values !== known) codeAt = Int32Array.from(values, codeOfBytes)
      known = values
      for (let at = from; at < to; at++, row++) {
        const place = index === undefined ? at : (index[at] ?? -1)
        if (place < 0) refuseNull(column, nullable)
        codes[row] = codeAt[place] ?? -1
      }
    },
    values: () => ({ codes, words }),
  }
}

function flagSink(column: FileColumn, nullable: boolean, rows: number): ColumnSink {
  const collected = new Uint8Array(rows)
  let row = 0
  return {
    put({ values, index }, from, to) {
      for (let at = from; at < to; at++, row++) {
        const place = index === undefined ? at : (index[at] ?? -1)
        if (place < 0) refuseNull(column, nullable)
        collected[row] = place < 0 ? 2 : values[place] === true ? 1 : 0
      }
    },
    values: () => collected,
  }
}

function floatsOf(values: DecodedArray, column: FileColumn): Float64Array | Float32Array {
  if (values instanceof Float64Array || values instanceof Float32Array) return values
  // A page on which everything is null has no values of any type.
  if (values.length === 0) return new Float64Array()
  throw wrongValues(column)
}

function integerAt(values: DecodedArray, place: number): bigint {
  const value: unknown = values[place]
  return typeof value === 'bigint' ? value : BigInt(Number(value))
}

function refuseNull(column: FileColumn, nullable: boolean): void {
  if (nullable) return
  throw new LakeError(
    'CORRUPT_LAKE',
    `Column '${column.name}' holds null where none may be. Nothing was returned; rebuild the file.`,
    { details: { column: column.name } },
  )
}

function wrongValues({ name, storedType }: FileColumn): Error {
  return new Error(`column '${name}' is ${storedType}, but its pages hold something else`)
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
