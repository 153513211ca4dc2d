// Int64 values from 0 to 2^53, of which there is one at least.

/** Makes every value larger. */
export function addToAll(values: usize, count: u32, add: f64): void {
  const to = values + ((count as usize) << 3)
  for (let at = values; at < to; at += 8) store<i64>(at, load<i64>(at) + (add as i64))
}

/** 1 where a value is more than the one before it, and 2 where one is less, added up. */
export function stepsOf(values: usize, count: u32): u32 {
  const to = values + ((count as usize) << 3)
  let steps: u32 = 0
  let last = load<i64>(values)
  for (let at = values + 8; at < to; at += 8) {
    const value = load<i64>(at)
    steps |= u32(value > last) | (u32(value < last) << 1)
    last = value
  }
  return steps
}

export function leastOf(values: usize, count: u32): f64 {
  const to = values + ((count as usize) << 3)
  let least = load<i64>(values)
  for (let at = values; at < to; at += 8) least = min(least, load<i64>(at))
  return least as f64
}

export function greatestOf(values: usize, count: u32): f64 {
  const to = values + ((count as usize) << 3)
  let greatest = load<i64>(values)
  for (let at = values; at < to; at += 8) greatest = max(greatest, load<i64>(at))
  return greatest as f64
}
