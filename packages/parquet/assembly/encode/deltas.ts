// DELTA_BINARY_PACKED: for each 128 values the smallest difference, and how far each other one is above it in as few bits
// as 32 of them need. Differences wrap around, as the format wants it.
import { writeVarint, writeZigzag } from './varint'

const BLOCK: usize = 128
const MINIBLOCK: usize = 32
const MINIBLOCKS: usize = BLOCK / MINIBLOCK

/** The differences of one block, whose last miniblock is filled up with the smallest. */
const deltas: usize = memory.data(1024)

/**
 * Encodes int64 values and returns where the output ends.
 *
 * @param output has room for nine bytes a value and 1,100 more
 */
export function encodeDeltas(values: usize, count: u32, output: usize): usize {
  const to = values + ((count as usize) << 3)
  let end = writeVarint(output, BLOCK)
  end = writeVarint(end, MINIBLOCKS)
  end = writeVarint(end, count)
  end = writeZigzag(end, count == 0 ? 0 : load<i64>(values))
  for (let block = values + 8; block < to; block += BLOCK << 3)
    end = writeBlock(block, min(to, block + (BLOCK << 3)), end)
  return end
}

function writeBlock(from: usize, to: usize, output: usize): usize {
  let least = i64.MAX_VALUE
  let greatest = i64.MIN_VALUE
  let last = load<i64>(from - 8)
  let slot = deltas
  for (let at = from; at < to; at += 8, slot += 8) {
    const value = load<i64>(at)
    const delta = value - last
    store<i64>(slot, delta)
    least = min(least, delta)
    greatest = max(greatest, delta)
    last = value
  }
  let end = writeZigzag(output, least)
  const widths = end
  end += MINIBLOCKS
  // Equal differences take no bits.
  store<u32>(widths, 0)
  if (least == greatest) return end
  for (; slot < deltas + (BLOCK << 3); slot += 8) store<i64>(slot, least)
  for (let miniblock: usize = 0; miniblock < MINIBLOCKS; miniblock++) {
    const start = deltas + ((miniblock * MINIBLOCK) << 3)
    let used: u64 = 0
    for (let at = start; at < start + (MINIBLOCK << 3); at += 8) used |= load<i64>(at) - least
    const width = u32(64 - clz(used))
    store<u8>(widths + miniblock, width)
    if (width > 0) end = packMiniblock(start, least, width, end)
  }
  return end
}

/** Thirty-two values of `width` bits are `width` words. */
function packMiniblock(from: usize, least: i64, width: u32, output: usize): usize {
  let end = output
  let buffer: u64 = 0
  let held: u32 = 0
  for (let at = from; at < from + (MINIBLOCK << 3); at += 8) {
    const bits: u64 = load<i64>(at) - least
    buffer |= bits << held
    held += width
    if (held < 64) continue
    store<u64>(end, buffer)
    end += 8
    held -= 64
    // A shift by 64 would be none at all.
    buffer = held == 0 ? 0 : bits >>> (width - held)
  }
  if (held > 0) {
    store<u32>(end, buffer as u32)
    end += 4
  }
  return end
}
