// Literals in a Huffman code, nearly always in four streams, which are read backwards. A processor is not kept busy by what it
// has to do for a literal, but by waiting for the length of its code, behind which the next one begins. So lengths are looked
// up of two codes at once, three times for one stream, then three times for the next: none waits for another, a processor has
// room for all of them at once, and the bits of a stream are kept in a register while it is their turn, which there are too
// few of for all four. So it is written out for each. Where one literal is decoded alone, what is written behind it means
// nothing, and is written over. Below the bits that are still to be used lies a one: how far down it has got says how many
// are gone.

import { bitsOf, peekBits } from './zstd-bits'
import { MOST_BITS } from './zstd-codes'
import { pairsOfCodes } from './zstd-pairs'
import { SYMBOLS } from './zstd-work'

/** Decodes four streams, each but the last of as many literals; false when they are damaged. */
export function decodeFour(at: usize, last: usize, target: usize, size: u32, work: usize): bool {
  if (at + 10 > last || size < 6) return false
  const start0 = at + 6
  const start1 = start0 + load<u16>(at)
  const start2 = start1 + load<u16>(at + 2)
  const start3 = start2 + load<u16>(at + 4)
  if (start3 >= last) return false
  const part = ((size as usize) + 3) >>> 2
  const stop0 = target + part
  const stop1 = stop0 + part
  const stop2 = stop1 + part
  const stop3 = target + size
  if (stop2 > stop3) return false
  let at0 = start1 - 8
  let at1 = start2 - 8
  let at2 = start3 - 8
  let at3 = last - 8
  let bits0 = firstBits(at0)
  let bits1 = firstBits(at1)
  let bits2 = firstBits(at2)
  let bits3 = firstBits(at3)
  const table = work + SYMBOLS
  const pairs = pairsOfCodes(work)
  let to0 = target
  let to1 = stop0
  let to2 = stop1
  let to3 = stop2
  let entry: usize
  let head: u32
  let used: u64
  while (true) {
    const bytes = min(
      min((at0 as i32) - (start0 as i32), (at1 as i32) - (start1 as i32)),
      min((at2 as i32) - (start2 as i32), (at3 as i32) - (start3 as i32)),
    )
    const room = min(
      min((stop0 as i32) - (to0 as i32), (stop1 as i32) - (to1 as i32)),
      min((stop2 as i32) - (to2 as i32), (stop3 as i32) - (to3 as i32)),
    )
    // Three pairs are six literals at most, and take 54 bits.
    let rounds = min(room / 6, bytes / 7)
    if (rounds <= 0) break
    for (; rounds > 0; rounds--) {
      entry = pairOf(bits0, pairs)
      head = load<u8>(entry)
      store<u8>(to0, load<u8>(entry, 1))
      store<u8>(to0, literalOf(bits0 * load<u16>(entry, 2), table), 1)
      to0 += head >>> 6
      bits0 <<= head as u64
      entry = pairOf(bits0, pairs)
      head = load<u8>(entry)
      store<u8>(to0, load<u8>(entry, 1))
      store<u8>(to0, literalOf(bits0 * load<u16>(entry, 2), table), 1)
      to0 += head >>> 6
      bits0 <<= head as u64
      entry = pairOf(bits0, pairs)
      head = load<u8>(entry)
      store<u8>(to0, load<u8>(entry, 1))
      store<u8>(to0, literalOf(bits0 * load<u16>(entry, 2), table), 1)
      to0 += head >>> 6
      bits0 <<= head as u64
      used = ctz<u64>(bits0)
      at0 -= (used >>> 3) as usize
      bits0 = (load<u64>(at0) | 1) << (used & 7)
      entry = pairOf(bits1, pairs)
      head = load<u8>(entry)
      store<u8>(to1, load<u8>(entry, 1))
      store<u8>(to1, literalOf(bits1 * load<u16>(entry, 2), table), 1)
      to1 += head >>> 6
      bits1 <<= head as u64
      entry = pairOf(bits1, pairs)
      head = load<u8>(entry)
      store<u8>(to1, load<u8>(entry, 1))
      store<u8>(to1, literalOf(bits1 * load<u16>(entry, 2), table), 1)
      to1 += head >>> 6
      bits1 <<= head as u64
      entry = pairOf(bits1, pairs)
      head = load<u8>(entry)
      store<u8>(to1, load<u8>(entry, 1))
      store<u8>(to1, literalOf(bits1 * load<u16>(entry, 2), table), 1)
      to1 += head >>> 6
      bits1 <<= head as u64
      used = ctz<u64>(bits1)
      at1 -= (used >>> 3) as usize
      bits1 = (load<u64>(at1) | 1) << (used & 7)
      entry = pairOf(bits2, pairs)
      head = load<u8>(entry)
      store<u8>(to2, load<u8>(entry, 1))
      store<u8>(to2, literalOf(bits2 * load<u16>(entry, 2), table), 1)
      to2 += head >>> 6
      bits2 <<= head as u64
      entry = pairOf(bits2, pairs)
      head = load<u8>(entry)
      store<u8>(to2, load<u8>(entry, 1))
      store<u8>(to2, literalOf(bits2 * load<u16>(entry, 2), table), 1)
      to2 += head >>> 6
      bits2 <<= head as u64
      entry = pairOf(bits2, pairs)
      head = load<u8>(entry)
      store<u8>(to2, load<u8>(entry, 1))
      store<u8>(to2, literalOf(bits2 * load<u16>(entry, 2), table), 1)
      to2 += head >>> 6
      bits2 <<= head as u64
      used = ctz<u64>(bits2)
      at2 -= (used >>> 3) as usize
      bits2 = (load<u64>(at2) | 1) << (used & 7)
      entry = pairOf(bits3, pairs)
      head = load<u8>(entry)
      store<u8>(to3, load<u8>(entry, 1))
      store<u8>(to3, literalOf(bits3 * load<u16>(entry, 2), table), 1)
      to3 += head >>> 6
      bits3 <<= head as u64
      entry = pairOf(bits3, pairs)
      head = load<u8>(entry)
      store<u8>(to3, load<u8>(entry, 1))
      store<u8>(to3, literalOf(bits3 * load<u16>(entry, 2), table), 1)
      to3 += head >>> 6
      bits3 <<= head as u64
      entry = pairOf(bits3, pairs)
      head = load<u8>(entry)
      store<u8>(to3, load<u8>(entry, 1))
      store<u8>(to3, literalOf(bits3 * load<u16>(entry, 2), table), 1)
      to3 += head >>> 6
      bits3 <<= head as u64
      used = ctz<u64>(bits3)
      at3 -= (used >>> 3) as usize
      bits3 = (load<u64>(at3) | 1) << (used & 7)
    }
  }
  return (
    finish(start0, leftOf(start0, at0, bits0), to0, stop0, work) &&
    finish(start1, leftOf(start1, at1, bits1), to1, stop1, work) &&
    finish(start2, leftOf(start2, at2, bits2), to2, stop2, work) &&
    finish(start3, leftOf(start3, at3, bits3), to3, stop3, work)
  )
}

