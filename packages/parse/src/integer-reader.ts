import type { NullableIntegers } from '@lake/core'
import type { ColumnMemory } from './column-memory.ts'
import type { ColumnReader } from './column-reader.ts'
import { Int64Values } from './int64-values.ts'
import { NullFlags } from './null-flags.ts'
import type { PlainCells } from './plain-cells.ts'
import { digitsBefore, readIntegers, type Strip, STRIP_ROWS } from './strip.ts'

const INT64_MAX = 2n ** 63n - 1n

/** Integers without sign as int64, exact up to 2^63 - 1. */
export class IntegerReader implements ColumnReader {
  readonly #values: Int64Values
  readonly #nulls: NullFlags | undefined
  readonly #numbers = new Float64Array(STRIP_ROWS)

  constructor(nullable: boolean, memory?: Pick<ColumnMemory, 'take'>) {
    this.#values = new Int64Values(memory)
    this.#nulls = nullable ? new NullFlags() : undefined
  }

  read(strip: Strip, end: number): number {
    const { row } = strip
    const numbers = this.#numbers
    const nulls = this.#nulls
    const read = readIntegers(strip, end, numbers, nulls !== undefined)
    for (let index = 0; index < read; index++) {
      const value = numbers[index] ?? 0
      nulls?.set(row + index, Number.isNaN(value))
      if (value <= Number.MAX_SAFE_INTEGER) {
        this.#values.set(row + index, value)
      } else if (Number.isNaN(value)) {
        this.#values.set(row + index, 0)
      } else {
        const exact = BigInt(digitsBefore(strip, index))
        if (exact > INT64_MAX) return index
        this.#values.setExact(row + index, exact)
      }
    }
    return read
  }

  get plain(): PlainCells | undefined {
    if (this.#nulls !== undefined) return undefined
    return { kind: 'integer', halves: this.#values.halves, least: 0, limit: Infinity, factor: 1 }
  }

  refusal(text: string): string {
    return /^\d+$/.test(text) ? 'is larger than an int64' : 'is not a whole number'
  }

  reserve(rows: number): void {
    this.#values.reserve(rows)
    this.#nulls?.reserve(rows)
  }

  take(rows: number): BigInt64Array | NullableIntegers {
    const values = this.#values.take(rows)
    return this.#nulls?.beside(values) ?? values
  }
}
