/** Writes an integer in groups of seven bits, the lowest first, and returns where it ends. */
export function writeVarint(output: usize, value: u64): usize {
  let end = output
  for (; value >= 128; value >>>= 7) store<u8>(end++, (value & 127) | 128)
  store<u8>(end++, value)
  return end
}

/** Writes a signed integer so that numbers near zero are short. */
export function writeZigzag(output: usize, value: i64): usize {
  return writeVarint(output, (value << 1) ^ (value >> 63))
}
