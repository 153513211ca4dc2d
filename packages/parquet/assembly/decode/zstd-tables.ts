// Tables of finite state entropy: how likely each symbol is, and from that what each state stands for, how many bits lead
// to the next one, and from where on these count. All that a state is about lies ready for use in 16 bytes:
//
//      0  how far to turn the bits until those of the next state lie where the mask is; of offsets, until they are added
//      1  flags, of which the sum of three states says whether a sequence is of a common kind: see below
//      3  bits of the value and of the next state together
//      4  base of the value, 4 bytes; of lengths, the fourth one is how many bits are added to it
//      8  where the state lies to which the bits of the next one are added, 4 bytes
//     12  mask of those bits, 2 bytes: they lie four bits up, since a state has 16 bytes
//     14  of offsets, how far to turn for the next state
//     15  of offsets, 4 when the distance is a new one

import { COUNTS, MEANINGS, NEXT, STEPS } from './zstd-work'

/** Bits of the state of the table that was made last. */
export let tableLog: u32 = 0
/** How many symbols have a count. */
let symbols: u32 = 0

/**
 * Reads how likely symbols are, and returns where that ends; 0 when it is damaged.
 *
 * @param most the greatest symbol there is
 */
export function readCounts(at: usize, last: usize, most: u32, mostLog: u32, work: usize): usize {
  tableLog = (load<u8>(at) & 15) + 5
  if (at >= last || tableLog > mostLog) return 0
  const counts = work + COUNTS
  let bit: u32 = 4
  let left: i32 = (1 << tableLog) + 1
  let threshold: i32 = 1 << tableLog
  let width = tableLog + 1
  symbols = 0
  while (left > 1) {
    if (symbols > most || at + (bit >>> 3) >= last) return 0
    const bits = load<u32>(at + (bit >>> 3)) >>> (bit & 7)
    // Small numbers take a bit less, as long as larger ones cannot come.
    const spared = 2 * threshold - 1 - left
    let count = (bits & (threshold - 1)) as i32
    if (count < spared) {
      bit += width - 1
    } else {
      count = (bits & (2 * threshold - 1)) as i32
      if (count >= threshold) count -= spared
      bit += width
    }
    count--
    left -= count < 0 ? -count : count
    store<i16>(counts + ((symbols as usize) << 1), count as i16)
    symbols++
    while (count == 0) {
      const zeros = ((load<u16>(at + (bit >>> 3)) as u32) >>> (bit & 7)) & 3
      bit += 2
      if (symbols + zeros > most + 1 || at + (bit >>> 3) > last) return 0
      for (let nth: u32 = 0; nth < zeros; nth++) addCounts(work, 1, 0)
      if (zeros != 3) break
    }
    while (left < threshold) {
      width--
      threshold >>= 1
    }
  }
  at += (bit + 7) >>> 3
  return left == 1 && at <= last ? at : 0
}

/** Starts counts that are known beforehand. */
export function startCounts(log: u32): void {
  tableLog = log
  symbols = 0
}

/** So many more symbols are as likely. */
export function addCounts(work: usize, times: u32, count: i32): void {
  for (let nth: u32 = 0; nth < times; nth++) {
    store<i16>(work + COUNTS + ((symbols as usize) << 1), count as i16)
    symbols++
  }
}

// What the symbols of a table stand for.
export const PLAIN: u32 = 0
export const LITERAL_LENGTH: u32 = 1
export const MATCH_LENGTH: u32 = 2
export const OFFSET: u32 = 3

// Flags, of which the sum over the three states of a sequence says what it is. A new distance has none, so that less than
// `LATEST` is one, with literals or without; less than `RARE` is the latest distance once more. All else is rare: the latest
// distance without literals, which stands for an earlier one, other earlier ones, and whatever takes many bits.
const NO_LITERALS: u32 = 1 << 8
export const LATEST: u32 = 2 << 8
export const RARE: u32 = 3 << 8

/** A table whose only state is a symbol. */
export function makeSingle(table: usize, symbol: u32, kind: u32, work: usize): void {
  let base: u32 = kind == MATCH_LENGTH ? 3 : 0
  for (let before: u32 = 0; before < symbol; before++) base += 1 << addedBits(before, kind)
  tableLog = 0
  makeMeaning(work + MEANINGS, symbol, kind, base)
  makeSteps(0, kind, work)
  makeState(table, table, 0, work + MEANINGS, work)
}

