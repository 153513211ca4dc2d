// Zstandard, as RFC 8878 has it: frames of blocks, of which each is literals and sequences that say how these and what was
// there before make up the output. All of it lies in one memory: a match is copied from the output itself, whatever the
// window, and whoever calls has made room behind the end of everything, so that bytes are copied sixteen at a time, more of
// them than needed. What costs is told in the files beside this one: literals in zstd-streams.ts, the rest in
// zstd-sequences.ts.

import { hash64 } from './xxhash'
import { decodeLiterals, literals, literalsSize, startLiterals } from './zstd-literals'
import { decodeSequences, startSequences } from './zstd-sequences'

/**
 * Uncompresses one or more frames.
 *
 * @param input 32 bytes behind its end may be read, and 8 KiB before its start
 * @param output 32 bytes behind its end may be written
 * @param work room for `ZSTD_WORK_BYTES`
 * @returns whether the input is whole, needs no dictionary, and `size` bytes are what it stands for
 */
export function uncompressZstd(input: usize, length: u32, output: usize, size: u32, work: usize): bool {
  const last = input + length
  const stop = output + size
  let at = input
  end = output
  while (at < last) {
    if (<u32>(last - at) < 8) return false
    const magic = load<u32>(at)
    if ((magic & 0xffff_fff0) == SKIPPED) {
      const skipped = load<u32>(at + 4)
      if (skipped > <u32>(last - at - 8)) return false
      at += 8 + skipped
      continue
    }
    if (magic != MAGIC) return false
    at = uncompressFrame(at + 4, last, stop, work)
    if (at == 0) return false
  }
  return at == last && end == stop
}

const MAGIC: u32 = 0xfd2f_b528
const SKIPPED: u32 = 0x184d_2a50
const MOST_OF_BLOCK: u32 = 1 << 17

/** Where the output ends so far. */
let end: usize = 0

/** Where the frame ends; 0 when it is damaged. */
function uncompressFrame(at: usize, last: usize, stop: usize, work: usize): usize {
  const descriptor = load<u8>(at) as u32
  at += headerSize(descriptor)
  // Bits that mean nothing yet, and dictionaries, which nobody gives us.
  if (at > last || (descriptor & 11) != 0) return 0
  const start = end
  startLiterals()
  startSequences()
  while (true) {
    if (at + 3 > last) return 0
    const header = load<u32>(at) & 0xff_ffff
    const kind = (header >>> 1) & 3
    const size = header >>> 3
    const packed: u32 = kind == 1 ? 1 : size
    at += 3
    if (packed > <u32>(last - at) || size > MOST_OF_BLOCK) return 0
    if (kind < 2) {
      if (size > <u32>(stop - end)) return 0
      if (kind == 0) memory.copy(end, at, size)
      else memory.fill(end, load<u8>(at), size)
      end += size
    } else {
      if (kind == 3) return 0
      end = uncompressBlock(at, at + size, start, stop, work)
      if (end == 0) return 0
    }
    at += packed
    if ((header & 1) != 0) break
  }
  if ((descriptor & 4) == 0) return at
  // A checksum, of which the lower half is stored.
  if (at + 4 > last || (hash64(start, <u32>(end - start)) as u32) != load<u32>(at)) return 0
  return at + 4
}

/** A descriptor and what follows it: a window, the number of a dictionary, the size. The page says the size already. */
function headerSize(descriptor: u32): u32 {
  const isSingle = (descriptor >>> 5) & 1
  const sizeKind = descriptor >>> 6
  const sizeBytes: u32 = sizeKind == 0 ? isSingle : 1 << sizeKind
  return 1 + (1 - isSingle) + sizeBytes
}

/** Where the output ends; 0 when the block is damaged. */
function uncompressBlock(at: usize, last: usize, start: usize, stop: usize, work: usize): usize {
  const sequences = decodeLiterals(at, last, work)
  if (sequences == 0) return 0
  return decodeSequences(sequences, last, literals, literalsSize, start, end, min(stop, end + MOST_OF_BLOCK), work)
}
