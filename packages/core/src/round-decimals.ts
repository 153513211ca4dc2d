import { DataType as ArrowType, type Schema, type Table, type TypeMap } from 'apache-arrow'
import { decimalValues, flagValues, floatValues, integerValues, nullFlags, wordValues } from './column-values.ts'
import { type ColumnValues, makeTable } from './make-table.ts'

/**
 * A table of exact decimals with a schema of float64: each number is the double nearest to the decimal, the same that reading
 * its text gives. Columns that hold no decimals are copied.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when the table lacks a column of the schema.
 *
 * @example
 * floatValues(roundDecimals(exact, tableSchema('klines')), 'close')
 */
export function roundDecimals<T extends TypeMap>(table: Table, schema: Schema<T>): Table<T> {
  const columns = {}
  fillColumns(table, schema, columns)
  return makeTable(schema, columns)
}

function fillColumns<T extends TypeMap>(
  table: Table,
  schema: Schema<T>,
  columns: object,
): asserts columns is Record<keyof T, ColumnValues> {
  for (const { name, type } of schema.fields) Object.assign(columns, { [name]: columnOf(table, name, type) })
}

function columnOf(table: Table, name: string, type: unknown): ColumnValues {
  if (ArrowType.isDictionary(type)) return wordValues(table, name)
  if (ArrowType.isBool(type)) return flagValues(table, name)
  if (ArrowType.isFloat(type)) {
    const given: unknown = table.getChild(name)?.type
    return ArrowType.isDecimal(given) ? doublesOf(table, name) : floatValues(table, name).slice()
  }
  const values = integerValues(table, name).slice()
  const nulls = nullFlags(table, name)
  return nulls === undefined ? values : { values, nulls }
}

function doublesOf(table: Table, name: string): Float64Array {
  const { units, nulls, scale } = decimalValues(table, name)
  const doubles = new Float64Array(units.length / 4)
  for (let row = 0; row < doubles.length; row++) {
    if (nulls?.[row] === 1) doubles[row] = Number.NaN
    else doubles[row] = shortDouble(units, 4 * row, scale) ?? nearestDouble(unitsAt(units, row), scale)
  }
  return doubles
}

const WORD = 4_294_967_296
const FIVES = 1_953_125 // 5 ** 9
const TWOS = 512 // 2 ** 9

/**
 * The nearest double of a number with up to nine places and about 15 digits, as nearly all are: two exact doubles are
 * divided once. `undefined` for all others, those below zero among them.
 *
 * Without its last nine places, which must be zeros, a number of units is 10^9 times as small: 2^9 is shifted out and 5^9
 * divided out, word by word. A rest below 5^9 with a word behind it is below 2^53, so that each step is exact.
 */
function shortDouble(units: Uint32Array, at: number, scale: number): number | undefined {
  const [low = 0, second = 0, third = 0, fourth = 0] = [units[at], units[at + 1], units[at + 2], units[at + 3]]
  if (fourth !== 0 || low % TWOS !== 0 || scale < 9 || scale > 31) return undefined
  const rest = (Math.floor(third / TWOS) % FIVES) * WORD + shifted(third, second)
  let high = Math.floor(rest / FIVES)
  const last = (rest - high * FIVES) * WORD + shifted(second, low)
  let mantissa = Math.floor(last / FIVES)
  if (third >= TWOS * FIVES || last !== mantissa * FIVES) return undefined
  let places = scale - 9
  // What is longer than a double holds may end in zeros.
  while (high * TWOS >= WORD / 4) {
    const digits = (high % 10) * WORD + mantissa
    if (digits % 10 !== 0 || places === 0) return undefined
    high = Math.floor(high / 10)
    mantissa = digits / 10
    places--
  }
  return (high * WORD + mantissa) / 10 ** places
}

/** The word that begins nine bits above a word. */
function shifted(above: number, word: number): number {
  return (above % TWOS) * (WORD / TWOS) + Math.floor(word / TWOS)
}

/** The whole number of units that four words hold, the lowest first, in two's complement. */
function unitsAt(units: Uint32Array, row: number): bigint {
  let value = BigInt((units[4 * row + 3] ?? 0) | 0)
  for (let word = 2; word >= 0; word--) value = (value << 32n) | BigInt(units[4 * row + word] ?? 0)
  return value
}

/** From its text, which every engine rounds correctly. */
function nearestDouble(units: bigint, scale: number): number {
  return Number(`${units}e-${scale}`)
}
