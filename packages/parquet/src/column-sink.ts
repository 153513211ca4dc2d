import { LakeError } from '@lake/core'
import type { ColumnKind } from './column-kind.ts'
import type { CollectedValues } from './column-task.ts'
import type { DataPage } from './data-page.ts'
import { decodeDecimals } from './decode-decimals.ts'
import { flagNaN, holdsNaN } from './missing-floats.ts'
import { decodeFlags } from './decode-flags.ts'
import { createFlagBits } from './flag-bits.ts'
import { denseIntegers } from './dense-integers.ts'
import { decodeNumbers, storedNumbers } from './decode-numbers.ts'
import type { DecodeMemory } from './decode-memory.ts'
import { decodeWide, moveWide, type WidePlace } from './decode-wide.ts'
import { createWordDecoder } from './decode-words.ts'
import type { FileColumn } from './file-columns.ts'
import { spreadWide } from './spread-wide.ts'
import { intoMicros } from './stored-times.ts'
import type { Room, TakeMemory } from './take-memory.ts'

/** Collects the values of one column. */
export interface ColumnSink {
  /** The memory that pages are to be decoded in, if it matters. */
  readonly kernels: DecodeMemory | undefined
  /** Appends rows `[from, to)` of a page; throws for a null where none may be. */
  put(page: DataPage, from: number, to: number): void
  /** The values of all rows. */
  values(): CollectedValues
}

/** Integers or times, with 1 in `nulls` where there is none. */
export interface Integers {
  readonly values: BigInt64Array
  readonly nulls: Uint8Array | undefined
}

/** A sink for integers or times, which also gives them as they are collected. */
export interface IntegerSink extends ColumnSink {
  integers(): Integers
  /** Appends values that another sink collected. */
  putIntegers(integers: Integers, from: number, to: number): void
}

/** What a sink collects. */
export interface SinkForm {
  readonly rows: number
  /** False when a null is an error. */
  readonly nullable: boolean
  readonly memory: TakeMemory
  /** True where the memory before and behind is that of other threads, which write to it at the same time. */
  readonly isPart?: boolean | undefined
}

/** A sink for values of a file's column, which is of that kind. */
export function createColumnSink(column: FileColumn, kind: ColumnKind, form: SinkForm): ColumnSink {
  switch (kind) {
    case 'float':
      return floatSink(column, form)
    case 'text':
      return textSink(column, form)
    case 'flag':
      return flagSink(column, form)
    case 'decimal':
      return decimalSink(column, form)
    default:
      return createIntegerSink(column, form)
  }
}

export function createIntegerSink(column: FileColumn, form: SinkForm): IntegerSink {
  const { rows, nullable, memory } = form
  const room = memory.take(8 * rows)
  const collected = new BigInt64Array(room.buffer, room.byteOffset, rows)
  let nulls: Uint8Array | undefined
  let row = 0

  function setNull(at: number): void {
    refuseNull(column, nullable)
    nulls ??= new Uint8Array(rows)
    nulls[at] = 1
  }

  return {
    kernels: memory.kernels,
    put(page, from, to) {
      const place = { values: collected.subarray(row, row + to - from), at: addressOf(room, form, row, to - from) }
      if (column.type === 'INT64' && decodeWhole(page, place, from, to) !== undefined) {
        intoMicros(place.values, column.unit)
      } else {
        const present = spreadRows(page, from, to, denseIntegers(page, column), 0, place.values)
        for (let at = 0; at < to - from; at++) if (present?.[at] === 0) setNull(row + at)
      }
      row += to - from
    },
    putIntegers(integers, from, to) {
      collected.set(integers.values.subarray(from, to), row)
      for (let at = from; at < to; at++) if (integers.nulls?.[at] === 1) setNull(row + at - from)
      row += to - from
    },
    integers: () => ({ values: collected, nulls }),
    values: () => (nulls === undefined ? collected : { values: collected, nulls }),
  }
}

function floatSink(column: FileColumn, form: SinkForm): ColumnSink {
  const { rows, nullable, memory } = form
  const room = memory.take(8 * rows)
  const collected = new Float64Array(room.buffer, room.byteOffset, rows)
  let nulls: Uint8Array | undefined
  let row = 0
  return {
    kernels: memory.kernels,
    put(page, from, to) {
      const place = { values: collected.subarray(row, row + to - from), at: addressOf(room, form, row, to - from) }
      let isMissing = column.type === 'DOUBLE' ? decodeWhole(page, place, from, to) : undefined
      if (isMissing === undefined) {
        const stored = storedNumbers(column.type, page.count)
        decodeNumbers(page, stored)
        const dense = stored instanceof Float64Array ? stored : Float64Array.from(stored, Number)
        const present = spreadRows(page, from, to, dense, Number.NaN, place.values)
        if (present?.includes(0) === true) refuseNull(column, nullable)
        isMissing = holdsNaN(bytesOf(place.values), place.at)
      }
      if (nullable && isMissing) {
        nulls ??= new Uint8Array(rows)
        flagNaN(place.values, nulls.subarray(row))
      }
      row += to - from
    },
    values: () => ({ values: collected, nulls }),
  }
}

