/*
 * How this is fast: a block of whole lines is walked once, byte by byte, and every cell goes from its bytes straight
 * into a typed array. There is no string, no split and no object a row or a cell on the way. The readers of a file
 * are chosen once, from the description of its format. A reader leaves the cursor on the first byte that it does not
 * understand, and that byte must be the comma or the line's end: so checking the structure of a line costs one
 * comparison a cell. Anything unexpected is looked at a second time, slowly, to say exactly what is wrong.
 */
import type { SourceFormat } from '@lake/core'
import { badRow } from './bad-row.ts'
import { checkHeader } from './check-header.ts'
import type { CellReader } from './column-reader.ts'
import { CARRIAGE_RETURN, COMMA, type Cursor, digitAt, LINE_FEED } from './cursor.ts'
import { LONGEST_LINE } from './whole-lines.ts'

/** Reads the lines of one CSV file, block by block. */
export class CsvReader {
  /** True when the file began with a header line; undefined until the first block. */
  header: boolean | undefined
  /** The number of the next line, counted from 1. */
  line = 1
  readonly #file: string
  readonly #format: SourceFormat
  readonly #readers: readonly CellReader[]
  #blankLine = 0

  /** @param readers one for each column of the format, in its order */
  constructor(file: string, format: SourceFormat, readers: readonly CellReader[]) {
    this.#file = file
    this.#format = format
    this.#readers = readers
  }

  /** Where the rows of a block begin: behind a byte order mark and a header, which only the first block can have. */
  start(block: Buffer): number {
    if (this.header !== undefined) return 0
    const first = block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? 3 : 0
    const digit = digitAt(block, first)
    this.header = digit < 0 || digit > 9
    if (!this.header) return first
    checkHeader(this.#file, lineAt(block, first).text, this.#format)
    this.line = 2
    return block.indexOf(LINE_FEED) + 1
  }

  /**
   * Reads lines into rows `row`, `row + 1` … below `limit`, which the columns must have room for, and leaves the
   * cursor behind the last line read.
   *
   * @returns the row after the last
   * @throws {@link LakeError} `BAD_ROW` for the first line that is not of the format
   */
  rows(cursor: Cursor, row: number, limit: number): number {
    const { bytes } = cursor
    const readers = this.#readers
    const last = readers.length - 1
    while (cursor.position < bytes.length && row < limit) {
      const start = cursor.position
      for (let index = 0; index <= last; index++) {
        if (readers[index]?.read(cursor, row) !== true) return this.#stop(cursor, start, row)
        if (index === last) break
        if (bytes[cursor.position] !== COMMA) return this.#stop(cursor, start, row)
        cursor.position++
      }
      if (bytes[cursor.position] === CARRIAGE_RETURN) cursor.position++
      if (bytes[cursor.position] !== LINE_FEED) return this.#stop(cursor, start, row)
      if (cursor.position - start > LONGEST_LINE || this.#blankLine !== 0) return this.#stop(cursor, start, row)
      cursor.position++
      this.line++
      row++
    }
    return row
  }

  /** Passes over a blank last line; throws for every other line, since it could not be read. */
  #stop(cursor: Cursor, start: number, row: number): number {
    const file = this.#file
    const line = this.line
    if (this.#blankLine !== 0) {
      throw badRow({ file, line: this.#blankLine, value: '', why: 'is blank, but more lines follow' })
    }
    const { text, next } = lineAt(cursor.bytes, start)
    if (text === '') {
      this.#blankLine = line
      this.line++
      cursor.position = next
      return row
    }
    if (next - 1 - start > LONGEST_LINE) throw badRow({ file, line, value: text, why: 'is longer than 64 KiB' })
    const cells = text.split(',')
    if (cells.length !== this.#readers.length) {
      const why = `has ${cells.length} columns, not ${this.#readers.length}`
      throw badRow({ file, line, value: text, why })
    }
    const index = this.#readers.findIndex((reader, at) => !understands(reader, cells[at] ?? '', row))
    const value = cells[index] ?? ''
    const why = this.#readers[index]?.refusal(value) ?? 'cannot be read'
    throw badRow({ file, line, column: this.#format.columns[index]?.name, value, why })
  }
}

/** The text of the line that begins at an offset, without its end, and where the next one begins. */
function lineAt(bytes: Buffer, start: number): { text: string; next: number } {
  const end = bytes.indexOf(LINE_FEED, start)
  const text = bytes.toString('utf8', start, bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end)
  return { text, next: end + 1 }
}

/** Reads one cell alone, which it must understand to its end. */
function understands(reader: CellReader, cell: string, row: number): boolean {
  const cursor = { bytes: Buffer.from(`${cell}\n`), position: 0 }
  return reader.read(cursor, row) && cursor.position === cursor.bytes.length - 1
}

/** How many lines a block has from an offset on. */
export function countLines(block: Buffer, start: number): number {
  let lines = 0
  for (let end = block.indexOf(LINE_FEED, start); end !== -1; end = block.indexOf(LINE_FEED, end + 1)) lines++
  return lines
}
