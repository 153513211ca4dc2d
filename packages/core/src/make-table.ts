import {
  Bool,
  type Data,
  Decimal,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampMicrosecond,
  type TypeMap,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import { LakeError } from './lake-error.ts'

/** Words as codes into a small list; code -1 is null. */
export interface WordColumn {
  readonly codes: Int32Array
  readonly words: readonly string[]
  /** False when it is known that no code is -1: then nobody looks for one. */
  readonly hasNull?: boolean | undefined
}

/** Integers, some of which are null where `nulls` holds 1. */
export interface NullableIntegers {
  readonly values: BigInt64Array
  readonly nulls: Uint8Array
}

/**
 * Floats whose nulls are known, so that nobody looks for them: `values` hold NaN where `nulls` hold 1 and nowhere else.
 */
export interface NullableFloats {
  readonly values: Float64Array
  readonly nulls: Uint8Array | undefined
}

/**
 * Booleans of which none is null, a bit a row as Arrow and Parquet have them: the lowest of a byte is that of its first row, and
 * those behind the last row are 0.
 */
export interface PackedFlags {
  readonly bits: Uint8Array
  readonly rows: number
}

/**
 * Exact decimals: each is a whole number of units of 10^-scale, as 128 bits in four words, the lowest first. Null where
 * `nulls` holds 1.
 */
export interface DecimalColumn {
  readonly units: Uint32Array
  readonly nulls?: Uint8Array | undefined
}

/**
 * The values of one column as typed arrays.
 *
 * - `Float64Array`: float64, NaN is null
 * - `BigInt64Array`, {@link NullableIntegers}: int64 and timestamps
 * - `Uint8Array`: booleans, 0 false, 1 true, 2 null
 * - {@link WordColumn}: words
 */
export type ColumnValues = Float64Array | BigInt64Array | NullableIntegers | Uint8Array | WordColumn

type GivenValues = ColumnValues | NullableFloats | PackedFlags | DecimalColumn

/**
 * An Arrow table of a schema from typed arrays, without copying numbers or times: the table owns them afterwards.
 * No two columns may share an array, or `tableToIPC` writes a stream that nobody can read.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a column is absent, has another length or another kind of values.
 *
 * @example
 * makeTable(new Schema([new Field('open', new Float64())]), { open: Float64Array.of(7195.24, 7194.87) })
 */
export function makeTable<T extends TypeMap>(
  schema: Schema<T>,
  columns: Readonly<Record<keyof T, GivenValues>>,
): Table<T> {
  const children = schema.fields.map((field) => columnData(field, columns[field.name]))
  const rows = children[0]?.length ?? 0
  for (const [index, child] of children.entries()) {
    if (child.length === rows) continue
    const name = String(schema.names[index])
    throw new LakeError('BAD_REQUEST', `Column ${name} has ${child.length} rows, the first column ${rows}.`, {
      details: { column: name, rows: child.length, wanted: rows },
    })
  }
  const data = makeData({ type: new Struct<T>(schema.fields), length: rows, nullCount: 0, children })
  return new Table<T>(schema, new RecordBatch<T>(schema, data))
}

/** One word for all rows. */
export function constantWord(word: string, rows: number): WordColumn {
  return { codes: new Int32Array(rows), words: [word] }
}

/** Exact decimals from whole numbers of units of 10^-scale; null stays null. */
export function decimalColumn(units: readonly (bigint | null)[]): DecimalColumn {
  const column = { units: new Uint32Array(4 * units.length), nulls: new Uint8Array(units.length) }
  for (const [row, value] of units.entries()) {
    if (value === null) column.nulls[row] = 1
    else
      for (let word = 0; word < 4; word++)
        column.units[4 * row + word] = Number((value >> BigInt(32 * word)) & LOW_WORD)
  }
  return column
}

const LOW_WORD = 0xffff_ffffn

function columnData(field: Field, values: GivenValues | undefined): Data {
  const type: unknown = field.type
  if (values instanceof Float64Array && type instanceof Float64) {
    const validity = field.nullable ? validityOf(nanFlags(values)) : ALL_VALID
    return makeData({ type, data: values, length: values.length, ...validity })
  }
  if (isNullableFloats(values) && type instanceof Float64) {
    return makeData({ type, data: values.values, length: values.values.length, ...validityOf(values.nulls) })
  }
  const integers = integersOf(values)
  if (integers !== undefined && type instanceof Int64) return makeData({ type, ...integers })
  if (integers !== undefined && type instanceof TimestampMicrosecond) return makeData({ type, ...integers })
  if (values instanceof Uint8Array && type instanceof Bool) {
    const validity = holdsNull(values) ? validityOf(values.map((value) => value >> 1)) : ALL_VALID
    return makeData({ type, data: packBits(values, 1), length: values.length, ...validity })
  }
  if (type instanceof Bool && values !== undefined && 'bits' in values && values.bits.length * 8 >= values.rows) {
    return makeData({ type, data: values.bits, length: values.rows, ...ALL_VALID })
  }
  if (type instanceof Dictionary && values !== undefined && 'codes' in values) {
    const { codes, words, hasNull } = values
    const dictionary = vectorFromArray([...words], new Utf8())
    return makeData({
      type: new Dictionary(new Utf8(), new Int32()),
      data: codes,
      length: codes.length,
      dictionary,
      ...(hasNull === false ? ALL_VALID : validityOf(negativeFlags(codes))),
    })
  }
  if (type instanceof Decimal && values !== undefined && 'units' in values) {
    const { units, nulls } = values
    return makeData({ type, data: units, length: units.length / 4, ...validityOf(nulls) })
  }
  const given = values === undefined ? 'nothing' : 'another kind of values'
  throw new LakeError('BAD_REQUEST', `Column ${field.name} needs values for ${String(type)}, but got ${given}.`, {
    details: { column: field.name, type: String(type), given },
  })
}

function isNullableFloats(values: object | undefined): values is NullableFloats {
  return values !== undefined && 'values' in values && values.values instanceof Float64Array
}

function integersOf(
  values: GivenValues | undefined,
): { data: BigInt64Array; length: number; nullCount: number; nullBitmap?: Uint8Array } | undefined {
  if (values instanceof BigInt64Array) return { data: values, length: values.length, ...ALL_VALID }
  if (values === undefined || ArrayBuffer.isView(values) || !('values' in values)) return undefined
  if (isNullableFloats(values)) return undefined
  return { data: values.values, length: values.values.length, ...validityOf(values.nulls) }
}

const ALL_VALID = { nullCount: 0 } as const

/** Where there are nulls, and how many; `undefined` stands for none. */
function validityOf(nulls: Uint8Array | undefined): { nullCount: number; nullBitmap?: Uint8Array } {
  let nullCount = 0
  if (nulls !== undefined) for (let row = 0; row < nulls.length; row++) nullCount += Number(nulls[row] !== 0)
  return nulls === undefined || nullCount === 0 ? ALL_VALID : { nullCount, nullBitmap: packBits(nulls, 0) }
}

// A plain loop for each kind of values: a closure for each row would cost several times as much.

function nanFlags(values: Float64Array): Uint8Array | undefined {
  // The engine's own search: a loop here would take several times as long until it is compiled.
  if (!values.includes(Number.NaN)) return undefined
  const flags = new Uint8Array(values.length)
  for (let row = 0; row < values.length; row++) if (Number.isNaN(values[row])) flags[row] = 1
  return flags
}

function negativeFlags(codes: Int32Array): Uint8Array | undefined {
  let flags: Uint8Array | undefined
  for (let row = 0; row < codes.length; row++) {
    if ((codes[row] ?? -1) >= 0) continue
    flags ??= new Uint8Array(codes.length)
    flags[row] = 1
  }
  return flags
}

/** One bit a row, set where the byte of the row is the one that is asked for. */
function packBits(bytes: Uint8Array, set: 0 | 1): Uint8Array {
  // Arrow pads bitmaps to 8 bytes.
  const bits = new Uint8Array(Math.ceil(bytes.length / 64) * 8)
  const words = wholeWords(bytes)
  const turned = set === 1 ? 0 : ONES
  // Eight rows at once: of zeros and ones a product gathers the lowest bits. Which rows are null is anybody's guess, and a
  // processor that guesses wrong waits, so that other bytes than these, which are rare, are all that is branched upon.
  const whole = words.length >> 1
  for (let nth = 0; nth < whole; nth++) {
    const first = words[2 * nth] ?? 0
    const second = words[2 * nth + 1] ?? 0
    bits[nth] =
      ((first | second) & ~ONES) === 0
        ? (Math.imul(first ^ turned, GATHER) >>> 28) | ((Math.imul(second ^ turned, GATHER) >>> 24) & 0xf0)
        : packEight(bytes, 8 * nth, set)
  }
  for (let row = 8 * whole; row < bytes.length; row++) {
    if (bytes[row] === set) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7))
  }
  return bits
}

const ONES = 0x0101_0101
/** Moves bit 0 to 28, bit 8 to 29, bit 16 to 30 and bit 24 to 31. */
const GATHER = 0x1020_4080

function packEight(bytes: Uint8Array, row: number, set: 0 | 1): number {
  let bits = 0
  for (let bit = 0; bit < 8; bit++) bits |= Number(bytes[row + bit] === set) << bit
  return bits
}

/** True when a flag is 2, which stands for null, or anything else that is neither 0 nor 1. */
function holdsNull(flags: Uint8Array): boolean {
  const words = wholeWords(flags)
  let all = 0
  for (let nth = 0; nth < words.length; nth++) all |= words[nth] ?? 0
  for (let row = 4 * words.length; row < flags.length; row++) all |= flags[row] ?? 0
  return (all & ~ONES) !== 0
}

/** The bytes in words of four, without those of the last one that is not whole; none where they begin in the middle. */
function wholeWords({ buffer, byteOffset, length }: Uint8Array): Int32Array {
  return byteOffset % 4 === 0 ? new Int32Array(buffer, byteOffset, length >> 2) : new Int32Array(0)
}
