// Digits by sixteen: a cell is compared and converted as a vector, whatever its length.

/** Sixteen zeros, then sixteen ones: from `MASKS + n` on, a mask that keeps the last `n` bytes of a vector. */
const MASKS: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  255, 255,
])

/** Of the sixteen bytes at an address, a bit for each that is no digit, the lowest for the first. */
export function othersIn(at: usize): u32 {
  // The digits become the greatest signed bytes.
  const shifted = i8x16.add(v128.load(at), i8x16.splat(70))
  return i8x16.bitmask(i8x16.lt_s(shifted, i8x16.splat(118)))
}

/**
 * The number that the last digits in front of `end` make.
 *
 * @param count of the digits, 16 at most
 * @param fraction how many of them stand behind a point, which is skipped; 16 when there is no point
 */
export function numberBefore(end: usize, count: u32, fraction: u32): u64 {
  // What stands in front of the point moves to its place.
  const text = v128.bitselect(v128.load(end - 16), v128.load(end - 17), v128.load(MASKS + fraction))
  const digits = v128.and(i8x16.sub(text, i8x16.splat(48)), v128.load(MASKS + count))
  const tens = v128.and(digits, i16x8.splat(255))
  const twos = i16x8.add(i16x8.mul(tens, i16x8.splat(10)), i16x8.shr_u(digits, 8))
  const fours = i32x4.dot_i16x8_s(twos, i16x8(100, 1, 100, 1, 100, 1, 100, 1))
  const narrow = i16x8.narrow_i32x4_u(fours, fours)
  const eights = i32x4.dot_i16x8_s(narrow, i16x8(10_000, 1, 10_000, 1, 10_000, 1, 10_000, 1))
  const high = i32x4.extract_lane(eights, 0) as u64
  const low = i32x4.extract_lane(eights, 1) as u64
  return high * 100_000_000 + low
}
