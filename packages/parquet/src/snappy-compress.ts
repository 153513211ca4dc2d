/**
 * Snappy, written for columns of numbers.
 *
 * Most pages are either full of repeats or have none, so what counts is to give up quickly: after every 32 places
 * without a match the search steps one byte further. Four bytes are compared with one load, and what has no match is
 * copied as one stretch. The output depends on nothing but the input: a table of places from an earlier call would
 * find other matches, so it is cleared.
 */
export interface SnappyCompressor {
  /**
   * Writes the compressed form of `input` into `output` from its start and returns its length.
   * `output` must have room for {@link snappyBound} bytes.
   */
  compress(input: Uint8Array, output: Uint8Array): number
}

/** The most bytes that `length` bytes can become. */
export function snappyBound(length: number): number {
  return 32 + length + Math.ceil(length / 6)
}

/** Snappy's form of bytes in which it shall look for nothing: one stretch. */
export function snappyLiteral(input: Uint8Array): Uint8Array {
  const output = new Uint8Array(snappyBound(input.length))
  const start = writeVarint(output, 0, input.length)
  return output.subarray(0, input.length === 0 ? start : writeLiteral(input, 0, input.length, output, start))
}

const HASH_BITS = 14
const MAX_WORDS = 65_535 >>> 2

/** A compressor, which keeps its table of places from one page to the next. */
export function createSnappyCompressor(): SnappyCompressor {
  const places = new Int32Array(1 << HASH_BITS)
  return { compress: (input, output) => compress(input, output, places) }
}

function compress(input: Uint8Array, output: Uint8Array, places: Int32Array): number {
  const { length } = input
  let end = writeVarint(output, 0, length)
  let literal = 0
  if (length >= 16) {
    places.fill(0)
    const words = new Int32Array(input.buffer, input.byteOffset, length >> 2)
    // Places are counted in words here.
    let at = 1
    let patience = 32
    while (at < words.length) {
      const word = words[at] ?? 0
      const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS)
      const candidate = places[slot] ?? 0
      places[slot] = at
      if (words[candidate] !== word || at - candidate > MAX_WORDS) {
        at += patience++ >>> 5
        continue
      }
      const distance = (at - candidate) * 4
      let from = at * 4
      while (from > literal && from > distance && input[from - 1] === input[from - 1 - distance]) from--
      let last = at + 1
      while (last < words.length && words[last] === words[last - at + candidate]) last++
      let to = last * 4
      while (to < length && input[to] === input[to - distance]) to++
      if (literal < from) end = writeLiteral(input, literal, from, output, end)
      end = writeCopy(output, end, distance, to - from)
      literal = to
      at = (to + 3) >>> 2
      patience = 32
    }
  }
  return literal < length ? writeLiteral(input, literal, length, output, end) : end
}

function writeLiteral(input: Uint8Array, from: number, to: number, output: Uint8Array, end: number): number {
  const last = to - from - 1
  if (last < 60) {
    output[end++] = last << 2
  } else {
    const bytes = last < 0x1_00 ? 1 : last < 0x1_0000 ? 2 : last < 0x1_00_0000 ? 3 : 4
    output[end++] = (59 + bytes) << 2
    for (let byte = 0; byte < bytes; byte++) output[end++] = last >>> (8 * byte)
  }
  // A call costs more than a few bytes do.
  if (last < 32) for (let at = from; at < to; at++) output[end + at - from] = input[at] ?? 0
  else output.set(input.subarray(from, to), end)
  return end + last + 1
}

function writeCopy(output: Uint8Array, end: number, distance: number, length: number): number {
  // At most 64 bytes a copy, and at least 4 must be left for the last one.
  for (; length >= 68; length -= 64) end = writeLongCopy(output, end, distance, 64)
  if (length > 64) {
    end = writeLongCopy(output, end, distance, 60)
    length -= 60
  }
  if (length >= 12 || distance >= 2048) return writeLongCopy(output, end, distance, length)
  output[end++] = 1 | ((length - 4) << 2) | ((distance >>> 8) << 5)
  output[end++] = distance
  return end
}

function writeLongCopy(output: Uint8Array, end: number, distance: number, length: number): number {
  output[end++] = 2 | ((length - 1) << 2)
  output[end++] = distance
  output[end++] = distance >>> 8
  return end
}

function writeVarint(output: Uint8Array, end: number, value: number): number {
  for (; value >= 128; value >>>= 7) output[end++] = (value & 127) | 128
  output[end++] = value
  return end
}
