import { paddedView } from './padded-view.ts'

/**
 * Decodes DELTA_BINARY_PACKED into int64 values, given as their halves, which say how many there are.
 *
 * An int64 is worked on as two int32 halves: bigints would cost ten times as much.
 * Returns where they end. Throws when the bytes are fewer than they claim to be.
 */
export function decodeDeltas(bytes: Uint8Array, halves: Int32Array): number {
  const count = halves.length >> 1
  const view = paddedView(bytes)
  const number = { at: 0, low: 0, high: 0 }
  const blockSize = readVarint(bytes, number)
  const miniblocks = readVarint(bytes, number)
  const total = readVarint(bytes, number)
  const perMiniblock = blockSize / miniblocks
  if (!(perMiniblock >= 8 && perMiniblock % 8 === 0 && miniblocks <= 4096) || total < count) throw new Error(DAMAGED)
  readZigzag(bytes, number)
  let { low, high } = number
  let nth = 0
  if (count > 0) {
    halves[0] = low
    halves[1] = high
    nth = 1
  }
  while (nth < count) {
    readZigzag(bytes, number)
    const { low: leastLow, high: leastHigh } = number
    const widths = number.at
    let at = widths + miniblocks
    for (let miniblock = 0; miniblock < miniblocks && nth < count; miniblock++) {
      const width = bytes[widths + miniblock] ?? 65
      const end = Math.min(count, nth + perMiniblock)
      if (width > 64 || at + (((end - nth) * width + 7) >> 3) > bytes.length) throw new Error(DAMAGED)
      // So many low bits, and the rest.
      const lowWidth = Math.min(width, 32)
      const mask = lowWidth === 32 ? -1 : (1 << lowWidth) - 1
      const highMask = width === 64 ? -1 : (1 << (width - lowWidth)) - 1
      for (let bit = 0; nth < end; nth++, bit += width) {
        let deltaLow = leastLow
        let deltaHigh = leastHigh
        if (width > 0) {
          const byte = at + (bit >> 3)
          const shift = bit & 7
          let above = view.getInt32(byte, true) >>> shift
          // A word may lack the last bits; shifted twice, because a shift by 32 would be none.
          if (width > 25) above |= (view.getInt32(byte + 4, true) << (31 - shift)) << 1
          deltaLow = (leastLow + (above & mask)) | 0
          if (deltaLow >>> 0 < leastLow >>> 0) deltaHigh = (deltaHigh + 1) | 0
          if (width > 32) {
            const aboveHigh =
              (view.getInt32(byte + 4, true) >>> shift) | ((view.getUint8(byte + 8) << (31 - shift)) << 1)
            deltaHigh = (deltaHigh + (aboveHigh & highMask)) | 0
          }
        }
        const nextLow = (low + deltaLow) | 0
        high = (high + deltaHigh + (nextLow >>> 0 < low >>> 0 ? 1 : 0)) | 0
        low = nextLow
        halves[2 * nth] = low
        halves[2 * nth + 1] = high
      }
      at += (perMiniblock * width) >> 3
    }
    number.at = at
  }
  return number.at
}

const DAMAGED = 'a page of deltas is damaged'

interface NumberAt {
  at: number
  low: number
  high: number
}

function readVarint(bytes: Uint8Array, number: NumberAt): number {
  readUnsigned(bytes, number)
  return number.high * 2 ** 32 + (number.low >>> 0)
}

function readUnsigned(bytes: Uint8Array, number: NumberAt): void {
  number.low = 0
  number.high = 0
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = bytes[number.at++]
    if (byte === undefined) break
    if (shift < 32) number.low |= (byte & 127) << shift
    if (shift > 28) number.high |= (byte & 127) << (shift - 32)
    else if (shift === 28) number.high |= (byte & 127) >>> 4
    if (byte < 128) return
  }
  throw new Error(DAMAGED)
}

function readZigzag(bytes: Uint8Array, number: NumberAt): void {
  readUnsigned(bytes, number)
  const sign = -(number.low & 1)
  const low = ((number.low >>> 1) | (number.high << 31)) ^ sign
  number.high = (number.high >>> 1) ^ sign
  number.low = low
}
