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
  let nth = 0
  if (count > 0) {
    halves[0] = number.low
    halves[1] = number.high
    nth = 1
  }
  while (nth < count) {
    readZigzag(bytes, number)
    const least = { low: number.low, high: number.high }
    const widths = number.at
    let at = widths + miniblocks
    for (let miniblock = 0; miniblock < miniblocks && nth < count; miniblock++) {
      const width = bytes[widths + miniblock] ?? 65
      let end = Math.min(count, nth + perMiniblock)
      // Of times of bars all miniblocks are empty.
      while (width === 0 && end < count && miniblock + 1 < miniblocks && bytes[widths + miniblock + 1] === 0) {
        miniblock++
        end = Math.min(count, end + perMiniblock)
      }
      if (width > 64 || at + (((end - nth) * width + 7) >> 3) > bytes.length) throw new Error(DAMAGED)
      if (width === 0) addConstant(halves, nth, end, least)
      else if (width <= 25) addNarrow(halves, nth, end, least, { view, at, width })
      else addWide(halves, nth, end, least, { view, at, width })
      nth = end
      at += (perMiniblock * width) >> 3
    }
    number.at = at
  }
  return number.at
}

interface Half {
  readonly low: number
  readonly high: number
}

/** Packed values of `width` bits from the place `at` on. */
interface Packed {
  readonly view: DataView
  readonly at: number
  readonly width: number
}

/** Values `[from, to)`, each as far behind the one before, as times of bars and most ids are. */
function addConstant(halves: Int32Array, from: number, to: number, least: Half): void {
  const { low: deltaLow, high: deltaHigh } = least
  let low = halves[2 * from - 2] ?? 0
  let high = halves[2 * from - 1] ?? 0
  for (let nth = from; nth < to; nth++) {
    const next = (low + deltaLow) | 0
    high = (high + deltaHigh + (next >>> 0 < low >>> 0 ? 1 : 0)) | 0
    low = next
    halves[2 * nth] = low
    halves[2 * nth + 1] = high
  }
}

// Far enough below 2^53 that a miniblock of narrow differences cannot reach it.
const SAFE_VALUE = 2 ** 52
const SAFE_DELTA = 2 ** 36

/**
 * Of at most 25 bits: one word has them, wherever in its first byte they begin. Added as doubles where all are exact:
 * whether the lower half carries is anybody's guess, and a processor that guesses wrong waits longer than that takes.
 */
function addNarrow(halves: Int32Array, from: number, to: number, least: Half, packed: Packed): void {
  const { view, at, width } = packed
  const mask = (1 << width) - 1
  const delta = least.high * 2 ** 32 + (least.low >>> 0)
  let value = (halves[2 * from - 1] ?? 0) * 2 ** 32 + ((halves[2 * from - 2] ?? 0) >>> 0)
  if (Math.abs(value) > SAFE_VALUE || Math.abs(delta) > SAFE_DELTA || to - from > 4096) {
    addWide(halves, from, to, least, packed)
    return
  }
  for (let nth = from, bit = 0; nth < to; nth++, bit += width) {
    value += delta + ((view.getInt32(at + (bit >>> 3), true) >>> (bit & 7)) & mask)
    const high = Math.floor(value / 2 ** 32)
    halves[2 * nth] = value - high * 2 ** 32
    halves[2 * nth + 1] = high
  }
}

/** Of up to 64 bits. */
function addWide(halves: Int32Array, from: number, to: number, least: Half, { view, at, width }: Packed): void {
  const { low: leastLow, high: leastHigh } = least
  const lowWidth = Math.min(width, 32)
  const mask = lowWidth === 32 ? -1 : (1 << lowWidth) - 1
  const highMask = width === 64 ? -1 : (1 << (width - lowWidth)) - 1
  let low = halves[2 * from - 2] ?? 0
  let high = halves[2 * from - 1] ?? 0
  for (let nth = from, bit = 0; nth < to; nth++, bit += width) {
    const byte = at + (bit >> 3)
    const shift = bit & 7
    // A word may lack the last bits; shifted twice, because a shift by 32 would be none.
    const above = (view.getInt32(byte, true) >>> shift) | ((view.getInt32(byte + 4, true) << (31 - shift)) << 1)
    const deltaLow = (leastLow + (above & mask)) | 0
    let deltaHigh = deltaLow >>> 0 < leastLow >>> 0 ? (leastHigh + 1) | 0 : leastHigh
    if (width > 32) {
      const aboveHigh = (view.getInt32(byte + 4, true) >>> shift) | ((view.getUint8(byte + 8) << (31 - shift)) << 1)
      deltaHigh = (deltaHigh + (aboveHigh & highMask)) | 0
    }
    const next = (low + deltaLow) | 0
    high = (high + deltaHigh + (next >>> 0 < low >>> 0 ? 1 : 0)) | 0
    low = next
    halves[2 * nth] = low
    halves[2 * nth + 1] = high
  }
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
