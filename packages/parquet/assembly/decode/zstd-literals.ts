// The literals of a block: as they are, or in a Huffman code of their own, nearly always in four streams, which are read
// backwards. All four are decoded at once, five literals of each before bits are fetched again: none waits for another, and
// a processor has room for that many. Codes have eleven bits at most, so that the table has a place for whatever eleven
// bits come next. Below the bits that are still to be used lies a one: how far down it has got says how many are gone.

import { bitsOf, peekBits } from './zstd-bits'
import { MOST_BITS, readCodes } from './zstd-codes'
import { LITERALS, SYMBOLS } from './zstd-work'

/** Where the literals of the last block lie. */
export let literals: usize = 0
export let literalsSize: u32 = 0

/** Whether there is a table, which later blocks of the frame may use again. */
let hasTable: bool = false

const MOST_LITERALS: u32 = 1 << 17

/** Forgets what the last frame left. */
export function startLiterals(): void {
  hasTable = false
}

/** Decodes the literals of a block, and returns where they end; 0 when they are damaged. */
export function decodeLiterals(at: usize, last: usize, work: usize): usize {
  if (at >= last) return 0
  const head = load<u64>(at)
  const kind = (head as u32) & 3
  const form = ((head as u32) >>> 2) & 3
  if (kind < 2) {
    const headBytes: u32 = form == 1 ? 2 : form == 3 ? 3 : 1
    const size = (head as u32) & (0xffff_ffff >>> (32 - 8 * headBytes))
    literalsSize = headBytes == 1 ? size >>> 3 : size >>> 4
    at += headBytes
    if (literalsSize > MOST_LITERALS || at + (kind == 0 ? (literalsSize as usize) : 1) > last) return 0
    if (kind == 0) {
      literals = at
      return at + literalsSize
    }
    literals = work + LITERALS
    memory.fill(literals, load<u8>(at), literalsSize)
    return at + 1
  }
  const sizeBits: u64 = form < 2 ? 10 : form == 2 ? 14 : 18
  const mask: u32 = (1 << (sizeBits as u32)) - 1
  literalsSize = ((head >>> 4) as u32) & mask
  const packed = ((head >>> (4 + sizeBits)) as u32) & mask
  at += form < 2 ? 3 : form == 2 ? 4 : 5
  if (at > last || packed > <u32>(last - at) || literalsSize > MOST_LITERALS) return 0
  const stop = at + packed
  if (kind == 2) {
    at = readCodes(at, stop, work)
    hasTable = at != 0
    if (!hasTable) return 0
  } else if (!hasTable) return 0
  literals = work + LITERALS
  const isWhole = form == 0 ? decodeStream(at, stop, literals, literalsSize, work) : decodeFour(at, stop, work)
  return isWhole ? stop : 0
}

function decodeFour(at: usize, last: usize, work: usize): bool {
  if (at + 10 > last || literalsSize < 6) return false
  const start0 = at + 6
  const start1 = start0 + load<u16>(at)
  const start2 = start1 + load<u16>(at + 2)
  const start3 = start2 + load<u16>(at + 4)
  if (start3 >= last) return false
  const part = ((literalsSize as usize) + 3) >>> 2
  const stop = literals + literalsSize
  let to0 = literals
  let to1 = literals + part
  let to2 = to1 + part
  let to3 = to2 + part
  if (to3 > stop) return false
  let at0 = start1 - 8
  let at1 = start2 - 8
  let at2 = start3 - 8
  let at3 = last - 8
  let bits0 = firstBits(at0)
  let bits1 = firstBits(at1)
  let bits2 = firstBits(at2)
  let bits3 = firstBits(at3)
  const table = work + SYMBOLS
  while (true) {
    const bytes = min(
      min((at0 as i32) - (start0 as i32), (at1 as i32) - (start1 as i32)),
      min((at2 as i32) - (start2 as i32), (at3 as i32) - (start3 as i32)),
    )
    // Five codes take seven bytes at most.
    let rounds = min(((stop - to3) as i32) / 5, bytes / 7)
    if (bytes < 7 || rounds == 0) break
    for (; rounds > 0; rounds--) {
      for (let nth: usize = 0; nth < 5; nth++) {
        const entry0 = load<u16>(table + (((bits0 >>> 53) as usize) << 1)) as u32
        const entry1 = load<u16>(table + (((bits1 >>> 53) as usize) << 1)) as u32
        const entry2 = load<u16>(table + (((bits2 >>> 53) as usize) << 1)) as u32
        const entry3 = load<u16>(table + (((bits3 >>> 53) as usize) << 1)) as u32
        bits0 <<= entry0 as u64
        bits1 <<= entry1 as u64
        bits2 <<= entry2 as u64
        bits3 <<= entry3 as u64
        store<u8>(to0 + nth, entry0 >>> 8)
        store<u8>(to1 + nth, entry1 >>> 8)
        store<u8>(to2 + nth, entry2 >>> 8)
        store<u8>(to3 + nth, entry3 >>> 8)
      }
      const used0 = ctz<u64>(bits0)
      const used1 = ctz<u64>(bits1)
      const used2 = ctz<u64>(bits2)
      const used3 = ctz<u64>(bits3)
      at0 -= (used0 >>> 3) as usize
      at1 -= (used1 >>> 3) as usize
      at2 -= (used2 >>> 3) as usize
      at3 -= (used3 >>> 3) as usize
      bits0 = (load<u64>(at0) | 1) << (used0 & 7)
      bits1 = (load<u64>(at1) | 1) << (used1 & 7)
      bits2 = (load<u64>(at2) | 1) << (used2 & 7)
      bits3 = (load<u64>(at3) | 1) << (used3 & 7)
      to0 += 5
      to1 += 5
      to2 += 5
      to3 += 5
    }
  }
  const first = literals + part
  const second = first + part
  return (
    finish(start0, leftOf(start0, at0, bits0), to0, first, work) &&
    finish(start1, leftOf(start1, at1, bits1), to1, second, work) &&
    finish(start2, leftOf(start2, at2, bits2), to2, second + part, work) &&
    finish(start3, leftOf(start3, at3, bits3), to3, stop, work)
  )
}

/** The last eight bytes of a stream, the one that ends it shifted out. */
function firstBits(at: usize): u64 {
  return (load<u64>(at) | 1) << ((clz<u32>(load<u8>(at + 7)) - 23) as u64)
}

/** How many bits of a stream are not used yet. */
function leftOf(start: usize, at: usize, bits: u64): i32 {
  return (((at as i32) - (start as i32)) << 3) + 64 - (ctz<u64>(bits) as i32)
}

function decodeStream(at: usize, last: usize, target: usize, size: u32, work: usize): bool {
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
