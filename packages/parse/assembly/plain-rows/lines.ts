/** How many line feeds there are from one address to another. */
export function countLines(start: usize, end: usize): u32 {
  let lines: u32 = 0
  let at = start
  for (; at + 16 <= end; at += 16) lines += popcnt(i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x0a))))
  for (; at < end; at++) lines += u32(load<u8>(at) == 0x0a)
  return lines
}
