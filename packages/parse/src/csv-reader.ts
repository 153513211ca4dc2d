/*
 * How this is fast: rows in their plain form, which are nearly all, are read one after the other in a single loop (see
 * plain-rows.ts). The first rows of a file, those around one that is not plain, and all rows of formats with other
 * cells are read in strips of a few hundred, column by column. The reader of a column is one tight loop over the same
 * kind of cell: the engine compiles each kind by itself, and the strip's bytes stay in the first-level cache until its
 * last column is done. There is no string, no split, no object a row or a cell, and no call a cell. A reader stops at
 * the first cell that it does not understand, so checking the structure of a line costs one comparison a cell. The row
 * that stopped it is looked at by itself, slowly: it may only end differently (CRLF), be blank at the end of the file,
 * or be wrong, and then that is said exactly.
 */
import type { SourceColumn } from '@lake/core'
import type { BadRow, RowFault } from './bad-row.ts'
import type { CellReader, StopCode } from './column-reader.ts'
import { plainColumns } from './plain-columns.ts'
import { readPlainRows } from './plain-rows.ts'
import { CARRIAGE_RETURN, isSame, LINE_FEED, makeStrip, type Strip, STRIP_ROWS } from './strip.ts'
import { LONGEST_LINE } from './whole-lines.ts'
import { withoutEmptyWords } from './without-empty-words.ts'

export interface CsvReaderOptions {
  readonly file: string
  readonly columns: readonly SourceColumn[]
  /** One for each column, in its order. */
  readonly readers: readonly CellReader[]
  readonly delimiter: string
  /** The number of the first line of rows, counted from 1. */
  readonly firstLine: number
  /** What stands in lines of rows that were taken back, by the names of columns. */
  readonly withdrawn?: Readonly<Record<string, number>> | undefined
  /** Takes note of a row that is not of the format, and throws when that ends the file. */
  readonly refuse: (row: BadRow) => void
}

/** After so many rows of a file its unit of time is known, and mostly the number of places: then rows can be plain. */
const FIRST_ROWS = 8

/** So many strips, at most, are read by their columns before plain rows are looked for again. */
const LONGEST_WAIT = 63

/** Where a block of whole lines stands. */
export interface BlockCursor {
  readonly bytes: Buffer
  position: number
}

/** Reads the lines of one CSV file, block by block. */
export class CsvReader {
  /** The number of the next line, counted from 1. */
  line: number
  /** Rows whose bytes are those of the row before. */
  repeated = 0
  /** Lines of rows that were taken back. */
  withdrawn = 0
  readonly #options: CsvReaderOptions
  readonly #delimiter: number
  /** Where the lines of the strip begin, and the one behind it. */
  readonly #starts = new Int32Array(STRIP_ROWS + 1)
  readonly #strip = makeStrip()
  readonly #single = makeStrip()
  #lastRow: Buffer = Buffer.alloc(0)
  #isFresh = true
  /** How many strips are read by their columns before plain rows are looked for again, and how many the next time. */
  #wait = 1
  #patience = 0
  #blankLine = 0
  /** What lines end with: the carriage return in front of the line feed, or that itself. */
  #lineEnd = LINE_FEED

  constructor(options: CsvReaderOptions) {
    this.line = options.firstLine
    this.#options = options
    this.#delimiter = options.delimiter.charCodeAt(0)
  }

