/** Codes for the distinct numbers of a column chunk. */
interface FloatDictionary {
  /** The distinct numbers in the order in which they came, as halves. */
  readonly words: Int32Array
  readonly size: number
  /** For each row the place of its number in `words`. */
  readonly codes: Int32Array
}

/** Finds the distinct numbers of a chunk where there are few; the result is valid until the next call. */
export type FindFloatDictionary = (halves: Int32Array, rows: number) => FloatDictionary | undefined

// After so many rows a column whose numbers are nearly all new is given up.
const SAMPLE_ROWS = 4096
const SAMPLE_WORDS = (SAMPLE_ROWS * 7) / 8

/**
 * A finder of dictionaries, which keeps its memory.
 *
 * A dictionary is worth it where at most every second number is new: then it is smaller than snappy makes the plain
 * numbers. Numbers are told apart by their bits, so that -0 stays -0. The hash table is open and holds codes; its
 * decision depends on the numbers alone, so equal rows give equal bytes.
 */
export function createFloatDictionaries(): FindFloatDictionary {
  let slots = new Int32Array(0)
  let words = new Int32Array(0)
  let codes = new Int32Array(0)

  return (halves, rows) => {
    const most = rows >> 1
    if (most === 0) return undefined
    const bits = 32 - Math.clz32(2 * most)
    if (codes.length < rows) {
      codes = new Int32Array(rows)
      words = new Int32Array(2 * (most + 1))
      slots = new Int32Array(1 << bits)
    }
    const table = slots.subarray(0, 1 << bits).fill(-1)
    const mask = table.length - 1
    let size = 0
    for (let row = 0; row < rows; row++) {
      const low = halves[2 * row] ?? 0
      const high = halves[2 * row + 1] ?? 0
      let slot = hash(low, high) >>> (32 - bits)
      let code = table[slot] ?? -1
      while (code >= 0 && (words[2 * code] !== low || words[2 * code + 1] !== high)) {
        slot = (slot + 1) & mask
        code = table[slot] ?? -1
      }
      if (code < 0) {
        if (size === most || (size > SAMPLE_WORDS && row < SAMPLE_ROWS)) return undefined
        code = size++
        table[slot] = code
        words[2 * code] = low
        words[2 * code + 1] = high
      }
      codes[row] = code
    }
    return { words: words.subarray(0, 2 * size), size, codes }
  }
}

function hash(low: number, high: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1)
  return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35)
}
