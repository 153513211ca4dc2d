import type { ColumnReader } from './column-reader.ts'
import { type Cursor, readDigits } from './cursor.ts'
import { Int64Values } from './int64-values.ts'

const INT64_MAX = 2n ** 63n - 1n

/** Integers without sign as int64, exact up to 2^63 - 1. */
export class IntegerReader implements ColumnReader {
  readonly #values = new Int64Values()

  read(cursor: Cursor, row: number): boolean {
    const start = cursor.position
    const value = readDigits(cursor)
    if (value < 0) return false
    if (value <= Number.MAX_SAFE_INTEGER) {
      this.#values.set(row, value)
      return true
    }
    const exact = BigInt(cursor.bytes.toString('latin1', start, cursor.position))
    if (exact > INT64_MAX) return false
    this.#values.setExact(row, exact)
    return true
  }

  refusal(text: string): string {
    return /^\d+$/.test(text) ? 'is larger than an int64' : 'is not a whole number'
  }

  reserve(rows: number): void {
    this.#values.reserve(rows)
  }

  take(rows: number): BigInt64Array {
    return this.#values.take(rows)
  }
}
