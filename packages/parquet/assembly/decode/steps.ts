import { ALL_EIGHT, LAST_FOUR, patternsOf, unpackEight, unpackFour } from './unpack'

// Differences added up, eight at a time: in narrow lanes, which have room for the sums of so many, and from there to the
// value before them in wide ones. What is carried from eight to eight is an addition and its spreading to both lanes. Each
// function continues from the value before `target`, and writes the last eight in full where fewer of them are wanted.

/** Differences that are all the same. */
export function addLeast(least: i64, target: usize, end: usize): void {
  let values = i64x2.add(v128.load64_splat(target - 8), i64x2(least, least * 2))
  const step = i64x2.splat(least * 2)
  while (target < end) {
    v128.store(target, values)
    values = i64x2.add(values, step)
    v128.store(target + 16, values)
    values = i64x2.add(values, step)
    v128.store(target + 32, values)
    values = i64x2.add(values, step)
    v128.store(target + 48, values)
    values = i64x2.add(values, step)
    target += 64
  }
}

/** Differences of `least` and what has 1 to 9 bits. */
export function addEights(at: usize, width: u32, least: i64, target: usize, end: usize): void {
  const patterns = patternsOf(width)
  const mask = i16x8.splat(((<i16>1) << (width as i16)) - 1)
  const bytes = v128.load(patterns + ALL_EIGHT)
  const factors = v128.load(patterns + ALL_EIGHT + 16)
  const first = i64x2(least, least * 2)
  const step = i64x2.splat(least * 2)
  const second = i64x2.add(first, step)
  const third = i64x2.add(second, step)
  const fourth = i64x2.add(third, step)
  const zero = i64x2.splat(0)
  let before = v128.load64_splat(target - 8)
  for (; target < end; target += 64, at += width) {
    let sums = unpackEight(at, bytes, factors, mask)
    sums = i16x8.add(sums, v128.shuffle<i16>(zero, sums, 7, 8, 9, 10, 11, 12, 13, 14))
    sums = i16x8.add(sums, v128.shuffle<i16>(zero, sums, 6, 7, 8, 9, 10, 11, 12, 13))
    sums = i16x8.add(sums, v128.shuffle<i16>(zero, sums, 4, 5, 6, 7, 8, 9, 10, 11))
    const low = v128.shuffle<i16>(sums, zero, 0, 8, 1, 9, 2, 10, 3, 11)
    const high = v128.shuffle<i16>(sums, zero, 4, 12, 5, 13, 6, 14, 7, 15)
    const last = i64x2.add(before, i64x2.add(fourth, v128.shuffle<i32>(high, zero, 2, 6, 3, 7)))
    v128.store(target, i64x2.add(before, i64x2.add(first, v128.shuffle<i32>(low, zero, 0, 4, 1, 5))))
    v128.store(target + 16, i64x2.add(before, i64x2.add(second, v128.shuffle<i32>(low, zero, 2, 6, 3, 7))))
    v128.store(target + 32, i64x2.add(before, i64x2.add(third, v128.shuffle<i32>(high, zero, 0, 4, 1, 5))))
    v128.store(target + 48, last)
    before = v128.shuffle<i64>(last, last, 1, 1)
  }
}

/** Differences of `least` and what has 1 to 25 bits. */
export function addFours(at: usize, width: u32, least: i64, target: usize, end: usize): void {
  const half = (width << 2) >>> 3
  const patterns = patternsOf(width)
  const mask = i32x4.splat((1 << width) - 1)
  const bytes = v128.load(patterns)
  const factors = v128.load(patterns + 16)
  const lastBytes = v128.load(patterns + LAST_FOUR)
  const lastFactors = v128.load(patterns + LAST_FOUR + 16)
  const first = i64x2(least, least * 2)
  const second = i64x2.add(first, i64x2.splat(least * 2))
  let before = v128.load64_splat(target - 8)
  for (; target < end; target += 64, at += width) {
    before = addFour(unpackFour(at, bytes, factors, mask), before, first, second, target)
    before = addFour(unpackFour(at + half, lastBytes, lastFactors, mask), before, first, second, target + 32)
  }
}

/** Returns the last of them in both lanes. */
function addFour(four: v128, before: v128, first: v128, second: v128, target: usize): v128 {
  const zero = i64x2.splat(0)
  const pairs = i32x4.add(four, v128.shuffle<i32>(zero, four, 3, 4, 5, 6))
  const sums = i32x4.add(pairs, v128.shuffle<i32>(zero, pairs, 2, 3, 4, 5))
  const last = i64x2.add(before, i64x2.add(second, v128.shuffle<i32>(sums, zero, 2, 6, 3, 7)))
  v128.store(target, i64x2.add(before, i64x2.add(first, v128.shuffle<i32>(sums, zero, 0, 4, 1, 5))))
  v128.store(target + 16, last)
  return v128.shuffle<i64>(last, last, 1, 1)
}
