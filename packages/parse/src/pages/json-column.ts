import type { ColumnValues, DecimalColumn } from '@lake/core'
import type { JsonTape } from './json-tape.ts'

/** Understands the values of one field, and keeps what they say. */
export interface PageColumn {
  /** Reads a value that is not null into a row. False when it is not of the kind. */
  read(tape: JsonTape, entry: number, row: number): boolean
  /** Says that a row has no value. */
  clear(row: number): void
  /** Why a text is refused, as words that follow it. */
  refusal(text: string): string
  /** Makes room for so many rows, more than before, and keeps those that are there. */
  reserve(rows: number): void
  /** Gives away the values of the first rows. */
  take(rows: number): ColumnValues | DecimalColumn
}
