/*
 * How this is fast: see assembly/plain-rows/rows.ts, which reads the rows. Here they are copied into its memory, chunk
 * by chunk, and the values out of it.
 */
import { isInexact } from './decimal-text.ts'
import type { PlainCells } from './plain-cells.ts'
import type { PlainColumns } from './plain-columns.ts'
import {
  CHUNK_BYTES,
  CHUNK_ROWS,
  COLUMN_BYTES,
  LONG_CELL_BYTES,
  type PlainMemory,
  plainMemory,
} from './plain-memory.ts'
import { isSame, LINE_FEED } from './strip.ts'

/** Rows to be read. */
export interface PlainSpan {
  /** Whole lines: the last byte is a line feed. */
  readonly bytes: Buffer
  /** Where the first row begins. */
  readonly position: number
  /** The first row of the columns, and the one behind the last that they have room for. */
  readonly row: number
  readonly limit: number
  /** The byte between cells. */
  readonly delimiter: number
}

/** Rows that were read. */
export interface PlainRead {
  /** The row behind the last one. */
  readonly row: number
  /** Where the last row begins, and where it ends. */
  readonly last: number
  readonly position: number
  /** How many have the bytes of the row before; the first is not compared. */
  readonly repeated: number
}

/** Reads rows up to the first that is not plain in every column. */
export function readPlainRows(columns: PlainColumns, span: PlainSpan): PlainRead {
  const { bytes, limit } = span
  const memory = plainMemory(columns.cells.length)
  describeColumns(columns.cells, memory)
  let read: PlainRead = { row: span.row, last: span.position, position: span.position, repeated: 0 }
  while (read.row < limit && read.position < bytes.length) {
    const { row, position } = read
    const end = chunkEnd(bytes, position)
    const chunk = readChunk(columns, { ...span, row, position, bytes: bytes.subarray(0, end) }, memory)
    if (chunk.row === row) break
    const isAgain = row > span.row && isRepeated(bytes, read.last, position)
    read = { ...chunk, repeated: read.repeated + chunk.repeated + (isAgain ? 1 : 0) }
    if (chunk.position < end && chunk.row - row < CHUNK_ROWS) break
  }
  return read
}

/** Where whole lines end that the memory of the kernel has room for; the start where there are none. */
function chunkEnd(bytes: Buffer, start: number): number {
  if (bytes.length - start <= CHUNK_BYTES) return bytes.length
  return Math.max(start, bytes.lastIndexOf(LINE_FEED, start + CHUNK_BYTES - 1) + 1)
}

function readChunk({ cells, firstInteger }: PlainColumns, span: PlainSpan, memory: PlainMemory): PlainRead {
  const { bytes, position, row, limit, delimiter } = span
  const { kernels, view, input, columns, outcome, longCells } = memory
  memory.bytes.set(bytes.subarray(position), input)
  const end = input + bytes.length - position
  memory.bytes.fill(0, end, end + 32)
  view.setUint32(outcome, longCells, true)
  const most = Math.min(limit - row, CHUNK_ROWS)
  const rows = kernels.readPlainRows(input, end, most, columns, cells.length, firstInteger, delimiter, outcome)
  if (rows > 0) {
    takeValues(cells, memory, row, rows)
    takeLongCells(cells, memory, span)
  }
  return {
    row: row + rows,
    last: view.getUint32(outcome + 4, true) - input + position,
    position: view.getUint32(outcome + 8, true) - input + position,
    repeated: view.getUint32(outcome + 12, true),
  }
}

const KINDS = { decimal: 0, integer: 1, flag: 2, ignored: 4 } as const

/** Tells the kernel what the columns are. */
function describeColumns(cells: readonly PlainCells[], { view, columns, values }: PlainMemory): void {
  for (const [index, cell] of cells.entries()) {
    const at = columns + index * COLUMN_BYTES
    const isWord = cell.kind === 'flag' && cell.values instanceof Int32Array
    view.setUint32(at, KINDS[cell.kind] + (isWord ? 1 : 0), true)
    view.setUint32(at + 12, values + index * CHUNK_ROWS * 8, true)
    if (cell.kind === 'decimal') {
      view.setUint32(at + 4, cell.signed ? 1 : 0, true)
      view.setUint32(at + 8, cell.reader.places, true)
    } else if (cell.kind === 'integer') {
      view.setFloat64(at + 16, cell.least, true)
      view.setFloat64(at + 24, cell.limit, true)
      view.setFloat64(at + 32, cell.factor, true)
    }
  }
}

function takeValues(cells: readonly PlainCells[], memory: PlainMemory, row: number, rows: number): void {
  const { bytes, floats, words, values } = memory
  for (const [index, cell] of cells.entries()) {
    const at = values + index * CHUNK_ROWS * 8
    if (cell.kind === 'decimal') cell.values.set(floats.subarray(at / 8, at / 8 + rows), row)
    else if (cell.kind === 'integer') cell.halves.set(words.subarray(at / 4, at / 4 + 2 * rows), 2 * row)
    else if (cell.kind === 'ignored') continue
    else if (cell.values instanceof Int32Array) cell.values.set(words.subarray(at / 4, at / 4 + rows), row)
    else cell.values.set(bytes.subarray(at, at + rows), row)
  }
}

/** Numbers that a float64 does not keep for certain: the nearest one, and whether its shortest form is another number. */
function takeLongCells(cells: readonly PlainCells[], memory: PlainMemory, { bytes, position, row }: PlainSpan): void {
  const { view, input, outcome, longCells } = memory
  const end = view.getUint32(outcome, true)
  for (let at = longCells; at < end; at += LONG_CELL_BYTES) {
    const cell = cells[view.getUint32(at + 4, true)]
    if (cell?.kind !== 'decimal') continue
    const start = view.getUint32(at + 8, true) - input + position
    const text = bytes.toString('latin1', start, view.getUint32(at + 12, true) - input + position)
    const value = Number(text)
    if (isInexact(text, value)) cell.reader.inexact++
    // No negative zero.
    cell.values[row + view.getUint32(at, true)] = value === 0 ? 0 : value
  }
}

/** Whether the row at a position has the bytes of the one that ends there. */
function isRepeated(bytes: Buffer, before: number, position: number): boolean {
  const size = position - before
  return bytes.indexOf(LINE_FEED, position) + 1 - position === size && isSame(bytes, before, bytes, position, size)
}
