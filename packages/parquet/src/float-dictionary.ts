import { encodeMemory, FIRST } from './encode-memory.ts'

/** Codes for the distinct numbers of a column chunk. */
interface FloatDictionary {
  /** The distinct numbers in the order in which they came, as bytes. */
  readonly bytes: Uint8Array
  readonly size: number
  /** For each row the place of its number among them. */
  readonly codes: Int32Array
}

// So often it is asked whether there are too many distinct numbers.
const STRETCH_ROWS = 4096
const FIRST_BITS = 11

// Memory of this thread for what was found last: files of a day are many, and short.
let bytes = new Uint8Array(0)
let codes = new Int32Array(0)

/**
 * The distinct numbers of a chunk where there are few; valid until the next call.
 *
 * A dictionary is worth it where at most three of eight numbers are new: then a column takes less than two thirds of
 * what its plain numbers do. Columns that will not get there are given up early: see {@link tooMany}. Numbers are told
 * apart by their bits, in assembly/encode/dictionary.ts. The hash table is open, holds codes, and grows with them, so
 * that the few prices of a quiet month stay in the processor's first cache. What is found depends on the numbers alone:
 * equal rows give equal bytes.
 */
export function findFloatDictionary(floats: Float64Array): FloatDictionary | undefined {
  const rows = floats.length
  const most = Math.floor((rows * 3) / 8)
  if (most === 0) return undefined
  const memory = encodeMemory()
  const { kernels } = memory
  // One behind the other: values, codes, distinct numbers, table.
  const codesAt = FIRST + 8 * rows
  const numbers = codesAt + 8 * Math.ceil(rows / 2)
  const table = numbers + 8 * (most + STRETCH_ROWS)
  memory.reserve(table).set(bytesOf(floats), FIRST)
  let bits = 0
  let size = 0
  for (let from = 0; from < rows; from += STRETCH_ROWS) {
    const to = Math.min(rows, from + STRETCH_ROWS)
    // Room for a stretch of new numbers, with half of the slots free.
    const enough = Math.max(FIRST_BITS, 33 - Math.clz32(size + to - from))
    if (enough > bits) {
      bits = enough
      memory.reserve(table + (4 << bits))
      kernels.fillTable(numbers, size, table, bits)
    }
    size = kernels.codeNumbers(FIRST + 8 * from, to - from, codesAt + 4 * from, numbers, size, table, bits)
    if (size > tooMany(to, rows)) return undefined
  }
  if (codes.length < rows) {
    codes = new Int32Array(rows)
    bytes = new Uint8Array(8 * most)
  }
  const { buffer } = memory.reserve(0)
  codes.set(new Int32Array(buffer, codesAt, rows))
  bytes.set(new Uint8Array(buffer, numbers, 8 * size))
  return { bytes: bytes.subarray(0, 8 * size), size, codes }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/**
 * How many distinct numbers the first `seen` of `rows` may have: three of eight at the end and more before, since
 * numbers come back the more often the more there are. Independent draws from a set that is just small enough have
 * 86 % new ones in the first eighth, 75 % in the first quarter, and 58 % in the first half: the rule is a little stricter.
 */
function tooMany(seen: number, rows: number): number {
  const share = seen / rows
  return seen * (0.95 - 0.95 * share + 0.375 * share * share)
}
