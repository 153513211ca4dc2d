import type { ByteWriter } from './byte-writer.ts'

const BLOCK = 128
const MINIBLOCK = 32
const MINIBLOCKS = BLOCK / MINIBLOCK

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
 * An int64 is worked on as two int32 halves. A bigint for each value would cost ten times as much, and doubles would
 * be wrong beyond 2^53; differences wrap around, as the format wants it.
 *
 * @param halves low and high half of each value, in the order of their bytes in memory
 */
export function encodeDeltas(
  halves: Int32Array,
  from: number,
  to: number,
  { low, high }: DeltaScratch,
  out: ByteWriter,
): void {
  out.varint(BLOCK)
  out.varint(MINIBLOCKS)
  out.varint(to - from)
  let lastLow = halves[2 * from] ?? 0
  let lastHigh = halves[2 * from + 1] ?? 0
  out.zigzag64(lastLow, lastHigh)
  for (let start = from + 1; start < to; start += BLOCK) {
    const count = Math.min(BLOCK, to - start)
    let leastLow = 0
    let leastHigh = 0x7fffffff
    for (let nth = 0; nth < count; nth++) {
      const thisLow = halves[2 * (start + nth)] ?? 0
      const thisHigh = halves[2 * (start + nth) + 1] ?? 0
      const deltaLow = (thisLow - lastLow) | 0
      const borrow = thisLow >>> 0 < lastLow >>> 0 ? 1 : 0
      const deltaHigh = (thisHigh - lastHigh - borrow) | 0
      low[nth] = deltaLow
      high[nth] = deltaHigh
      if (deltaHigh < leastHigh || (deltaHigh === leastHigh && deltaLow >>> 0 < leastLow >>> 0) || nth === 0) {
        leastLow = deltaLow
        leastHigh = deltaHigh
      }
      lastLow = thisLow
      lastHigh = thisHigh
    }
    out.zigzag64(leastLow, leastHigh)
    writeMiniblocks({ low, high }, count, leastLow, leastHigh, out)
  }
}

function writeMiniblocks(
  { low, high }: DeltaScratch,
  count: number,
  leastLow: number,
  leastHigh: number,
  out: ByteWriter,
): void {
  out.reserve(MINIBLOCKS + BLOCK * 8)
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