/** Where it lies what comes next: see zstd-pairs.ts. */
function pairOf(bits: u64, pairs: usize): usize {
  return pairs + (((bits >>> 52) as usize) << 2)
}

function literalOf(bits: u64, table: usize): u8 {
  return load<u8>(table + (((bits >>> 53) as usize) << 1), 1)
}

/** The last eight bytes of a stream, the one that ends it shifted out. */
function firstBits(at: usize): u64 {
  return (load<u64>(at) | 1) << ((clz<u32>(load<u8>(at + 7)) - 23) as u64)
}

/** How many bits of a stream are not used yet. */
function leftOf(start: usize, at: usize, bits: u64): i32 {
  return (((at as i32) - (start as i32)) << 3) + 64 - (ctz<u64>(bits) as i32)
}

/** Decodes one stream; false when it is damaged. */
export function decodeStream(at: usize, last: usize, target: usize, size: u32, work: usize): bool {
  return at < last && finish(at, bitsOf(at, last), target, target + size, work)
}

/** Decodes what is left of a stream, literal by literal; true when it ends just where its literals do. */
function finish(start: usize, left: i32, target: usize, stop: usize, work: usize): bool {
  const table = work + SYMBOLS
  for (; target < stop; target++) {
    if (left <= 0) return false
    const entry = load<u16>(
      table + ((peekBits(start, left - (MOST_BITS as i32), MOST_BITS as i32) as usize) << 1),
    ) as u32
    left -= (entry & 255) as i32
    store<u8>(target, entry >>> 8)
  }
  return left == 0
}
