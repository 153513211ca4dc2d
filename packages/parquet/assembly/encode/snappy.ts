// Snappy, written for columns of numbers.
//
// Most pages are either full of repeats or have none, so what counts is to give up quickly: after every 32 places
// without a match the search steps one byte further. Four bytes are compared with one load, and what has no match is
// copied as one stretch. The output depends on nothing but the input: a table of places from an earlier call would
// find other matches, so it is cleared.

import { writeVarint } from './varint'

/** Words of the table of places, which the caller has room for. */
const TABLE_BITS = 14
const MOST_DISTANCE: usize = 65_535

/**
 * Writes the compressed form of `length` bytes to `output` and returns where it ends.
 *
 * @param input starts at a multiple of four; 32 bytes behind its end may be read
 * @param output has room for the most that snappy can make of it, and for 32 bytes more
 * @param table 64 KiB
 */
export function compressSnappy(input: usize, length: i32, output: usize, table: usize): usize {
  let end = writeVarint(output, length)
  const inputEnd = input + length
  let literal = input
  if (length >= 16) {
    memory.fill(table, 0, 4 << TABLE_BITS)
    const lastWord = input + (length & ~3)
    let at = input + 4
    let patience = 32
    while (at < lastWord) {
      const word = load<u32>(at)
      const slot = table + (((word * 0x1e35a7bd) >>> (32 - TABLE_BITS)) << 2)
      // Places are kept from the start of the input, so that a cleared table points there.
      const candidate = input + load<u32>(slot)
      store<u32>(slot, at - input)
      if (load<u32>(candidate) != word || at - candidate > MOST_DISTANCE) {
        at += (patience++ >>> 5) << 2
        continue
      }
      const distance = at - candidate
      const first = max(literal, input + distance)
      let from = at
      while (from > first && load<u8>(from - 1) == load<u8>(from - 1 - distance)) from--
      let to = at + 4
      while (to < lastWord && load<u32>(to) == load<u32>(to - distance)) to += 4
      while (to < inputEnd && load<u8>(to) == load<u8>(to - distance)) to++
      if (literal < from) end = writeLiteral(literal, from, end)
      end = writeCopy(end, distance as u32, (to - from) as u32)
      literal = to
      // The next place that is a multiple of four behind the start.
      at = input + ((to - input + 3) & ~3)
      patience = 32
    }
  }
  return literal < inputEnd ? writeLiteral(literal, inputEnd, end) : end
}

function writeLiteral(from: usize, to: usize, output: usize): usize {
  const length = to - from
  const last = (length - 1) as u32
  let end = output
  if (last < 60) {
    store<u8>(end++, last << 2)
  } else {
    const bytes = last < 0x1_00 ? 1 : last < 0x1_0000 ? 2 : last < 0x1_00_0000 ? 3 : 4
    store<u8>(end++, (59 + bytes) << 2)
    for (let byte = 0; byte < bytes; byte++) store<u8>(end++, last >>> (8 * byte))
  }
  if (length <= 32) {
    // A call costs more than a few bytes do; what is too much is overwritten by what follows.
    v128.store(end, v128.load(from))
    v128.store(end + 16, v128.load(from + 16))
  } else {
    memory.copy(end, from, length)
  }
  return end + length
}

function writeCopy(output: usize, distance: u32, total: u32): usize {
  let end = output
  let length = total
  // At most 64 bytes a copy, and at least 4 must be left for the last one.
  for (; length >= 68; length -= 64) end = writeLongCopy(end, distance, 64)
  if (length > 64) {
    end = writeLongCopy(end, distance, 60)
    length -= 60
  }
  if (length >= 12 || distance >= 2048) return writeLongCopy(end, distance, length)
  store<u8>(end, 1 | ((length - 4) << 2) | ((distance >>> 8) << 5))
  store<u8>(end + 1, distance)
  return end + 2
}

function writeLongCopy(end: usize, distance: u32, length: u32): usize {
  store<u8>(end, 2 | ((length - 1) << 2))
  store<u16>(end + 1, distance)
  return end + 3
}
