// Parquet's hybrid of run lengths and packed bits. A packed value is one load and one shift, wherever in its first byte
// it begins: it has at most 24 bits.

/** The greatest of the values, of four bytes each; -1 when the bytes are fewer than they claim to be. */
export function decodeCodes(input: usize, length: u32, width: u32, values: usize, rows: u32): i32 {
  return decodeRuns<u32>(input, length, width, values, rows)
}

/** The same for values of one byte. */
export function decodeFlags(input: usize, length: u32, width: u32, values: usize, rows: u32): i32 {
  return decodeRuns<u8>(input, length, width, values, rows)
}

/** Looks codes up in a dictionary of numbers of eight bytes; each of them has to be there. */
export function lookUpWide(codes: usize, count: u32, dictionary: usize, target: usize): void {
  for (let nth: usize = 0; nth < count; nth++) {
    store<u64>(target + (nth << 3), load<u64>(dictionary + ((load<u32>(codes + (nth << 2)) as usize) << 3)))
  }
}

function decodeRuns<T>(input: usize, length: u32, width: u32, values: usize, rows: u32): i32 {
  const last = input + length
  const mask: u32 = (1 << width) - 1
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
    if ((header & 1) == 0) {
      const bytes = (width + 7) >>> 3
      if (at + bytes > last) return -1
      const value: u32 = width == 0 ? 0 : load<u32>(at) & (0xffff_ffff >>> (32 - 8 * bytes))
      at += bytes
      const end = min<u64>(row + half, rows) as u32
      if (end > row) greatest = max(greatest, value)
      for (; row < end; row++) store<T>(values + row * sizeof<T>(), value as T)
    } else {
      const end = min<u64>(row + half * 8, rows) as u32
      if (at + ((((end - row) as u64) * width + 7) >>> 3) > last) return -1
      if (sizeof<T>() == 1 && width == 1) {
        spreadBits(at, values + row, end - row)
        greatest = 1
      } else {
        let target = values + row * sizeof<T>()
        const stop = values + end * sizeof<T>()
        for (let bit: u32 = 0; target < stop; bit += width, target += sizeof<T>()) {
          const value = (load<u32>(at + (bit >>> 3)) >>> (bit & 7)) & mask
          greatest = max(greatest, value)
          store<T>(target, value as T)
        }
      }
      row = end
      // No more than what was just found to be there, but for the bits that fill up the last group.
      at += (half * width) as usize
    }
  }
  return greatest as i32
}

/** One byte a bit. What fills the last eight is written too. */
export function spreadBits(bits: usize, target: usize, count: u32): void {
  const stop = target + count
  for (; target < stop; target += 8) {
    const chosen = ((load<u8>(bits++) as u64) * 0x0101_0101_0101_0101) & 0x8040_2010_0804_0201
    store<u64>(target, ((chosen + 0x7f7f_7f7f_7f7f_7f7f) >>> 7) & 0x0101_0101_0101_0101)
  }
}
