// Packed values are taken apart in lanes of their own, several at once: a swizzle puts into each lane the bytes in which
// its value lies, a multiplication lifts them all to the same bit of their lanes, and one shift and one mask for all lanes
// drop what lies around them. Eight values begin and end with a byte, so that the same patterns fit every eight of a width;
// they are made once.

/** Lanes of 32 bits hold values of 1 to 25 bits, wherever in its first byte a value begins. */
export const WIDEST: u32 = 25
/** Lanes of 16 bits hold values of 1 to 9 bits. */
export const WIDEST_NARROW: u32 = 9

/** Where the patterns of a width lie: each of them the bytes to fetch, then the factors. */
export function patternsOf(width: u32): usize {
  return PATTERNS + width * SIZE
}

/** Of the last four of eight values in lanes of 32 bits; those of the first four come first. */
export const LAST_FOUR: usize = 32
/** Of all eight in lanes of 16 bits. */
export const ALL_EIGHT: usize = 64

/** Four values; of the last four, `at` is the byte in which the first of them begins. */
export function unpackFour(at: usize, bytes: v128, factors: v128, mask: v128): v128 {
  return v128.and(i32x4.shr_u(i32x4.mul(i8x16.swizzle(v128.load(at), bytes), factors), 7), mask)
}

export function unpackEight(at: usize, bytes: v128, factors: v128, mask: v128): v128 {
  return v128.and(i16x8.shr_u(i16x8.mul(i8x16.swizzle(v128.load(at), bytes), factors), 7), mask)
}

const SIZE: u32 = 96
const PATTERNS: usize = memory.data(2496, 16)

for (let width: u32 = 1; width <= WIDEST; width++) {
  const patterns = patternsOf(width)
  for (let nth: u32 = 0; nth < 8; nth++) {
    // The bytes of the last four are counted from the one in which the first of them begins.
    const bit = nth < 4 ? nth * width : nth * width - ((4 * width) & ~7)
    const four = patterns + ((nth >>> 2) << 5) + ((nth & 3) << 2)
    store<u32>(four, (bit >>> 3) * 0x0101_0101 + 0x0302_0100)
    store<u32>(four, 128 >>> (bit & 7), 16)
    const narrow = patterns + (nth << 1)
    const first = nth * width
    store<u16>(narrow, ((first >>> 3) * 0x0101 + 0x0100) as u16, 64)
    store<u16>(narrow, <u16>((<u32>128) >>> (first & 7)), 80)
  }
}
