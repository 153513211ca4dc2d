// Streams of bits that are read backwards, where few are read.

/** Bits of a stream that is read backwards: all before the one that ends it; less than none when there is no one. */
export function bitsOf(start: usize, last: usize): i32 {
  const ending = load<u8>(last - 1) as u32
  return ending == 0 ? -1 : (((last - start) as i32) << 3) - (clz<u32>(ending) as i32) + 23
}

/** So many bits from a place on, with zeros before the start of the stream; 25 at most. */
export function peekBits(start: usize, from: i32, count: i32): u32 {
  const mask: u32 = (1 << count) - 1
  if (from >= 0) return (load<u32>(start + (from >>> 3)) >>> (from & 7)) & mask
  if (from + count <= 0) return 0
  return (load<u32>(start) << -from) & mask
}
