import type { ColumnValues } from '@lake/core'
import type { ColumnReader } from '../column-reader.ts'
import type { Cursor } from '../cursor.ts'
import { DecimalReader } from '../decimal-reader.ts'
import { expandExponent } from './expand-exponent.ts'
import { JSON_ARRAY, JSON_ESCAPED, JSON_SCIENTIFIC, type JsonTape } from './json-tape.ts'
import type { PageColumn } from './page-column.ts'

/** JSON values by the reader of the same cells in a CSV: numbers and flags, quoted or not. */
export class CellColumn implements PageColumn {
  readonly #reader: ColumnReader
  readonly #cursor: Cursor = { bytes: Buffer.alloc(0), position: 0 }
  #nulls = new Uint8Array(0)

  constructor(reader: ColumnReader) {
    this.#reader = reader
  }

  /** Values whose shortest decimal form is not the source's number. */
  get inexact(): number {
    return this.#reader instanceof DecimalReader ? this.#reader.inexact : 0
  }

  read(tape: JsonTape, entry: number, row: number): boolean {
    const kind = tape.kinds[entry] ?? 0
    if (kind <= JSON_ARRAY) return false
    this.#nulls[row] = 0
    if (kind === JSON_ESCAPED) return this.#readText(tape.text(entry), row)
    if (kind === JSON_SCIENTIFIC) return this.#readText(expandExponent(tape.text(entry)), row)
    const cursor = this.#cursor
    cursor.bytes = tape.bytes
    cursor.position = tape.starts[entry] ?? 0
    return this.#reader.read(cursor, row) && cursor.position === tape.ends[entry]
  }

  clear(row: number): void {
    this.#nulls[row] = 1
  }

  refusal(text: string): string {
    return this.#reader.refusal(text)
  }

  reserve(rows: number): void {
    this.#reader.reserve(rows)
    const nulls = new Uint8Array(rows)
    nulls.set(this.#nulls)
    this.#nulls = nulls
  }

  take(rows: number): ColumnValues {
    const nulls = this.#nulls.slice(0, rows)
    this.#nulls = new Uint8Array(0)
    const values = this.#reader.take(rows)
    if (!nulls.includes(1)) return values
    return withNulls(values, nulls)
  }

  #readText(text: string | undefined, row: number): boolean {
    const cursor = this.#cursor
    cursor.bytes = Buffer.from(`${text ?? ''}\n`)
    cursor.position = 0
    return this.#reader.read(cursor, row) && cursor.position === cursor.bytes.length - 1
  }
}

/** The same values, null where a flag says so. */
function withNulls(values: ColumnValues, nulls: Uint8Array): ColumnValues {
  if (values instanceof BigInt64Array) return { values, nulls }
  for (let row = 0; row < nulls.length; row++) {
    if (nulls[row] !== 1) continue
    if (values instanceof Float64Array) values[row] = Number.NaN
    else if (values instanceof Uint8Array) values[row] = 2
    else if ('codes' in values) values.codes[row] = -1
  }
  return values
}