  /**
   * Reads lines into rows `row`, `row + 1` … below `limit`, which the columns must have room for, and leaves the
   * cursor behind the last line read.
   *
   * @returns the row after the last
   * @throws {@link LakeError} what `refuse` throws
   */
  rows(cursor: BlockCursor, row: number, limit: number): number {
    const { bytes } = cursor
    let next = row
    while (cursor.position < bytes.length && next < limit) {
      next = this.#readPlain(cursor, next, limit)
      if (cursor.position === bytes.length || next === limit) break
      const lines = this.#findLines(cursor, Math.min(this.#isFresh ? FIRST_ROWS : STRIP_ROWS, limit - next))
      this.#isFresh = false
      const read = this.#blankLine === 0 ? this.#readStrip(bytes, lines, next) : 0
      this.#settle(bytes, read, next)
      next += read
      this.line += read
      cursor.position = this.#starts[read] ?? bytes.length
      if (read < lines && this.#readSingle(cursor, next)) next++
    }
    return next
  }

  /** Reads rows as long as they are plain; seldom tried where most are not. */
  #readPlain(cursor: BlockCursor, row: number, limit: number): number {
    if (this.#wait-- > 0 || this.#blankLine !== 0) return row
    const { bytes, position } = cursor
    const columns = plainColumns(this.#options.readers)
    const read = columns && readPlainRows(columns, { bytes, position, row, limit, delimiter: this.#delimiter })
    const count = (read?.row ?? row) - row
    const isStopped = read === undefined || (read.row < limit && read.position < bytes.length)
    this.#patience = isStopped && count < STRIP_ROWS ? Math.min(2 * this.#patience + 1, LONGEST_WAIT) : 0
    this.#wait = this.#patience
    if (read === undefined || count === 0) return row
    const first = bytes.indexOf(LINE_FEED, position) + 1 - position
    const before = this.#lastRow
    if (first === before.length && isSame(before, 0, bytes, position, first)) this.repeated++
    this.repeated += read.repeated
    this.#lastRow = Buffer.from(bytes.subarray(read.last, read.position))
    this.line += count
    cursor.position = read.position
    return read.row
  }

  /** Notes where the next lines begin, and gives their number. */
  #findLines({ bytes, position }: BlockCursor, most: number): number {
    const starts = this.#starts
    let lines = 0
    let start = position
    while (lines < most && start < bytes.length) {
      starts[lines++] = start
      start = bytes.indexOf(LINE_FEED, start) + 1
    }
    starts[lines] = start
    return lines
  }

  /** How many of the lines are rows in the common form, up to the first that is not. */
  #readStrip(bytes: Buffer, lines: number, row: number): number {
    const strip = this.#strip
    strip.bytes = bytes
    strip.row = row
    strip.count = this.#shortLines(lines)
    // Once more without the rows behind the first that stopped a column: no other column may take note of them.
    if (!this.#readColumns(strip)) this.#readColumns(strip)
    return strip.count
  }

  /** Reads every column and leaves the number of good rows in the strip. False when there were other rows. */
  #readColumns(strip: Strip): boolean {
    const { readers } = this.#options
    const last = readers.length - 1
    const asked = strip.count
    strip.positions.set(this.#starts.subarray(0, asked))
    for (let index = 0; index < last; index++) strip.count = readers[index]?.read(strip, this.#delimiter) ?? 0
    strip.count = readers[last]?.read(strip, this.#lineEnd) ?? 0
    if (this.#lineEnd === CARRIAGE_RETURN) strip.count = feedsBehind(strip)
    return strip.count === asked
  }

  /** How many lines there are in front of the first that is too long. */
  #shortLines(lines: number): number {
    const starts = this.#starts
    if ((starts[lines] ?? 0) - (starts[0] ?? 0) <= LONGEST_LINE) return lines
    for (let index = 0; index < lines; index++) {
      if ((starts[index + 1] ?? 0) - 1 - (starts[index] ?? 0) > LONGEST_LINE) return index
    }
    return lines
  }

  #settle(bytes: Buffer, count: number, row: number): void {
    if (count === 0) return
    for (const reader of this.#options.readers) reader.settle?.(row, count)
    const starts = this.#starts
    let before = this.#lastRow
    let from = 0
    let length = before.length
    for (let index = 0; index < count; index++) {
      const start = starts[index] ?? 0
      const itsLength = (starts[index + 1] ?? 0) - start
      if (itsLength === length && isSame(before, from, bytes, start, length)) this.repeated++
      before = bytes
      from = start
      length = itsLength
    }
    this.#lastRow = Buffer.from(bytes.subarray(from, from + length))
  }

  /** Reads the line at the cursor by itself. True when it is a row after all. */
  #readSingle(cursor: BlockCursor, row: number): boolean {
    const { file, columns, readers, delimiter, refuse } = this.#options
    const start = cursor.position
    const end = cursor.bytes.indexOf(LINE_FEED, start)
    const line = this.line
    cursor.position = end + 1
    this.line++
    const isBlank = end === start || (end === start + 1 && cursor.bytes[start] === CARRIAGE_RETURN)
    if (this.#blankLine !== 0) {
      const why = 'is blank, but more lines follow'
      refuse({ fault: { file, line: this.#blankLine, value: '', why }, text: '' })
      this.#blankLine = 0
    }
    if (isBlank) {
      this.#blankLine = line
      return false
    }
    const hasReturn = cursor.bytes[end - 1] === CARRIAGE_RETURN
    const text = cursor.bytes.toString('utf8', start, hasReturn ? end - 1 : end)
    const refused = (fault: Omit<RowFault, 'file' | 'line'>, stops?: StopCode): false => {
      refuse({ fault: { file, line, ...fault }, text, stops })
      return false
    }
    if (end - start > LONGEST_LINE) return refused({ value: text, why: 'is longer than 64 KiB' })
    const cells = text.split(delimiter)
    if (cells.length !== columns.length) {
      return refused({ value: text, why: `has ${cells.length} columns, not ${columns.length}` })
    }
    // The line without its carriage return, as a strip of its own.
    const content = withoutEmptyWords(cursor.bytes.subarray(start, hasReturn ? end - 1 : end), columns, delimiter)
    const bytes = Buffer.concat([content, Buffer.of(LINE_FEED)])
    const strip = this.#single
    strip.bytes = bytes
    strip.row = row
    strip.count = 1
    strip.positions[0] = 0
    for (const [index, reader] of readers.entries()) {
      const delimiterOrEnd = index === readers.length - 1 ? LINE_FEED : this.#delimiter
      if (reader.read(strip, delimiterOrEnd) === 1) continue
      if (this.#isWithdrawn(cells)) {
        this.withdrawn++
        return false
      }
      const value = cells[index] ?? ''
      return refused({ column: columns[index]?.name, value, why: reader.refusal(value) }, reader.stops?.(value))
    }
    this.#starts[0] = 0
    this.#starts[1] = bytes.length
    this.#settle(bytes, 1, row)
    if (hasReturn) this.#lineEnd = CARRIAGE_RETURN
    return true
  }

  /** Whether a line that is no row stands for one that was taken back. */
  #isWithdrawn(cells: readonly string[]): boolean {
    const { columns, withdrawn } = this.#options
    return (
      withdrawn !== undefined &&
      Object.entries(withdrawn).every(([name, number]) => {
        const cell = cells[columns.findIndex((column) => column.name === name)] ?? ''
        return /^-?\d+(?:\.\d+)?$/.test(cell) && Number(cell) === number
      })
    )
  }
}

/** How many rows have a line feed behind their carriage return. */
function feedsBehind({ bytes, positions, count }: Strip): number {
  for (let index = 0; index < count; index++) if (bytes[positions[index] ?? 0] !== LINE_FEED) return index
  return count
}
