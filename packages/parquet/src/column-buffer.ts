import { decimalValues, flagValues, floatValues, integerValues, LakeError, nullFlags, wordValues } from '@lake/core'
import type { Field, Table, Vector } from 'apache-arrow'
import { ByteWriter } from './byte-writer.ts'
import type { ChunkRows } from './chunk-rows.ts'
import { flagChunk, floatChunk, integerChunk, textChunk } from './chunk-values.ts'
import { columnKind, decimalDigits } from './column-kind.ts'
import { decimalChunk, findLongDecimal, INT64_DIGITS, shortDecimalChunk } from './decimal-chunk.ts'
import { ValueBuffer } from './value-buffer.ts'

/** Appends rows `[from, to)` of the table that it was made for. */
type AppendRows = (from: number, to: number) => void

/** The rows of one column that wait for their row group to fill. */
export interface ColumnBuffer {
  /** Looks at a table's column once, however many row groups its rows end up in. */
  load(table: Table): AppendRows
  /** Copies what is still the memory of the last table, which its owner may change from now on. */
  settle(): void
  /** The waiting rows. Valid until the next append, which reuses the memory. */
  take(): ChunkRows
}

/** An empty buffer for a column of a schema. */
export function createColumnBuffer(field: Field): ColumnBuffer {
  switch (columnKind(field)) {
    case 'float':
      return floatBuffer(field)
    case 'text':
      return textBuffer(field)
    case 'flag':
      return flagBuffer(field)
    case 'decimal':
      return decimalBuffer(field)
    default:
      return integerBuffer(field)
  }
}

function integerBuffer(field: Field): ColumnBuffer {
  const waiting = new ValueBuffer<BigInt64Array>(BigInt64Array)
  return {
    load(table) {
      checkColumn(table, field)
      const values = integerValues(table, field.name)
      const nulls = nullFlags(table, field.name)
      return (from, to) => {
        if (nulls === undefined) waiting.append(values, from, to)
        else waiting.appendSome(values, nulls, from, to)
      }
    },
    settle: () => {
      waiting.settle()
    },
    take: () => waiting.take(integerChunk),
  }
}

function floatBuffer(field: Field): ColumnBuffer {
  const waiting = new ValueBuffer<Float64Array>(Float64Array)
  return {
    load(table) {
      checkColumn(table, field)
      const values = floatValues(table, field.name)
      const nulls = field.nullable ? nanFlags(values) : undefined
      return (from, to) => {
        if (nulls === undefined) waiting.append(values, from, to)
        else waiting.appendSome(values, nulls, from, to)
      }
    },
    settle: () => {
      waiting.settle()
    },
    take: () => waiting.take(floatChunk),
  }
}

function decimalBuffer(field: Field): ColumnBuffer {
  const waiting = new ValueBuffer<Uint32Array>(Uint32Array, 4)
  const isShort = (decimalDigits(field)?.precision ?? 0) <= INT64_DIGITS
  return {
    load(table) {
      checkColumn(table, field)
      const { units, nulls } = decimalValues(table, field.name)
      const row = isShort ? findLongDecimal(units, nulls) : -1
      if (row >= 0) {
        throw badTable(`Column '${field.name}' has more than ${INT64_DIGITS} digits in row ${row}.`, field, { row })
      }
      return (from, to) => {
        if (nulls === undefined) waiting.append(units, from, to)
        else waiting.appendSome(units, nulls, from, to)
      }
    },
    settle: () => {
      waiting.settle()
    },
    take: () => waiting.take(isShort ? shortDecimalChunk : decimalChunk),
  }
}

function flagBuffer(field: Field): ColumnBuffer {
  const waiting = new ValueBuffer<Uint8Array>(Uint8Array)
  return {
    load(table) {
      checkColumn(table, field)
      const values = flagValues(table, field.name)
      const nulls = values.includes(2) ? values.map((value) => value >> 1) : undefined
      return (from, to) => {
        if (nulls === undefined) waiting.append(values, from, to)
        else waiting.appendSome(values, nulls, from, to)
      }
    },
    settle: () => {
      waiting.settle()
    },
    take: () => waiting.take(flagChunk),
  }
}

