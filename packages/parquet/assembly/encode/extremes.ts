// The least and the greatest of many numbers, two at once. Comparisons with NaN are false, so it never is one of them.

/** The first place of the least number; `count` where there is none. */
export function leastFloat(values: usize, count: u32): u32 {
  return leastTimes(1, values, count)
}

/** The first place of the greatest number; `count` where there is none. */
export function greatestFloat(values: usize, count: u32): u32 {
  return leastTimes(-1, values, count)
}

/** The first place of the number that is least when all are multiplied by a sign. */
function leastTimes(sign: f64, values: usize, count: u32): u32 {
  const signs = f64x2.splat(sign)
  let both = f64x2.splat(Infinity)
  let at = values
  const even = values + (((count & ~1) as usize) << 3)
  for (; at < even; at += 16) both = f64x2.pmin(both, f64x2.mul(v128.load(at), signs))
  const one = f64x2.extract_lane(both, 0)
  const other = f64x2.extract_lane(both, 1)
  let least = other < one ? other : one
  if ((count & 1) != 0 && load<f64>(at) * sign < least) least = load<f64>(at) * sign
  return placeOf(least * sign, values, count)
}

function placeOf(value: f64, values: usize, count: u32): u32 {
  let place: u32 = 0
  while (place < count && load<f64>(values + ((place as usize) << 3)) != value) place++
  return place
}

/** The first place of the least int64; `count` where there is none. */
export function leastInteger(values: usize, count: u32): u32 {
  let least = i64.MAX_VALUE
  const to = values + ((count as usize) << 3)
  for (let at = values; at < to; at += 8) least = min(least, load<i64>(at))
  return integerPlace(least, values, count)
}

/** The first place of the greatest int64; `count` where there is none. */
export function greatestInteger(values: usize, count: u32): u32 {
  let greatest = i64.MIN_VALUE
  const to = values + ((count as usize) << 3)
  for (let at = values; at < to; at += 8) greatest = max(greatest, load<i64>(at))
  return integerPlace(greatest, values, count)
}

function integerPlace(value: i64, values: usize, count: u32): u32 {
  let place: u32 = 0
  while (place < count && load<i64>(values + ((place as usize) << 3)) != value) place++
  return place
}
