// Words as they are, each behind its length: most columns have few of them, many times over.

/**
 * Gives each of `count` words a code of four bytes, the same for the same word, counted in the order in which they come.
 *
 * @param input 8 bytes behind its end may be read
 * @param table room for `SLOTS` codes, to find words again
 * @param found room for the first place of each word, as far as its length, of four bytes each: `MOST_WORDS` of them
 * @returns how many different words there are; -1 when the input ends before they do, -2 when there are too many
 */
export function codeWords(input: usize, length: u32, count: u32, codes: usize, table: usize, found: usize): i32 {
  memory.fill(table, 0, SLOTS << 2)
  const last = input + length
  const stop = codes + ((count as usize) << 2)
  let at = input
  let words: u32 = 0
  for (; codes < stop; codes += 4) {
    if (at + 4 > last) return -1
    const size = load<u32>(at)
    if (size > <u32>(last - at - 4)) return -1
    let slot = hashOf(at + 4, size) & (SLOTS - 1)
    let code: u32
    // A slot holds the code plus one; a word that is not where it belongs is in the next slot.
    while (true) {
      code = load<u32>(table + ((slot as usize) << 2))
      if (code == 0 || isSame(load<u32>(found + (((code - 1) as usize) << 2)), at, size)) break
      slot = (slot + 1) & (SLOTS - 1)
    }
    if (code == 0) {
      if (words == MOST_WORDS) return -2
      store<u32>(found + ((words as usize) << 2), at as u32)
      code = ++words
      store<u32>(table + ((slot as usize) << 2), code)
    }
    store<u32>(codes, code - 1)
    at += 4 + size
  }
  return words
}

const SLOTS: u32 = 4096
const MOST_WORDS: u32 = 1024

/** Of the ends of a word: the few that look alike are told apart when they are compared. */
function hashOf(word: usize, size: u32): u32 {
  const head = size < 8 ? load<u64>(word) & ((1 << ((size as u64) << 3)) - 1) : load<u64>(word)
  const tail = size < 8 ? 0 : load<u64>(word + size - 8)
  const mixed = (head + (size as u64)) * 0x9e37_79b9_7f4a_7c15 + (tail ^ (tail >>> 29)) * 0xbf58_476d_1ce4_e5b9
  return (mixed >>> 40) as u32
}

function isSame(one: usize, other: usize, size: u32): bool {
  if (load<u32>(one) != size) return false
  let nth: usize = 4
  const end = (size as usize) + 4
  for (; nth + 8 <= end; nth += 8) if (load<u64>(one + nth) != load<u64>(other + nth)) return false
  for (; nth < end; nth++) if (load<u8>(one + nth) != load<u8>(other + nth)) return false
  return true
}
