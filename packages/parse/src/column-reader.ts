import type { ColumnValues } from '@lake/core'
import type { Cursor } from './cursor.ts'

/** Understands the cells of one source column. */
export interface CellReader {
  /** Reads the cell at the cursor into a row, and leaves the cursor behind it. False when it is not of the kind. */
  read(cursor: Cursor, row: number): boolean
  /** Why a text is refused, as words that follow it: "is not a decimal number". */
  refusal(text: string): string
}

/** A {@link CellReader} that keeps the values in a typed array. */
export interface ColumnReader extends CellReader {
  /** Makes room for so many rows, more than before, and keeps those that are there. */
  reserve(rows: number): void
  /** Gives away the values of the first rows, in an array of exactly that length. */
  take(rows: number): ColumnValues
}
