// The table of a Huffman code of literals: for whatever eleven bits come next, how many of them are the code, and its literal.
// It is filled in the order of its places, so that what is stored need not end where it should: the next literal is stored
// over it.

import { bitsOf, peekBits } from './zstd-bits'
import { forgetPairs } from './zstd-pairs'
import { makeTable, PLAIN, readCounts, tableLog } from './zstd-tables'
import { NEXT, RANKS, SYMBOLS, WEIGHTS } from './zstd-work'

/** Bits of the longest code. */
export const MOST_BITS: u32 = 11

/** Reads how long codes are, makes the table of them, and returns where they end; 0 when they are damaged. */
export function readCodes(at: usize, last: usize, work: usize): usize {
  if (at >= last) return 0
  const weights = work + WEIGHTS
  const head = load<u8>(at++) as u32
  let count: u32
  if (head >= 128) {
    count = head - 127
    const bytes = (count + 1) >>> 1
    if (bytes > <u32>(last - at)) return 0
    for (let nth: u32 = 0; nth < count; nth++) {
      const pair = load<u8>(at + (nth >>> 1))
      store<u8>(weights + nth, (nth & 1) == 0 ? pair >>> 4 : pair & 15)
    }
    at += bytes
  } else {
    if (head > <u32>(last - at)) return 0
    count = readWeights(at, at + head, work)
    if (count == 0) return 0
    at += head
  }
  forgetPairs()
  return fillTable(weights, count, work) ? at : 0
}

/** Weights in a code of their own, two states of which take turns; returns how many there are, 0 when damaged. */
function readWeights(at: usize, last: usize, work: usize): u32 {
  const table = work + SYMBOLS
  at = readCounts(at, last, MOST_BITS + 1, 6, work)
  if (at == 0 || at >= last || !makeTable(table, PLAIN, work)) return 0
  const log = tableLog as i32
  let left = bitsOf(at, last)
  let one = peekBits(at, (left -= log), log)
  let other = peekBits(at, (left -= log), log)
  if (left < 0) return 0
  for (let count: u32 = 0; count < 254; count++) {
    const entry = table + ((one as usize) << 4)
    store<u8>(work + WEIGHTS + count, load<u8>(entry, 4))
    const bits = load<u8>(entry, 3) as i32
    left -= bits
    if (left < 0) {
      store<u8>(work + WEIGHTS + count + 1, load<u8>(table + ((other as usize) << 4), 4))
      return count + 2
    }
    one = other
    other = ((load<u32>(entry, 8) - (table as u32)) >>> 4) + peekBits(at, left, bits)
  }
  return 0
}

/** Gives each literal its places; the weight of the last one is what is left. */
function fillTable(weights: usize, count: u32, work: usize): bool {
  let total: u32 = 0
  for (let symbol: u32 = 0; symbol < count; symbol++) {
    const weight = load<u8>(weights + symbol) as u32
    if (weight > MOST_BITS) return false
    total += (1 << weight) >>> 1
  }
  if (total == 0) return false
  const most: u32 = 32 - clz<u32>(total)
  const left: u32 = (1 << most) - total
  if (most > MOST_BITS || popcnt<u32>(left) != 1) return false
  store<u8>(weights + count, (ctz<u32>(left) + 1) as u8)
  const ranks = work + RANKS
  memory.fill(ranks, 0, 64)
  for (let symbol: u32 = 0; symbol <= count; symbol++) {
    const rank = ranks + ((load<u8>(weights + symbol) as usize) << 2)
    store<u32>(rank, load<u32>(rank) + 1)
  }
  // The longer the code, the earlier its place.
  const sorted = work + NEXT
  let place: u32 = 0
  for (let weight: u32 = 0; weight <= most; weight++) {
    const rank = ranks + ((weight as usize) << 2)
    const those = load<u32>(rank)
    store<u32>(rank, place)
    place += those
  }
  for (let symbol: u32 = 0; symbol <= count; symbol++) {
    const rank = ranks + ((load<u8>(weights + symbol) as usize) << 2)
    const nth = load<u32>(rank)
    store<u32>(rank, nth + 1)
    store<u8>(sorted + nth, symbol as u8)
  }
  let to = work + SYMBOLS
  let nth = load<u32>(ranks)
  for (let weight: u32 = 1; weight <= most; weight++) {
    const size = (2 as usize) << (weight - 1 + MOST_BITS - most)
    for (const last = load<u32>(ranks + ((weight as usize) << 2)); nth < last; nth++) {
      const entries = i16x8.splat((((load<u8>(sorted + nth) as u32) << 8) | (most + 1 - weight)) as i16)
      for (let at: usize = 0; at < size; at += 16) v128.store(to + at, entries)
      to += size
    }
  }
  return true
}
