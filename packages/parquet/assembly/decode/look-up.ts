// Codes exchanged for what they stand for, four a step: two of them are one load.

/** Looks codes up in a dictionary of numbers of eight bytes; each of them has to be there. */
export function lookUpWide(codes: usize, count: u32, dictionary: usize, target: usize): void {
  const stop = codes + ((count as usize) << 2)
  for (; codes + 12 < stop; codes += 16, target += 32) {
    const first = load<u64>(codes)
    const second = load<u64>(codes, 8)
    store<u64>(target, load<u64>(dictionary + ((first as u32) << 3)))
    store<u64>(target, load<u64>(dictionary + (((first >>> 32) as u32) << 3)), 8)
    store<u64>(target, load<u64>(dictionary + ((second as u32) << 3)), 16)
    store<u64>(target, load<u64>(dictionary + (((second >>> 32) as u32) << 3)), 24)
  }
  for (; codes < stop; codes += 4, target += 8) store<u64>(target, load<u64>(dictionary + (load<u32>(codes) << 3)))
}

/** Gives each code, in place, another one of a table, which has one for each of them. */
export function translateCodes(codes: usize, count: u32, table: usize): void {
  const stop = codes + ((count as usize) << 2)
  for (; codes + 12 < stop; codes += 16) {
    const first = load<u64>(codes)
    const second = load<u64>(codes, 8)
    store<u32>(codes, load<u32>(table + ((first as u32) << 2)))
    store<u32>(codes, load<u32>(table + (((first >>> 32) as u32) << 2)), 4)
    store<u32>(codes, load<u32>(table + ((second as u32) << 2)), 8)
    store<u32>(codes, load<u32>(table + (((second >>> 32) as u32) << 2)), 12)
  }
  for (; codes < stop; codes += 4) store<u32>(codes, load<u32>(table + (load<u32>(codes) << 2)))
}
