import { type ColumnMemory, FRESH_MEMORY } from './column-memory.ts'
import { addToAll } from './whole-numbers.ts'

const TWO_32 = 4_294_967_296

/** A growing int64 array that is written without making a BigInt of every value. */
export class Int64Values {
  #values = new BigInt64Array(0)
  /** The same memory as 32-bit halves, the low one first. */
  #halves = new Int32Array(0)
  readonly #memory: Pick<ColumnMemory, 'take'>

  constructor(memory: Pick<ColumnMemory, 'take'> = FRESH_MEMORY) {
    this.#memory = memory
  }

  /** Writes an integer from 0 to 2^53 - 1. */
  set(row: number, value: number): void {
    const high = Math.floor(value / TWO_32)
    this.#halves[2 * row] = value - high * TWO_32
    this.#halves[2 * row + 1] = high
  }

  /** The memory of now, as 32-bit halves, the low one first. */
  get halves(): Int32Array {
    return this.#halves
  }

  setExact(row: number, value: bigint): void {
    this.#values[row] = value
  }

  setHalves(row: number, high: number, low: number): void {
    this.#halves[2 * row] = low
    this.#halves[2 * row + 1] = high
  }

  /** A value from 0 to 2^53 - 1. */
  get(row: number): number {
    return (this.#halves[2 * row + 1] ?? 0) * TWO_32 + ((this.#halves[2 * row] ?? 0) >>> 0)
  }

  /** The values from one row to another, in the memory of now. */
  part(from: number, to: number): BigInt64Array {
    return this.#values.subarray(from, to)
  }

  reserve(rows: number): void {
    const values = this.#array(rows)
    values.set(this.#values)
    this.#values = values
    this.#halves = halvesOf(values)
  }

  /** A copy of the first rows, each with `add`, from 0 to 2^53, added. */
  plus(rows: number, add: number): BigInt64Array {
    const values = this.#array(rows)
    if (add === 0) values.set(this.#values.subarray(0, rows))
    else addToAll(this.#values.subarray(0, rows), add, values)
    return values
  }

  /** Gives away the first rows. */
  take(rows: number): BigInt64Array {
    const values = this.#values
    this.#values = new BigInt64Array(0)
    this.#halves = new Int32Array(0)
    return values.length === rows ? values : values.slice(0, rows)
  }

  #array(rows: number): BigInt64Array<ArrayBuffer> {
    return new BigInt64Array(this.#memory.take(rows * BigInt64Array.BYTES_PER_ELEMENT), 0, rows)
  }
}

function halvesOf(values: BigInt64Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  return new Int32Array(values.buffer, values.byteOffset, 2 * values.length)
}
