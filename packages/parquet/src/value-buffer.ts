import type { ChunkRows, ChunkValues } from './chunk-rows.ts'

/** What the typed arrays of columns have in common, as far as a buffer needs it. */
interface Values<A> {
  readonly length: number
  set(source: A, offset?: number): void
  subarray(from: number, to: number): A
}

/**
 * Rows of a column in growing memory: the values without the nulls, and where the nulls are.
 *
 * What is appended first is not copied until more comes: a table that fills whole row groups is encoded from its own
 * memory.
 */
export class ValueBuffer<A extends Values<A>> {
  readonly #arrayType: new (length: number) => A
  readonly #width: number
  #values: A
  #borrowed: A | undefined
  #count = 0
  #nulls = new Uint8Array(0)
  #hasNulls = false
  #rows = 0

  /** @param width elements of the array that make a value */
  constructor(arrayType: new (length: number) => A, width = 1) {
    this.#arrayType = arrayType
    this.#width = width
    this.#values = new arrayType(0)
  }

  /** Rows none of which is null. */
  append(values: A, from: number, to: number): void {
    if (this.#rows === 0) {
      this.#borrowed = this.#part(values, from, to)
      this.#rows = this.#count = to - from
      return
    }
    this.settle()
    this.#reserve(to - from)
    this.#copy(values, from, to)
  }

  /** Rows that are null where `nulls` holds 1. */
  appendSome(values: A, nulls: Uint8Array, from: number, to: number): void {
    this.settle()
    this.#reserve(to - from)
    for (let row = from; row < to;) {
      if (nulls[row] === 1) {
        this.#hasNulls = true
        this.#nulls[this.#rows++] = 1
        row++
        continue
      }
      let end = row + 1
      while (end < to && nulls[end] !== 1) end++
      this.#copy(values, row, end)
      row = end
    }
  }

  /** Copies what was appended without a copy. */
  settle(): void {
    const borrowed = this.#borrowed
    if (borrowed === undefined) return
    const rows = this.#rows
    this.#borrowed = undefined
    this.#rows = this.#count = 0
    this.#reserve(rows)
    this.#copy(borrowed, 0, rows)
  }

  /** The rows, and an empty buffer. */
  take(chunkOf: (values: A) => ChunkValues): ChunkRows {
    const values = this.#borrowed ?? this.#part(this.#values, 0, this.#count)
    const nulls = this.#hasNulls ? this.#nulls.subarray(0, this.#rows) : undefined
    const rows = this.#rows
    this.#borrowed = undefined
    this.#rows = this.#count = 0
    if (this.#hasNulls) this.#nulls = new Uint8Array(this.#nulls.length)
    this.#hasNulls = false
    return { rows, values: chunkOf(values), nulls }
  }

  #part(values: A, from: number, to: number): A {
    return values.subarray(from * this.#width, to * this.#width)
  }

  #copy(values: A, from: number, to: number): void {
    this.#values.set(this.#part(values, from, to), this.#count * this.#width)
    this.#count += to - from
    this.#rows += to - from
  }

  #reserve(more: number): void {
    if (this.#rows + more <= this.#nulls.length) return
    const capacity = Math.max(this.#rows + more, 2 * this.#nulls.length)
    const values = new this.#arrayType(capacity * this.#width)
    values.set(this.#part(this.#values, 0, this.#count))
    this.#values = values
    const nulls = new Uint8Array(capacity)
    nulls.set(this.#nulls.subarray(0, this.#rows))
    this.#nulls = nulls
  }
}
