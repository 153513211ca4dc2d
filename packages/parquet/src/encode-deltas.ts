import type { ByteWriter } from './byte-writer.ts'

const BLOCK = 128
const MINIBLOCK = 32
const MINIBLOCKS = BLOCK / MINIBLOCK

// An int64 whose upper half is within these bounds is exact as a double.
const SAFE_HIGH = 2 ** 21

/** The differences of one block, as halves. */
export interface DeltaScratch {
  readonly low: Int32Array
  readonly high: Int32Array
}

export function createDeltaScratch(): DeltaScratch {
  return { low: new Int32Array(BLOCK), high: new Int32Array(BLOCK) }
}

/**
 * Encodes int64 values as DELTA_BINARY_PACKED: for each 128 the smallest difference, and how far each other one is
 * above it in as few bits as 32 of them need.
 *
 * Nearly all blocks of times and ids are below 2^53 and have differences of 32 bits: those are subtracted as doubles,
 * which guesses no carries. Any other block is worked on as int32 halves, whose differences wrap around, as the format
 * wants it. A bigint for each value would cost five times as much.
 *
 * @param halves low and high half of each value, in the order of their bytes in memory
 */
export function encodeDeltas(
  halves: Int32Array,
  from: number,
  to: number,
  scratch: DeltaScratch,
  out: ByteWriter,
): void {
  const { low } = scratch
  out.varint(BLOCK)
  out.varint(MINIBLOCKS)
  out.varint(to - from)
  out.zigzag64(halves[2 * from] ?? 0, halves[2 * from + 1] ?? 0)
  for (let start = from + 1; start < to; start += BLOCK) {
    const count = Math.min(BLOCK, to - start)
    let least = 0x7fffffff
    let greatest = -0x80000000
    let last = (halves[2 * start - 1] ?? 0) * 2 ** 32 + ((halves[2 * start - 2] ?? 0) >>> 0)
    let wide = ((halves[2 * start - 1] ?? 0) + SAFE_HIGH) & ~(2 * SAFE_HIGH - 1)
    for (let nth = 0; nth < count; nth++) {
      const high = halves[2 * (start + nth) + 1] ?? 0
      const value = high * 2 ** 32 + ((halves[2 * (start + nth)] ?? 0) >>> 0)
      const delta = value - last
      const short = delta | 0
      low[nth] = short
      wide |= (high + SAFE_HIGH) & ~(2 * SAFE_HIGH - 1)
      if (short !== delta) wide = 1
      if (short < least) least = short
      if (short > greatest) greatest = short
      last = value
    }
    out.reserve(10 + MINIBLOCKS + BLOCK * 8)
    if (wide !== 0) {
      writeWideBlock(halves, start, count, scratch, out)
    } else {
      out.zigzag64(least, least >> 31)
      if (least === greatest) writeNothing(out)
      else writeNarrowMiniblocks(low, count, least, out)
    }
  }
}

/** Equal differences take no bits. */
function writeNothing(out: ByteWriter): void {
  out.bytes.fill(0, out.length, out.length + MINIBLOCKS)
  out.length += MINIBLOCKS
}

/** Differences that are int32, as is how far they lie apart when it is taken as unsigned. */
function writeNarrowMiniblocks(low: Int32Array, count: number, least: number, out: ByteWriter): void {
  const { view } = out
  const widths = out.length
  let end = widths + MINIBLOCKS
  low.fill(least, count)
  for (let miniblock = 0; miniblock < MINIBLOCKS; miniblock++) {
    const from = miniblock * MINIBLOCK
    let used = 0
    for (let nth = from; nth < from + MINIBLOCK; nth++) used |= ((low[nth] ?? 0) - least) | 0
    const width = 32 - Math.clz32(used)
    out.bytes[widths + miniblock] = width
    if (width === 0) continue
    let buffer = 0
    let held = 0
    for (let nth = from; nth < from + MINIBLOCK; nth++) {
      const bits = ((low[nth] ?? 0) - least) | 0
      buffer |= bits << held
      held += width
      if (held < 32) continue
      view.setInt32(end, buffer, true)
      end += 4
      held -= 32
      // A shift by 32 would be none at all.
      buffer = held === 0 ? 0 : bits >>> (width - held)
    }
  }
  out.length = end
}

/** Differences of any size. */
function writeWideBlock(
  halves: Int32Array,
  start: number,
  count: number,
  { low, high }: DeltaScratch,
  out: ByteWriter,
): void {
  let leastLow = 0
  let leastHigh = 0
  for (let nth = 0; nth < count; nth++) {
    const at = 2 * (start + nth)
    const borrow = (halves[at] ?? 0) >>> 0 < (halves[at - 2] ?? 0) >>> 0 ? 1 : 0
    const deltaLow = ((halves[at] ?? 0) - (halves[at - 2] ?? 0)) | 0
    low[nth] = deltaLow
    const deltaHigh = ((halves[at + 1] ?? 0) - (halves[at - 1] ?? 0) - borrow) | 0
    high[nth] = deltaHigh
    if (deltaHigh < leastHigh || (deltaHigh === leastHigh && deltaLow >>> 0 < leastLow >>> 0) || nth === 0) {
      leastLow = deltaLow
      leastHigh = deltaHigh
    }
  }
  out.zigzag64(leastLow, leastHigh)
  const widths = out.length
  out.length += MINIBLOCKS
  for (let miniblock = 0; miniblock < MINIBLOCKS; miniblock++) {
    const from = miniblock * MINIBLOCK
    const to = Math.min(from + MINIBLOCK, count)
    let usedLow = 0
    let usedHigh = 0
    for (let nth = from; nth < from + MINIBLOCK; nth++) {
      const aboveLow = nth < to ? ((low[nth] ?? 0) - leastLow) | 0 : 0
      const borrow = (low[nth] ?? 0) >>> 0 < leastLow >>> 0 ? 1 : 0
      const aboveHigh = nth < to ? ((high[nth] ?? 0) - leastHigh - borrow) | 0 : 0
      low[nth] = aboveLow
      high[nth] = aboveHigh
      usedLow |= aboveLow
      usedHigh |= aboveHigh
    }
    const width = usedHigh === 0 ? 32 - Math.clz32(usedLow) : 64 - Math.clz32(usedHigh)
    out.bytes[widths + miniblock] = width
    if (width > 0) packMiniblock(low, high, from, width, out)
  }
}

/** Thirty-two values of `width` bits are `width` words. */
function packMiniblock(low: Int32Array, high: Int32Array, from: number, width: number, out: ByteWriter): void {
  const { view } = out
  const lowWidth = Math.min(width, 32)
  const highWidth = width - lowWidth
  let end = out.length
  let buffer = 0
  let held = 0
  for (let nth = from; nth < from + MINIBLOCK; nth++) {
    const bits = low[nth] ?? 0
    buffer |= bits << held
    held += lowWidth
    if (held >= 32) {
      view.setInt32(end, buffer, true)
      end += 4
      held -= 32
      // A shift by 32 would be none at all.
      buffer = held === 0 ? 0 : bits >>> (lowWidth - held)
    }
    if (highWidth === 0) continue
    const highBits = high[nth] ?? 0
    buffer |= highBits << held
    held += highWidth
    if (held >= 32) {
      view.setInt32(end, buffer, true)
      end += 4
      held -= 32
      buffer = held === 0 ? 0 : highBits >>> (highWidth - held)
    }
  }
  out.length = end
}