function textSink(column: FileColumn, form: SinkForm): ColumnSink {
  const { rows, nullable, memory } = form
  const room = memory.take(4 * rows)
  const codes = new Int32Array(room.buffer, room.byteOffset, rows)
  let hasNull = false
  const decoder = createWordDecoder()
  let row = 0
  return {
    kernels: memory.kernels,
    put(page, from, to) {
      const isWhole = from === 0 && to === page.rows && page.present === undefined
      const at = isWhole ? addressOf(room, form, row, to - from, 4) : undefined
      const target = codes.subarray(row, row + to - from)
      const dense = decoder.codes(page, at === undefined ? undefined : { codes: target, at })
      if (page.present === undefined) {
        if (dense !== target) target.set(dense.subarray(from, to))
      } else
        eachRow(page, from, to, (source, target) => {
          if (source < 0) refuseNull(column, nullable)
          hasNull ||= source < 0
          codes[row + target] = dense[source] ?? -1
        })
      row += to - from
    },
    values: () => ({ codes, words: decoder.words, hasNull }),
  }
}

function decimalSink(column: FileColumn, { rows, nullable, memory }: SinkForm): ColumnSink {
  const { buffer, byteOffset } = memory.take(16 * rows)
  const units = new Uint32Array(buffer, byteOffset, 4 * rows)
  let nulls: Uint8Array | undefined
  let row = 0
  return {
    kernels: memory.kernels,
    put(page, from, to) {
      const dense = decodeDecimals(page, column)
      eachRow(page, from, to, (source, target) => {
        if (source < 0) {
          refuseNull(column, nullable)
          nulls ??= new Uint8Array(rows)
          nulls[row + target] = 1
        }
        for (let word = 0; word < 4; word++) units[4 * (row + target) + word] = dense[4 * source + word] ?? 0
      })
      row += to - from
    },
    values: () => ({ units, nulls }),
  }
}

function flagSink(column: FileColumn, { rows, nullable, memory }: SinkForm): ColumnSink {
  const packed = createFlagBits(rows)
  /** A byte a row, from the first page on that does not hold them as they are kept. */
  let collected: Uint8Array | undefined
  let row = 0
  return {
    kernels: memory.kernels,
    put(page, from, to) {
      const isWhole = from === 0 && to === page.rows
      if (collected !== undefined || !isWhole || !packed.append(page)) {
        collected ??= packed.spread()
        putFlags(column, nullable, page, { from, to }, collected.subarray(row))
      }
      row += to - from
    },
    values: () => collected ?? { bits: packed.bits, rows },
  }
}

function putFlags(
  column: FileColumn,
  nullable: boolean,
  page: DataPage,
  { from, to }: { readonly from: number; readonly to: number },
  flags: Uint8Array,
): void {
  const dense = decodeFlags(page)
  if (page.present === undefined) flags.set(dense.subarray(from, to))
  else
    eachRow(page, from, to, (source, target) => {
      if (source < 0) refuseNull(column, nullable)
      flags[target] = dense[source] ?? 2
    })
}

/** Where kernels may write rows of a column, and a few bytes before and behind them; `undefined` where they may not. */
function addressOf(
  { at }: Room,
  { rows, isPart }: SinkForm,
  row: number,
  count: number,
  width = 8,
): number | undefined {
  if (at === undefined || (isPart === true && (row < MARGIN_ROWS || row + count > rows - MARGIN_ROWS))) return undefined
  return at + width * row
}

// As many as take what a kernel may write too much.
const MARGIN_ROWS = 16

/**
 * Decodes a page where it belongs, if all of its rows are wanted and none is null; returns `undefined` where not, else
 * whether a value is NaN.
 */
function decodeWhole(page: DataPage, place: WidePlace, from: number, to: number): boolean | undefined {
  if (from > 0 || to < page.rows) return undefined
  const moved = moveWide(page, place)
  if (moved !== undefined) return moved
  return page.present === undefined ? decodeWide(page, place) : undefined
}

/**
 * Gives rows `[from, to)` of a page their places, `missing` where they are null. Returns which are not; `undefined` when
 * none is.
 */
function spreadRows<T extends BigInt64Array | Float64Array>(
  { present }: DataPage,
  from: number,
  to: number,
  dense: T,
  missing: number,
  place: T,
): Uint8Array | undefined {
  if (present === undefined) {
    bytesOf(place).set(bytesOf(dense.subarray(from, to)))
    return undefined
  }
  let first = 0
  for (let row = 0; row < from; row++) first += present[row] ?? 0
  const wanted = present.subarray(from, to)
  spreadWide(dense.subarray(first), wanted, missing, place)
  return wanted
}

/** Calls `put` with the place of each row's value among those of the page, -1 for null, and that of the row. */
function eachRow(page: DataPage, from: number, to: number, put: (source: number, target: number) => void): void {
  const { present } = page
  if (present === undefined) {
    for (let row = from; row < to; row++) put(row, row - from)
    return
  }
  let next = 0
  for (let row = 0; row < from; row++) next += present[row] ?? 0
  for (let row = from; row < to; row++) put(present[row] === 1 ? next++ : -1, row - from)
}

function refuseNull(column: FileColumn, nullable: boolean): void {
  if (nullable) return
  throw new LakeError(
    'CORRUPT_LAKE',
    `Column '${column.name}' holds null where none may be. Nothing was returned; rebuild the file.`,
    { details: { column: column.name } },
  )
}

function bytesOf({ buffer, byteOffset, byteLength }: BigInt64Array | Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
