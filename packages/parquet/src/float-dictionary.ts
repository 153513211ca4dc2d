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

// So often it is asked whether there are too many distinct numbers.
const STRETCH_ROWS = 4096
const FIRST_BITS = 11

/**
 * A finder of dictionaries, which keeps its memory.
 *
 * A dictionary is worth it where at most three of eight numbers are new: then a column takes less than two thirds of
 * what its plain numbers do. Columns that will not get there are given up early: see {@link tooMany}. Numbers are told apart by their bits, so
 * that -0 stays -0. The hash table is open, holds codes, and grows with them, so that the few prices of a quiet month
 * stay in the processor's first cache. What is found depends on the numbers alone: equal rows give equal bytes.
 */
export function createFloatDictionaries(): FindFloatDictionary {
  let slots = new Int32Array(1 << FIRST_BITS)
  let words = new Int32Array(0)
  let codes = new Int32Array(0)

  return (halves, rows) => {
    const most = Math.floor((rows * 3) / 8)
    if (most === 0) return undefined
    if (codes.length < rows) {
      codes = new Int32Array(rows)
      words = new Int32Array(2 * (most + STRETCH_ROWS))
    }
    let bits = FIRST_BITS
    let table = slots.subarray(0, 1 << bits).fill(-1)
    let size = 0
    for (let from = 0; from < rows; from += STRETCH_ROWS) {
      const to = Math.min(rows, from + STRETCH_ROWS)
      // Room for a stretch of new numbers, with half of the slots free.
      const enough = 33 - Math.clz32(size + to - from)
      if (enough > bits) {
        bits = enough
        if (slots.length < 1 << bits) slots = new Int32Array(1 << bits)
        table = slots.subarray(0, 1 << bits)
        fillTable(table, bits, words, size)
      }
      size = addNumbers({ table, bits, words, codes }, halves, from, to, size)
      if (size > tooMany(to, rows)) return undefined
    }
    return { words: words.subarray(0, 2 * size), size, codes }
  }
}

interface Tables {
  readonly table: Int32Array
  readonly bits: number
  readonly words: Int32Array
  readonly codes: Int32Array
}

/** Gives rows `[from, to)` their codes; returns how many distinct numbers there are now. */
function addNumbers(
  { table, bits, words, codes }: Tables,
  halves: Int32Array,
  from: number,
  to: number,
  known: number,
): number {
  const mask = table.length - 1
  const shift = 32 - bits
  let size = known
  let code = -1
  let lastLow = 0
  let lastHigh = 0
  for (let row = from; row < to; row++) {
    const low = halves[2 * row] ?? 0
    const high = halves[2 * row + 1] ?? 0
    // One price often holds for many trades.
    if (low !== lastLow || high !== lastHigh || code < 0) {
      let slot = hash(low, high) >>> shift
      code = table[slot] ?? -1
      while (code >= 0 && (words[2 * code] !== low || words[2 * code + 1] !== high)) {
        slot = (slot + 1) & mask
        code = table[slot] ?? -1
      }
      if (code < 0) {
        code = size++
        table[slot] = code
        words[2 * code] = low
        words[2 * code + 1] = high
      }
      lastLow = low
      lastHigh = high
    }
    codes[row] = code
  }
  return size
}

function fillTable(table: Int32Array, bits: number, words: Int32Array, size: number): void {
  const mask = table.length - 1
  table.fill(-1)
  for (let code = 0; code < size; code++) {
    let slot = hash(words[2 * code] ?? 0, words[2 * code + 1] ?? 0) >>> (32 - bits)
    while ((table[slot] ?? -1) >= 0) slot = (slot + 1) & mask
    table[slot] = code
  }
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

function hash(low: number, high: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1)
  return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35)
}