/** Words get their codes anew in each row group, by order of appearance: whatever the batches, the same file. */
function textBuffer(field: Field): ColumnBuffer {
  const waiting = new ValueBuffer<Int32Array>(Int32Array)
  const dictionary = new ByteWriter()
  const encoder = new TextEncoder()
  let words: Uint8Array[] = []
  let codeOf = new Map<string, number>()

  function addWord(word: string): number {
    const known = codeOf.get(word)
    if (known !== undefined) return known
    const bytes = encoder.encode(word)
    dictionary.uint32(bytes.length)
    dictionary.append(bytes)
    codeOf.set(word, words.length)
    return words.push(bytes) - 1
  }

  return {
    load(table) {
      checkColumn(table, field)
      const column = wordValues(table, field.name)
      const translation = new Int32Array(column.words.length)
      const hasNulls = column.codes.includes(-1)
      let group: unknown
      return (from, to) => {
        // Another row group has begun since the last append.
        if (group !== codeOf) translation.fill(-1)
        group = codeOf
        const codes = new Int32Array(to - from)
        const nulls = hasNulls ? new Uint8Array(to - from) : undefined
        if (column.words.length === 1 && nulls === undefined) {
          // One word for all rows, as most tables have for their source; the row group may know others.
          if (to > from) codes.fill(addWord(column.words[0] ?? ''))
          waiting.append(codes, 0, codes.length)
          return
        }
        translateCodes(column.codes.subarray(from, to), translation, codes, nulls, (code) =>
          addWord(column.words[code] ?? ''),
        )
        if (nulls === undefined) waiting.append(codes, 0, codes.length)
        else waiting.appendSome(codes, nulls, 0, codes.length)
      }
    },
    settle: () => undefined,
    take() {
      const taken = waiting.take((codes) => textChunk(codes, words, dictionary.written().slice()))
      words = []
      codeOf = new Map()
      dictionary.length = 0
      return taken
    },
  }
}

/** Gives words the codes that they have in a row group; what has none yet is added to it. */
function translateCodes(
  given: Int32Array,
  translation: Int32Array,
  codes: Int32Array,
  nulls: Uint8Array | undefined,
  add: (code: number) => number,
): void {
  for (let row = 0; row < given.length; row++) {
    const code = given[row] ?? -1
    if (code < 0) {
      if (nulls !== undefined) nulls[row] = 1
      continue
    }
    let translated = translation[code] ?? -1
    if (translated < 0) translated = translation[code] = add(code)
    codes[row] = translated
  }
}

function nanFlags(values: Float64Array): Uint8Array | undefined {
  // The engine's own search: a loop here would take several times as long until it is compiled.
  if (!values.includes(Number.NaN)) return undefined
  const flags = new Uint8Array(values.length)
  for (let row = 0; row < values.length; row++) if (Number.isNaN(values[row])) flags[row] = 1
  return flags
}

function checkColumn(table: Table, field: Field): void {
  const vector = columnOf(table, field)
  const given = table.schema.fields.find(({ name }) => name === field.name) ?? field
  if (columnKind(given) !== columnKind(field) || decimalDigits(given)?.scale !== decimalDigits(field)?.scale) {
    throw badTable(`Column '${field.name}' is ${String(vector.type)}, not ${String(field.type)}.`, field)
  }
  if (!field.nullable && vector.nullCount > 0) {
    let row = 0
    while (vector.isValid(row)) row++
    throw badTable(`Column '${field.name}' cannot hold null, but is null in row ${row}.`, field, { row })
  }
}

function columnOf(table: Table, field: Field): Vector {
  const vector = table.getChild(field.name)
  if (vector !== null) return vector
  throw badTable(`The table has no column '${field.name}', only ${table.schema.names.join(' ')}.`, field)
}

function badTable(message: string, field: Field, details?: Readonly<Record<string, unknown>>): LakeError {
  return new LakeError('BAD_REQUEST', `${message} None of its rows were written.`, {
    details: { column: field.name, ...details },
  })
}
