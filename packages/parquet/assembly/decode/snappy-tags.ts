// What each of the 256 tags of snappy says, so that there is nothing to tell apart.

/** Bytes of a literal of up to four bytes, 255 of a longer one, 0 of a copy: a byte for each tag. */
export const LITERALS = memory.data(256)
/** Which of four bytes a literal of so many bytes fills, as a mask of 32 bits. */
export const FILLED = memory.data(5 * 4)
/** Which bits of a tag and what follows it are the distance, as a mask of 32 bits, and what to add then: see below. */
export const COPIES = memory.data(256 * 8)

for (let tag: u32 = 0; tag < 256; tag++) {
  const kind = tag & 3
  const more = tag >>> 2
  store<u8>(LITERALS + tag, kind == 0 ? (more < 4 ? more + 1 : 255) : 0)
  const row = COPIES + (tag << 3)
  if (kind == 1) put(row, 0xff00, (more >>> 3) << 8, (more & 7) + 4)
  else if (kind == 2) put(row, 0xff_ff00, 0, more + 1)
  else store<u32>(row, 0x8000_0000, 4)
}
for (let bytes: u32 = 1; bytes < 5; bytes++) store<u32>(FILLED + (bytes << 2), 0xffff_ffff >>> (32 - 8 * bytes))

/** The sum is the size in its lowest byte, and above it the distance less eight. */
function put(row: usize, mask: u32, distance: u32, size: u32): void {
  store<u32>(row, mask)
  store<u32>(row, ((distance - 8) << 8) + size, 4)
}
