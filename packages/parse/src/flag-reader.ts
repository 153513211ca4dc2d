import type { WordColumn } from '@lake/core'
import type { ColumnReader } from './column-reader.ts'
import type { Cursor } from './cursor.ts'

/** The sides by code, the same in every batch. */
const SIDES = ['buy', 'sell'] as const

/** `true`, `True`, `false`, `False` as 1 and 0. */
export class FlagReader implements ColumnReader {
  #values = new Uint8Array(0)

  read(cursor: Cursor, row: number): boolean {
    const flag = readFlag(cursor)
    this.#values[row] = flag
    return flag >= 0
  }

  refusal(): string {
    return 'is neither true nor false'
  }

  reserve(rows: number): void {
    const values = new Uint8Array(rows)
    values.set(this.#values)
    this.#values = values
  }

  take(rows: number): Uint8Array {
    const values = this.#values
    this.#values = new Uint8Array(0)
    return values.length === rows ? values : values.slice(0, rows)
  }
}

/** The side of the taker, from the flag that the buyer was the maker. */
export class SideReader implements ColumnReader {
  #codes = new Int32Array(0)

  read(cursor: Cursor, row: number): boolean {
    const buyerIsMaker = readFlag(cursor)
    this.#codes[row] = buyerIsMaker
    return buyerIsMaker >= 0
  }

  refusal(): string {
    return 'is neither true nor false'
  }

  reserve(rows: number): void {
    const codes = new Int32Array(rows)
    codes.set(this.#codes)
    this.#codes = codes
  }

  take(rows: number): WordColumn {
    const codes = this.#codes
    this.#codes = new Int32Array(0)
    return { codes: codes.length === rows ? codes : codes.slice(0, rows), words: SIDES }
  }
}

/** 1, 0, or -1 for neither. */
function readFlag(cursor: Cursor): number {
  const { bytes, position } = cursor
  // Only the first letter may be a capital: 32 is what tells the cases apart.
  const first = (bytes[position] ?? 0) | 32
  if (first === 116 && bytes[position + 1] === 114 && bytes[position + 2] === 117 && bytes[position + 3] === 101) {
    cursor.position = position + 4
    return 1
  }
  const isFalse =
    first === 102 &&
    bytes[position + 1] === 97 &&
    bytes[position + 2] === 108 &&
    bytes[position + 3] === 115 &&
    bytes[position + 4] === 101
  if (!isFalse) return -1
  cursor.position = position + 5
  return 0
}
