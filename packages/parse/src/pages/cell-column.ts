import type { ColumnValues, DecimalColumn } from '@lake/core'
import type { ColumnReader } from '../column-reader.ts'
import { DecimalReader } from '../decimal-reader.ts'
import { LINE_FEED, type Strip } from '../strip.ts'
import { expandExponent } from './expand-exponent.ts'
import { JSON_ARRAY, JSON_ESCAPED, JSON_SCIENTIFIC, type JsonTape } from './json-tape.ts'
import type { PageColumn } from './json-column.ts'

/** JSON values by the reader of the same cells in a CSV: numbers and flags, quoted or not. */
export class CellColumn implements PageColumn {
  readonly #reader: ColumnReader
  readonly #strip: Strip = { bytes: Buffer.alloc(0), positions: new Int32Array(1), count: 1, row: 0 }
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
    return this.#readCell(tape.bytes, tape.starts[entry] ?? 0, tape.ends[entry] ?? 0, row)
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

  take(rows: number): ColumnValues | DecimalColumn {
    const nulls = this.#nulls.slice(0, rows)
    this.#nulls = new Uint8Array(0)
    const values = this.#reader.take(rows)
    if (!nulls.includes(1)) return values
    return withNulls(values, nulls)
  }

  #readText(text: string | undefined, row: number): boolean {
    const bytes = Buffer.from(`${text ?? ''}\n`)
    return this.#readCell(bytes, 0, bytes.length - 1, row)
  }

  /** A cell is a strip of one row, which ends before whatever byte follows it. */
  #readCell(bytes: Buffer, start: number, end: number, row: number): boolean {
    const strip = this.#strip
    strip.bytes = bytes
    strip.positions[0] = start
    strip.row = row
    if (this.#reader.read(strip, bytes[end] ?? LINE_FEED) !== 1 || strip.positions[0] !== end + 1) return false
    this.#reader.settle?.(row, 1)
    return true
  }
}

/** The same values, null where a flag says so. */
function withNulls(values: ColumnValues | DecimalColumn, nulls: Uint8Array): ColumnValues | DecimalColumn {
  if ('units' in values) return { units: values.units, nulls }
  if (values instanceof BigInt64Array) return { values, nulls }
  for (let row = 0; row < nulls.length; row++) {
    if (nulls[row] !== 1) continue
    if (values instanceof Float64Array) values[row] = Number.NaN
    else if (values instanceof Uint8Array) values[row] = 2
    else if ('codes' in values) values.codes[row] = -1
  }
  return values
}
