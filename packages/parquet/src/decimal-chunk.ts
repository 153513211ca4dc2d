import type { ChunkValues } from './chunk-rows.ts'
import { integerChunk } from './chunk-values.ts'
import { ENCODING } from './file-format.ts'

/** So many digits fit into an int64. */
export const INT64_DIGITS = 18

/** Decimals of 128 bits in four words, the lowest first: stored as sixteen bytes, the highest first. */
export function decimalChunk(units: Uint32Array): ChunkValues {
  const isLess = (one: number, other: number): boolean => isLess128(units, one, other)
  return {
    encoding: ENCODING.plain,
    pageBytes(from, to, scratch) {
      const size = 16 * (to - from)
      scratch.reserve(size)
      for (let word = 4 * from; word < 4 * to; word++) {
        // The words of a value change places: 0 with 3, 1 with 2.
        scratch.view.setUint32(4 * ((word ^ 3) - 4 * from), units[word] ?? 0)
      }
      scratch.length = size
      return scratch.written()
    },
    extremes: (from, to) => decimalExtremes(units, from, to),
    isLess,
    bound(place) {
      const bytes = new DataView(new ArrayBuffer(16))
      for (let word = 0; word < 4; word++) bytes.setUint32(4 * (3 - word), units[4 * place + word] ?? 0)
      return new Uint8Array(bytes.buffer)
    },
  }
}

/** Decimals of so few digits that their two lower words are all there is. */
export function shortDecimalChunk(units: Uint32Array): ChunkValues {
  const integers = new BigInt64Array(units.length / 4)
  const halves = new Int32Array(integers.buffer)
  for (let place = 0; place < integers.length; place++) {
    halves[2 * place] = units[4 * place] ?? 0
    halves[2 * place + 1] = units[4 * place + 1] ?? 0
  }
  return integerChunk(integers)
}

/** The first row whose value is no sign extension of its two lower words; -1 when there is none. */
export function findLongDecimal(units: Uint32Array, nulls: Uint8Array | undefined): number {
  for (let row = 0; 4 * row < units.length; row++) {
    const sign = ((units[4 * row + 1] ?? 0) >> 31) >>> 0
    if ((units[4 * row + 2] !== sign || units[4 * row + 3] !== sign) && nulls?.[row] !== 1) return row
  }
  return -1
}

function decimalExtremes(units: Uint32Array, from: number, to: number): { least: number; greatest: number } {
  let least = from
  let greatest = from
  for (let place = from + 1; place < to; place++) {
    if (isLess128(units, place, least)) least = place
    else if (isLess128(units, greatest, place)) greatest = place
  }
  return { least, greatest }
}

function isLess128(units: Uint32Array, one: number, other: number): boolean {
  const high = (units[4 * one + 3] ?? 0) | 0
  const otherHigh = (units[4 * other + 3] ?? 0) | 0
  if (high !== otherHigh) return high < otherHigh
  for (let word = 2; word >= 0; word--) {
    const value = units[4 * one + word] ?? 0
    const otherValue = units[4 * other + word] ?? 0
    if (value !== otherValue) return value < otherValue
  }
  return false
}
