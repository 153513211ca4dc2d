// The least and the greatest of many numbers, two at once. Comparisons with NaN are false, so it never is one of them.

/** The first place of the least number; `count` where there is none. */
export function leastFloat(values: usize, count: u32): u32 {
  let both = f64x2.splat(Infinity)
  let at = values
  const even = values + (((count & ~1) as usize) << 3)
  for (; at < even; at += 16) both = f64x2.pmin(both, v128.load(at))
  const one = f64x2.extract_lane(both, 0)
  const other = f64x2.extract_lane(both, 1)
  let least = other < one ? other : one
  if ((count & 1) != 0 && load<f64>(at) < least) least = load<f64>(at)
  return placeOf(least, values, count)
}

/** The first place of the greatest number; `count` where there is none. */
export function greatestFloat(values: usize, count: u32): u32 {
  let both = f64x2.splat(-Infinity)
  let at = values
  const even = values + (((count & ~1) as usize) << 3)
  for (; at < even; at += 16) both = f64x2.pmax(both, v128.load(at))
  const one = f64x2.extract_lane(both, 0)
  const other = f64x2.extract_lane(both, 1)
  let greatest = one < other ? other : one
  if ((count & 1) != 0 && greatest < load<f64>(at)) greatest = load<f64>(at)
  return placeOf(greatest, values, count)
}

function placeOf(value: f64, values: usize, count: u32): u32 {
  let place: u32 = 0
  while (place < count && load<f64>(values + ((place as usize) << 3)) != value) place++
  return place
}
