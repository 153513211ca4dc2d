// What repeats at a distance, sixteen bytes at a time. What lies nearer than sixteen bytes is a pattern, which one shuffle
// spreads over the sixteen; it is then written as often as needed, at steps of as many whole patterns as fit in. Up to
// fifteen bytes behind the end are written too.

const PATTERNS = memory.data(16 * 16)
const STEPS = memory.data(16)

for (let distance: u32 = 1; distance < 16; distance++) {
  for (let at: u32 = 0; at < 16; at++) store<u8>(PATTERNS + distance * 16 + at, at % distance)
  store<u8>(STEPS + distance, 16 - (16 % distance))
}

/** Writes until `stop` what lies `distance` bytes before: one byte at least, and as many may be read from there as 16. */
export function repeat(target: usize, stop: usize, distance: u32): void {
  if (distance >= 16) {
    do {
      v128.store(target, v128.load(target - distance))
      target += 16
    } while (target < stop)
    return
  }
  const pattern = i8x16.swizzle(v128.load(target - distance), v128.load(distance << 4, PATTERNS))
  const step = load<u8>(distance, STEPS) as u32
  do {
    v128.store(target, pattern)
    target += step
  } while (target < stop)
}
