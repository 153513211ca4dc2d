// Words as they are, each behind its length: most columns have few of them, many times over. What is looked up is a key of
// eight bytes, which holds all of a word that is shorter than that: where it is found, nothing else is compared. So nearly
// every word costs a multiplication and branches that always go the same way, whatever order the words come in. Of those
// that are the same many times over none is looked up at all.

/** Slots of 16 bytes: a key, and the code of its word. */
const SLOTS: u32 = 2048
const MOST_WORDS: u32 = 1024
/** Keys have this in the place of the length where they do not hold all of a word. */
const IS_LONG: u64 = 8
/** No key. */
const EMPTY: u64 = 0xffff_ffff_ffff_ffff
/** After so many words it is looked whether they repeat. */
const SOME: usize = 64

/** Where the next word is, and how many different ones there are: set anew by each call of the kernel. */
let at: usize = 0
let words: u32 = 0

/**
 * Gives each of `count` words a code of four bytes, the same for the same word, counted in the order in which they come.
 *
 * @param input 16 bytes behind its end may be read
 * @param table room for 32 KiB, to find words again
 * @param found room for the first place of each word, as far as its length, of four bytes each: `MOST_WORDS` of them
 * @returns how many different words there are; -1 when the input ends before they do, -2 when there are too many
 */
export function codeWords(input: usize, length: u32, count: u32, codes: usize, table: usize, found: usize): i32 {
  memory.fill(table, 0xff, SLOTS << 4)
  const last = input + length
  const stop = codes + ((count as usize) << 2)
  at = input
  words = 0
  while (codes < stop) {
    const end = min<usize>(codes + (SOME << 2), stop)
    while (codes < end) {
      codes = codeKnown(last, codes, end, table)
      if (codes == end) break
      // Behind the end it may be any number, which ends behind it too.
      const size = load<u32>(at)
      if ((at as u64) + size + 4 > (last as u64)) return -1
      const code = codeAny(size, table, found)
      if (code < 0) return code
      store<i32>(codes, code)
      codes += 4
      at += 4 + size
    }
    if (codes < stop && isRepeated(codes)) codes = repeatWord(last, codes, stop, found)
  }
  return words
}

/** Gives short words that are known their codes, until there is another one. Returns where codes end. */
function codeKnown(last: usize, codes: usize, end: usize, table: usize): usize {
  let from = at
  for (; codes < end; codes += 4) {
    const size = load<u32>(from)
    const next = (from as u64) + size + 4
    if (size >= 8 || next > (last as u64)) break
    const key = shortKey(from, size)
    const slot = slotOf(table, key)
    if (load<u64>(slot) != key) break
    store<u32>(codes, load<u32>(slot, 8))
    from = next as usize
  }
  at = from
  return codes
}

/** The code of a word of any kind; -2 when there are too many. */
function codeAny(size: u32, table: usize, found: usize): i32 {
  const key = size < 8 ? shortKey(at, size) : longKey(at, size)
  let slot = slotOf(table, key)
  // A word that is not where it belongs is in the next slot.
  for (; load<u64>(slot) != EMPTY; slot = slot + 16 == table + (SLOTS << 4) ? table : slot + 16) {
    const code = load<u32>(slot, 8)
    if (load<u64>(slot) == key && (size < 8 || isSame(placeOf(found, code), at, size))) return code
  }
  if (words == MOST_WORDS) return -2
  store<u64>(slot, key)
  store<u32>(slot, words, 8)
  store<u32>(found + ((words as usize) << 2), at as u32)
  return words++
}

/** The length of a word in the lowest byte, all of the word above it. */
function shortKey(word: usize, size: u32): u64 {
  return (load<u64>(word, 3) << (56 - (size << 3))) | size
}

/** Of the ends of a word: the few that look alike are told apart when they are compared. */
function longKey(word: usize, size: u32): u64 {
  const tail = load<u64>(word + size - 4)
  const mixed = (load<u64>(word, 4) + size) * FIRST_FACTOR + (tail ^ (tail >>> 29)) * OTHER_FACTOR
  return (mixed & ~0xff) | IS_LONG
}

const FIRST_FACTOR: u64 = 0x9e37_79b9_7f4a_7c15
const OTHER_FACTOR: u64 = 0xbf58_476d_1ce4_e5b9

function slotOf(table: usize, key: u64): usize {
  return (table + (((key * FIRST_FACTOR) >>> 53) << 4)) as usize
}

function placeOf(found: usize, code: u32): usize {
  return load<u32>(found + ((code as usize) << 2))
}

/**
 * Whether one word is the other, which has that size, eight bytes or more. The last eight overlap those before them.
 */
function isSame(one: usize, other: usize, size: u32): bool {
  if (load<u32>(one) != size) return false
  for (let nth: usize = 4; nth + 4 <= size; nth += 8) {
    if (load<u64>(one + nth) != load<u64>(other + nth)) return false
  }
  return load<u64>(one + size - 4) == load<u64>(other + size - 4)
}

/** Whether the sixteen codes before are the same. */
function isRepeated(codes: usize): bool {
  const code = v128.load32_splat(codes - 4)
  const others = v128.or(v128.xor(v128.load(codes - 64), code), v128.xor(v128.load(codes - 48), code))
  const rest = v128.or(v128.xor(v128.load(codes - 32), code), v128.xor(v128.load(codes - 16), code))
  return !v128.any_true(v128.or(others, rest))
}

/** Repeats the code before for as long as the word before does. Returns where codes end. */
function repeatWord(last: usize, codes: usize, stop: usize, found: usize): usize {
  const code = load<u32>(codes - 4)
  const word = placeOf(found, code)
  const size = load<u32>(word)
  const step = (4 + size) as usize
  const furthest = last - step
  if (size <= 12) codes = repeatFours(word, step, last, codes, stop)
  for (
    ;
    codes < stop && at <= furthest && (size < 8 ? isSameShort(at, word, size) : isSame(at, word, size));
    codes += 4
  ) {
    store<u32>(codes, code)
    at += step
  }
  return codes
}

/** Four words at once, each of which fits into a lane with its length. */
function repeatFours(word: usize, step: usize, last: usize, codes: usize, stop: usize): usize {
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  const compared = i8x16.lt_u(places, i8x16.splat(step as i8))
  const bytes = v128.load(word)
  const four = v128.load32_splat(codes - 4)
  let from = at
  for (; codes + 16 <= stop && from + 4 * step <= last; codes += 16, from += 4 * step) {
    const second = from + step
    const third = second + step
    const head = v128.or(v128.xor(v128.load(from), bytes), v128.xor(v128.load(second), bytes))
    const tail = v128.or(v128.xor(v128.load(third), bytes), v128.xor(v128.load(third + step), bytes))
    if (v128.any_true(v128.and(v128.or(head, tail), compared))) break
    v128.store(codes, four)
  }
  at = from
  return codes
}

function isSameShort(one: usize, other: usize, size: u32): bool {
  return load<u32>(one) == load<u32>(other) && shortKey(one, size) == shortKey(other, size)
}
