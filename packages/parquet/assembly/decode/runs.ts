import { ALL_EIGHT, LAST_FOUR, patternsOf, unpackEight, unpackFour, WIDEST_NARROW } from './unpack'

// Parquet's hybrid of run lengths and packed bits: runs are written sixteen bytes at a time, packed values taken apart in
// lanes (see unpack.ts). What is written too much, 28 bytes at most, is overwritten by what follows.

/**
 * The greatest of the values, of four bytes each; -1 when the bytes are fewer than they claim to be.
 *
 * @param input 24 bytes behind its end may be read
 * @param width 0 to 24
 */
export function decodeCodes(input: usize, length: u32, width: u32, values: usize, rows: u32): i32 {
  return decodeRuns<u32>(input, length, width, values, rows)
}

/** The same for single bits as values of one byte: returns how many ones there are; -1 also where a run is of neither. */
export function decodeFlags(input: usize, length: u32, values: usize, rows: u32): i32 {
  const greatest = decodeRuns<u8>(input, length, 1, values, rows)
  return greatest < 0 || greatest > 1 ? -1 : countOnes(values, rows)
}

function decodeRuns<T>(input: usize, length: u32, width: u32, values: usize, rows: u32): i32 {
  const last = input + length
  let at = input
  let row: u32 = 0
  let greatest: u32 = 0
  while (row < rows) {
    let header: u64 = 0
    for (let shift: u64 = 0; ; shift += 7) {
      if (at >= last || shift > 28) return -1
      const byte = load<u8>(at++) as u64
      header |= (byte & 127) << shift
      if (byte < 128) break
    }
    const half = header >>> 1
    const target = values + row * sizeof<T>()
    if ((header & 1) == 0) {
      const bytes = (width + 7) >>> 3
      if (at + bytes > last) return -1
      const value: u32 = width == 0 ? 0 : load<u32>(at) & (0xffff_ffff >>> (32 - 8 * bytes))
      at += bytes
      const end = min<u64>(row + half, rows) as u32
      if (end > row) greatest = max(greatest, value)
      fillRun(target, values + end * sizeof<T>(), sizeof<T>() == 1 ? i8x16.splat(value as i8) : i32x4.splat(value))
      row = end
    } else {
      const end = min<u64>(row + half * 8, rows) as u32
      if (at + ((((end - row) as u64) * width + 7) >>> 3) > last) return -1
      if (sizeof<T>() == 1) {
        spreadBits(at, target, end - row)
        greatest = max<u32>(greatest, 1)
      } else {
        greatest = max(greatest, unpackCodes(at, width, target, end - row))
      }
      row = end
      // No more than what was just found to be there, but for the bits that fill up the last group.
      at += (half * width) as usize
    }
  }
  return greatest as i32
}

/** One byte a bit. What fills the last sixteen is written too. */
export function spreadBits(bits: usize, target: usize, count: u32): void {
  const chosen = i64x2.splat(0x8040_2010_0804_0201)
  const stop = target + count
  for (; target < stop; target += 16, bits += 2) {
    const pair = v128.load16_splat(bits)
    const spread = v128.shuffle<i8>(pair, pair, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1)
    v128.store(target, i8x16.min_u(v128.and(spread, chosen), i8x16.splat(1)))
  }
}

function countOnes(flags: usize, count: u32): i32 {
  const stop = flags + count
  let ones: u64 = 0
  for (; flags + 8 <= stop; flags += 8) ones += popcnt<u64>(load<u64>(flags))
  for (; flags < stop; flags++) ones += load<u8>(flags)
  return ones as i32
}

function fillRun(target: usize, stop: usize, value: v128): void {
  for (; target < stop; target += 16) v128.store(target, value)
}

/** Returns the greatest of them. */
function unpackCodes(at: usize, width: u32, target: usize, count: u32): u32 {
  if (width == 0) {
    fillRun(target, target + (count << 2), i32x4.splat(0))
    return 0
  }
  const whole = target + ((count & ~7) << 2)
  const stop = target + (count << 2)
  const patterns = patternsOf(width)
  let most = i32x4.splat(0)
  if (width <= WIDEST_NARROW) {
    const mask = i16x8.splat(((<i16>1) << (width as i16)) - 1)
    const bytes = v128.load(patterns + ALL_EIGHT)
    const factors = v128.load(patterns + ALL_EIGHT + 16)
    for (; target < whole; target += 32, at += width) {
      const eight = unpackEight(at, bytes, factors, mask)
      most = i16x8.max_u(most, eight)
      v128.store(target, i32x4.extend_low_i16x8_u(eight))
      v128.store(target + 16, i32x4.extend_high_i16x8_u(eight))
    }
    most = i32x4.max_u(i32x4.extend_low_i16x8_u(most), i32x4.extend_high_i16x8_u(most))
  } else {
    const half = (width << 2) >>> 3
    const mask = i32x4.splat((1 << width) - 1)
    const bytes = v128.load(patterns)
    const factors = v128.load(patterns + 16)
    const lastBytes = v128.load(patterns + LAST_FOUR)
    const lastFactors = v128.load(patterns + LAST_FOUR + 16)
    for (; target < whole; target += 32, at += width) {
      const four = unpackFour(at, bytes, factors, mask)
      const rest = unpackFour(at + half, lastBytes, lastFactors, mask)
      most = i32x4.max_u(most, i32x4.max_u(four, rest))
      v128.store(target, four)
      v128.store(target + 16, rest)
    }
  }
  most = i32x4.max_u(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1))
  let greatest = max<u32>(i32x4.extract_lane(most, 0), i32x4.extract_lane(most, 1))
  // What fills up the last eight may be anything, and counts for nothing.
  const mask: u32 = (1 << width) - 1
  for (let bit: u32 = 0; target < stop; bit += width, target += 4) {
    const value = (load<u32>(at + (bit >>> 3)) >>> (bit & 7)) & mask
    greatest = max(greatest, value)
    store<u32>(target, value)
  }
  return greatest
}
