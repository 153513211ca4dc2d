// The literals of a block: as they are, one many times over, or in a Huffman code of their own, the table of which may be
// that of the block before.

import { readCodes } from './zstd-codes'
import { decodeFour, decodeStream } from './zstd-streams'
import { LITERALS } from './zstd-work'

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
  const isWhole =
    form == 0
      ? decodeStream(at, stop, literals, literalsSize, work)
      : decodeFour(at, stop, literals, literalsSize, work)
  return isWhole ? stop : 0
}
