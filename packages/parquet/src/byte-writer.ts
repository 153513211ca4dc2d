import { unclearedMemory } from './uncleared-memory.ts'

/** The largest whole number that bits can be taken of. */
const SMALL = 0x7fff_ffff

/** Bytes that grow at their end, in memory that is kept from one use to the next. */
export class ByteWriter {
  /** The memory; the bytes written so far are its first `length`. Starts at a multiple of eight. */
  bytes: Uint8Array
  view: DataView
  length = 0

  constructor(capacity = 4096) {
    this.bytes = new Uint8Array(unclearedMemory(capacity))
    this.view = new DataView(this.bytes.buffer)
  }

  /** Makes room for so many bytes more, which may then be set directly. */
  reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.bytes.length) return
    const larger = new Uint8Array(unclearedMemory(Math.max(needed, 2 * this.bytes.length)))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
    this.view = new DataView(larger.buffer)
  }

  /** What was written, valid until the next write. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  uint32(value: number): void {
    this.reserve(4)
    this.view.setUint32(this.length, value, true)
    this.length += 4
  }

  /** An integer from 0 to 2^53 in groups of seven bits, the lowest first. */
  varint(value: number): void {
    this.reserve(8)
    let rest = value
    for (; rest > SMALL; rest = Math.floor(rest / 128)) this.bytes[this.length++] = (rest % 128) + 128
    // Nearly all numbers begin here, where the engine needs whole numbers of a word only.
    for (rest |= 0; rest >= 128; rest >>>= 7) this.bytes[this.length++] = (rest & 127) | 128
    this.bytes[this.length++] = rest
  }

  /** A signed int64, given as its two halves, so that numbers near zero are short. */
  zigzag64(low: number, high: number): void {
    this.reserve(10)
    const sign = high >> 31
    let restLow = (low << 1) ^ sign
    let restHigh = ((high << 1) | (low >>> 31)) ^ sign
    while (restHigh !== 0 || restLow >>> 0 >= 128) {
      this.bytes[this.length++] = (restLow & 127) | 128
      restLow = (restLow >>> 7) | (restHigh << 25)
      restHigh >>>= 7
    }
    this.bytes[this.length++] = restLow
  }
}