/** Makes a table from the counts; false when they are damaged. */
export function makeTable(table: usize, kind: u32, work: usize): bool {
  const counts = work + COUNTS
  const next = work + NEXT
  const size: u32 = 1 << tableLog
  // Symbols that are less likely than one state has room for come last.
  let high = size - 1
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const count = load<i16>(counts + ((symbol as usize) << 1)) as i32
    store<u16>(next + ((symbol as usize) << 1), count < 0 ? 1 : (count as u16))
    if (count < 0) store<u8>(table + ((high-- as usize) << 4), symbol as u8)
  }
  const step = (size >>> 1) + (size >>> 3) + 3
  let place: u32 = 0
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const count = load<i16>(counts + ((symbol as usize) << 1)) as i32
    for (let nth = 0; nth < count; nth++) {
      store<u8>(table + ((place as usize) << 4), symbol as u8)
      do place = (place + step) & (size - 1)
      while (place > high)
    }
  }
  if (place != 0) return false
  makeMeanings(kind, work)
  makeSteps(tableLog, kind, work)
  for (let state: u32 = 0; state < size; state++) {
    const entry = table + ((state as usize) << 4)
    const symbol = load<u8>(entry) as usize
    const nth = load<u16>(next + (symbol << 1)) as u32
    store<u16>(next + (symbol << 1), (nth + 1) as u16)
    const bits = tableLog - (31 - clz<u32>(nth))
    const from = (nth << bits) - size
    makeState(entry, table + ((from as usize) << 4), bits, work + MEANINGS + (symbol << 4), work)
  }
  return true
}

/** What each number of bits of the next state adds to a state. */
function makeSteps(most: u32, kind: u32, work: usize): void {
  for (let bits: u32 = 0; bits <= most; bits++) {
    const step = work + STEPS + ((bits as usize) << 4)
    // The first turn of an offset does not lead to them.
    store<u64>(step, (bits << 24) - (kind == OFFSET ? 0 : bits))
    store<u64>(step, (((((1 << bits) - 1) << 4) | ((64 - bits) << 16)) as u64) << 32, 8)
  }
}

/** Adds to what a symbol means where the next states are. */
function makeState(entry: usize, next: usize, bits: u32, meaning: usize, work: usize): void {
  const step = work + STEPS + ((bits as usize) << 4)
  store<u64>(entry, load<u64>(meaning) + load<u64>(step))
  store<u64>(entry, load<u64>(meaning, 8) + load<u64>(step, 8) + (next as u64), 8)
}

function makeMeanings(kind: u32, work: usize): void {
  let base: u32 = kind == MATCH_LENGTH ? 3 : 0
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    makeMeaning(work + MEANINGS + ((symbol as usize) << 4), symbol, kind, base)
    base += 1 << addedBits(symbol, kind)
  }
}

/** A state of a symbol, but for the next states. */
function makeMeaning(meaning: usize, symbol: u32, kind: u32, base: u32): void {
  const added = addedBits(symbol, kind)
  let head: u32 = 64
  let value = base | (added << 24)
  if (kind == LITERAL_LENGTH) head = 60 | (added << 24) | (added > 0 ? RARE : symbol == 0 ? NO_LITERALS : 0)
  else if (kind == MATCH_LENGTH) head = 64 | (added << 24) | (added > 0 ? RARE : 0)
  else if (kind == OFFSET) {
    // Turned by eight more: where the bits come from is in bitsAt().
    head = (56 - symbol) | (symbol << 24) | (symbol == 0 ? LATEST : symbol == 1 || symbol > 28 ? RARE : 0)
    value = 1 << symbol
  } else value = symbol
  store<u64>(meaning, (head as u64) | ((value as u64) << 32))
  store<u64>(meaning, kind == OFFSET && symbol > 1 ? (4 as u64) << 56 : 0, 8)
}

/** Bits that a code of lengths is followed by: the longer, the more of them share a code. */
function addedBits(symbol: u32, kind: u32): u32 {
  if (kind == LITERAL_LENGTH) {
    if (symbol < 16) return 0
    if (symbol < 20) return 1
    if (symbol < 22) return 2
    if (symbol < 24) return 3
    return symbol == 24 ? 4 : symbol - 19
  }
  if (kind == MATCH_LENGTH) {
    if (symbol < 32) return 0
    if (symbol < 36) return 1
    if (symbol < 38) return 2
    if (symbol < 40) return 3
    if (symbol < 42) return 4
    return symbol == 42 ? 5 : symbol - 36
  }
  return 0
}
