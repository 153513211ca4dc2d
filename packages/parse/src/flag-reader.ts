import type { WordColumn } from '@lake/core'
import { type ColumnMemory, FRESH_MEMORY } from './column-memory.ts'
import type { ColumnReader } from './column-reader.ts'
import type { PlainCells } from './plain-cells.ts'
import type { Strip } from './strip.ts'

/** The sides by code, the same in every batch. */
export const SIDES = ['buy', 'sell'] as const

const TRUE_LENGTH = 4
const FALSE_LENGTH = 5

/** `true`, `True`, `false`, `False` as 1 and 0, and an empty cell as 2 where it is allowed. */
export class FlagReader implements ColumnReader {
  readonly #nullable: boolean
  #values = new Uint8Array(0)

  constructor(nullable: boolean) {
    this.#nullable = nullable
  }

  read(strip: Strip, end: number): number {
    return readFlags(strip, end, this.#values, this.#nullable)
  }

  get plain(): PlainCells | undefined {
    return this.#nullable ? undefined : { kind: 'flag', values: this.#values }
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
  readonly #memory: Pick<ColumnMemory, 'take'>
  #codes = new Int32Array(0)

  constructor(memory: Pick<ColumnMemory, 'take'> = FRESH_MEMORY) {
    this.#memory = memory
  }

  read(strip: Strip, end: number): number {
    return readFlags(strip, end, this.#codes, false)
  }

  get plain(): PlainCells {
    return { kind: 'flag', values: this.#codes }
  }

  refusal(): string {
    return 'is neither true nor false'
  }

  reserve(rows: number): void {
    const codes = new Int32Array(this.#memory.take(rows * Int32Array.BYTES_PER_ELEMENT), 0, rows)
    codes.set(this.#codes)
    this.#codes = codes
  }

  take(rows: number): WordColumn {
    const codes = this.#codes
    this.#codes = new Int32Array(0)
    return { codes: codes.length === rows ? codes : codes.slice(0, rows), words: SIDES }
  }
}

function readFlags(strip: Strip, end: number, values: Uint8Array | Int32Array, nullable: boolean): number {
  const { bytes, positions, count, row } = strip
  for (let index = 0; index < count; index++) {
    const position = positions[index] ?? 0
    // Only the first letter may be a capital: 32 is what tells the cases apart.
    const first = (bytes[position] ?? 0) | 32
    let flag = 2
    let length = 0
    if (first === 116 && bytes[position + 1] === 114 && bytes[position + 2] === 117 && bytes[position + 3] === 101) {
      flag = 1
      length = TRUE_LENGTH
    } else if (
      first === 102 &&
      bytes[position + 1] === 97 &&
      bytes[position + 2] === 108 &&
      bytes[position + 3] === 115 &&
      bytes[position + 4] === 101
    ) {
      flag = 0
      length = FALSE_LENGTH
    } else if (!nullable) {
      return index
    }
    if (bytes[position + length] !== end) return index
    values[row + index] = flag
    positions[index] = position + length + 1
  }
  return count
}
