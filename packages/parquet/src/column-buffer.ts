import { floatValues, integerValues, LakeError, nullFlags, wordValues } from '@lake/core'
import type { Field, Table, Vector } from 'apache-arrow'
import type { DecodedArray } from 'hyparquet'
import { columnKind } from './column-kind.ts'

/** Appends rows `[from, to)` of the table that it was made for. */
type AppendRows = (from: number, to: number) => void

/** The rows of one column that wait for their row group to fill. */
export interface ColumnBuffer {
  /** Looks at a table's column once, however many row groups its rows end up in. */
  load(table: Table): AppendRows
  /**
   * The waiting rows, as the encoder wants them: a typed array where nothing is null, else an array with nulls.
   * Valid until the next append, which reuses the memory.
   */
  take(): DecodedArray
}

/** An empty buffer for a column of a schema. */
export function createColumnBuffer(field: Field): ColumnBuffer {
  switch (columnKind(field)) {
    case 'float':
      return floatBuffer(field)
    case 'text':
      return arrayBuffer(field, textReader)
    case 'flag':
      return arrayBuffer(field, flagReader)
    default:
      return integerBuffer(field)
  }
}

function floatBuffer(field: Field): ColumnBuffer {
  let waiting = new Float64Array(0)
  let length = 0
  return {
    load(table) {
      checkColumn(table, field)
      const values = floatValues(table, field.name)
      return (from, to) => {
        if (length + to - from > waiting.length) waiting = grow(Float64Array, waiting, length, to - from)
        waiting.set(values.subarray(from, to), length)
        length += to - from
      }
    },
    take() {
      const taken = waiting.subarray(0, length)
      length = 0
      if (!field.nullable || !taken.some(Number.isNaN)) return taken
      return Array.from(taken, (value) => (Number.isNaN(value) ? null : value))
    },
  }
}

function integerBuffer(field: Field): ColumnBuffer {
  let waiting = new BigInt64Array(0)
  let nulls = new Uint8Array(0)
  let length = 0
  return {
    load(table) {
      checkColumn(table, field)
      const values = integerValues(table, field.name)
      const flags = nullFlags(table, field.name)
      return (from, to) => {
        if (length + to - from > waiting.length) {
          waiting = grow(BigInt64Array, waiting, length, to - from)
          nulls = grow(Uint8Array, nulls, length, to - from)
        }
        waiting.set(values.subarray(from, to), length)
        if (flags === undefined) nulls.fill(0, length, length + to - from)
        else nulls.set(flags.subarray(from, to), length)
        length += to - from
      }
    },
    take() {
      const taken = waiting.subarray(0, length)
      const flags = nulls.subarray(0, length)
      length = 0
      if (!flags.includes(1)) return taken
      return Array.from(taken, (value, row) => (flags[row] === 1 ? null : value))
    },
  }
}

type Cell = string | boolean | null

/** For columns that the encoder takes as plain arrays anyway; words are shared strings, not copies. */
function arrayBuffer(field: Field, readerOf: (table: Table, field: Field) => (row: number) => Cell): ColumnBuffer {
  let waiting: Cell[] = []
  return {
    load(table) {
      checkColumn(table, field)
      const read = readerOf(table, field)
      return (from, to) => {
        for (let row = from; row < to; row++) waiting.push(read(row))
      }
    },
    take() {
      const taken = waiting
      waiting = []
      return taken
    },
  }
}

function textReader(table: Table, field: Field): (row: number) => string | null {
  const { codes, words } = wordValues(table, field.name)
  return (row) => words[codes[row] ?? -1] ?? null
}

function flagReader(table: Table, field: Field): (row: number) => boolean | null {
  const vector = columnOf(table, field)
  return (row) => {
    const value: unknown = vector.get(row)
    return typeof value === 'boolean' ? value : null
  }
}

function checkColumn(table: Table, field: Field): void {
  const vector = columnOf(table, field)
  const given = table.schema.fields.find(({ name }) => name === field.name) ?? field
  if (columnKind(given) !== columnKind(field)) {
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

interface Growable<A> {
  readonly length: number
  set(source: A): void
  subarray(from: number, to: number): A
}

function grow<A extends Growable<A>>(ArrayType: new (length: number) => A, full: A, used: number, more: number): A {
  const larger = new ArrayType(Math.max(used + more, 2 * full.length))
  larger.set(full.subarray(0, used))
  return larger
}
