// Tables of finite state entropy: how likely each symbol is, and from that what each state stands for, how many bits lead
// to the next one, and from where on these count. A state is one word of eight bytes, so that it is fetched at once:
//
//     base of the value (32) | bits that are added to it (8) | bits of the next state (8) | base of the next state (16)

import { COUNTS, MEANINGS, NEXT } from './zstd-work'

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

/** A table whose only state is a symbol. */
export function makeSingle(table: usize, symbol: u32, kind: u32): void {
  let base: u32 = kind == MATCH_LENGTH ? 3 : 0
  for (let before: u32 = 0; before < symbol; before++) base += 1 << addedBits(before, kind)
  store<u64>(table, meaningOf(symbol, kind, base))
  tableLog = 0
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
    if (count < 0) store<u8>(table + ((high-- as usize) << 3), symbol as u8)
  }
  const step = (size >>> 1) + (size >>> 3) + 3
  let place: u32 = 0
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const count = load<i16>(counts + ((symbol as usize) << 1)) as i32
    for (let nth = 0; nth < count; nth++) {
      store<u8>(table + ((place as usize) << 3), symbol as u8)
      do place = (place + step) & (size - 1)
      while (place > high)
    }
  }
  if (place != 0) return false
  makeMeanings(kind, work)
  for (let state: u32 = 0; state < size; state++) {
    const entry = table + ((state as usize) << 3)
    const symbol = load<u8>(entry) as usize
    const nth = load<u16>(next + (symbol << 1)) as u32
    store<u16>(next + (symbol << 1), (nth + 1) as u16)
    const bits = tableLog - (31 - clz<u32>(nth))
    const from = (nth << bits) - size
    store<u64>(entry, load<u64>(work + MEANINGS + (symbol << 3)) | ((bits as u64) << 40) | ((from as u64) << 48))
  }
  return true
}

function makeMeanings(kind: u32, work: usize): void {
  let base: u32 = kind == MATCH_LENGTH ? 3 : 0
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    store<u64>(work + MEANINGS + ((symbol as usize) << 3), meaningOf(symbol, kind, base))
    base += 1 << addedBits(symbol, kind)
  }
}

function meaningOf(symbol: u32, kind: u32, base: u32): u64 {
  if (kind == PLAIN) return symbol
  if (kind == OFFSET) return ((1 << symbol) as u64) | ((symbol as u64) << 32)
  return (base as u64) | ((addedBits(symbol, kind) as u64) << 32)
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
