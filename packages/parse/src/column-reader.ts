import type { ColumnValues, DecimalColumn } from '@lake/core'
import type { PlainCells } from './plain-cells.ts'
import type { Strip } from './strip.ts'

/** Why a file is refused for a single cell. */
export type StopCode = 'WRONG_FILE' | 'BAD_FORMAT' | 'BAD_ROW'

/** Understands the cells of one source column. */
export interface CellReader {
  /**
   * Reads the cell of each row of a strip, which must be followed by the byte `end`, into its rows, and moves the
   * strip's positions behind that byte. The same rows may be read again, fewer of them.
   *
   * @returns how many rows could be read before the first that could not
   */
  read(strip: Strip, end: number): number
  /** How its plain cells are read without it, into the memory of now; absent while there is no such way. */
  readonly plain?: PlainCells | undefined
  /** Takes note of rows that were read last and are right in every column. */
  settle?(row: number, count: number): void
  /** Why a text is refused, as words that follow it: "is not a decimal number". */
  refusal(text: string): string
  /** When a text that is refused condemns the whole file: it is another one, of another time, or its format has changed. */
  stops?(text: string): StopCode | undefined
}

/** A {@link CellReader} that keeps the values in a typed array. */
export interface ColumnReader extends CellReader {
  /** Makes room for so many rows, more than before, and keeps those that are there. */
  reserve(rows: number): void
  /** Gives away the values of the first rows, in an array of exactly that length. */
  take(rows: number): ColumnValues | DecimalColumn
}
