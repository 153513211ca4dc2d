/*
 * Whatever loops over values is a function of the module, and not one that is made with a chunk: the engine forgets
 * the machine code of functions that nobody holds any more, and would compile those of each chunk anew.
 */
import type { ChunkValues } from './chunk-rows.ts'
import { encodeDeltas } from './encode-deltas.ts'
import { encodeRuns } from './encode-runs.ts'
import { ENCODING } from './file-format.ts'
import { type Extremes, floatExtremes, integerExtremes } from './number-extremes.ts'
import { findFloatDictionary } from './float-dictionary.ts'

/** Integers and times: deltas. */
export function integerChunk(integers: BigInt64Array): ChunkValues {
  const halves = halvesOf(integers)
  const isLess = (one: number, other: number): boolean => isLess64(halves, one, other)
  return {
    encoding: ENCODING.deltaBinaryPacked,
    pageBytes(from, to, scratch) {
      encodeDeltas(integers, from, to, scratch)
      return scratch.written()
    },
    extremes: (from, to) => integerExtremes(integers.subarray(from, to), from),
    isLess,
    bound: (place) => new Uint8Array(integers.slice(place, place + 1).buffer),
  }
}

/** Numbers: a dictionary where there are few distinct ones, else as they are. */
export function floatChunk(floats: Float64Array): ChunkValues {
  const found = findFloatDictionary(floats)
  return {
    ...(found === undefined ? plainNumbers(floats) : coded(found.codes, found)),
    extremes: (from, to) => floatExtremes(floats.subarray(from, to), from),
    isLess: (one, other) => (floats[one] ?? 0) < (floats[other] ?? 0),
    bound(place, side) {
      const value = floats[place] ?? 0
      // Readers may not tell the zeros apart, so a zero bound must hold for both.
      const bound = value === 0 ? (side === 'least' ? -0 : 0) : value
      return new Uint8Array(Float64Array.of(bound).buffer)
    },
  }
}

type Encoded = Pick<ChunkValues, 'encoding' | 'dictionary' | 'pageBytes'>

function plainNumbers(floats: Float64Array): Encoded {
  const bytes = new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength)
  return { encoding: ENCODING.plain, pageBytes: (from, to) => bytes.subarray(8 * from, 8 * to) }
}

/** Words: always a dictionary. `words` are in UTF-8, and each occurs. */
export function textChunk(codes: Int32Array, words: readonly Uint8Array[], dictionary: Uint8Array): ChunkValues {
  const isLessWord = (one: number, other: number): boolean =>
    Buffer.compare(words[one] ?? NO_WORD, words[other] ?? NO_WORD) < 0
  const seen = new Int32Array(words.length).fill(-1)
  return {
    ...coded(codes, { bytes: dictionary, size: words.length }),
    extremes: (from, to) => wordExtremes(codes, isLessWord, seen, from, to),
    isLess: (one, other) => isLessWord(codes[one] ?? 0, codes[other] ?? 0),
    bound(place) {
      const word = words[codes[place] ?? 0] ?? NO_WORD
      return word.length > LONGEST_BOUND ? undefined : word
    },
  }
}

/** Booleans, as 0 and 1: bits. */
export function flagChunk(flags: Uint8Array): ChunkValues {
  return {
    encoding: ENCODING.plain,
    pageBytes(from, to, scratch) {
      const size = (to - from + 7) >> 3
      scratch.reserve(size)
      scratch.bytes.fill(0, 0, size)
      packFlags(flags, from, to, scratch.bytes)
      scratch.length = size
      return scratch.written()
    },
    extremes(from, to) {
      const page = flags.subarray(from, to)
      const least = page.indexOf(0)
      const greatest = page.indexOf(1)
      return { least: from + Math.max(0, least), greatest: from + Math.max(0, greatest) }
    },
    isLess: (one, other) => (flags[one] ?? 0) < (flags[other] ?? 0),
    bound: (place) => flags.slice(place, place + 1),
  }
}

const NO_WORD = new Uint8Array()

// Statistics lie in the footer, which every reader reads.
const LONGEST_BOUND = 64

function coded(codes: Int32Array, dictionary: { bytes: Uint8Array; size: number }): Encoded {
  // At least one bit: some readers do not expect none.
  const width = Math.max(1, 32 - Math.clz32(dictionary.size - 1))
  return {
    encoding: ENCODING.rleDictionary,
    dictionary,
    pageBytes(from, to, scratch) {
      scratch.byte(width)
      encodeRuns(codes, from, to, width, scratch)
      return scratch.written()
    },
  }
}

function halvesOf(values: BigInt64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, 2 * values.length)
}

function isLess64(halves: Int32Array, one: number, other: number): boolean {
  const high = halves[2 * one + 1] ?? 0
  const otherHigh = halves[2 * other + 1] ?? 0
  if (high !== otherHigh) return high < otherHigh
  return (halves[2 * one] ?? 0) >>> 0 < (halves[2 * other] ?? 0) >>> 0
}

/** `seen` has, for each code, the start of the page that it was last seen in. */
function wordExtremes(
  codes: Int32Array,
  isLess: (one: number, other: number) => boolean,
  seen: Int32Array,
  from: number,
  to: number,
): Extremes {
  let least = from
  let greatest = from
  if (seen.length === 1) return { least, greatest }
  for (let place = from; place < to; place++) {
    const code = codes[place] ?? 0
    if (seen[code] === from) continue
    seen[code] = from
    if (isLess(code, codes[least] ?? 0)) least = place
    if (isLess(codes[greatest] ?? 0, code)) greatest = place
  }
  return { least, greatest }
}

/** Writes flags as bits over zeros. */
function packFlags(flags: Uint8Array, from: number, to: number, bytes: Uint8Array): void {
  for (let place = from; place < to; place++) {
    const nth = place - from
    bytes[nth >> 3] = (bytes[nth >> 3] ?? 0) | ((flags[place] ?? 0) << (nth & 7))
  }
}
