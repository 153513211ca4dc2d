// Two literals at once: for whatever twelve bits come next, how many bits the codes of the next two have. The literals of
// numbers take seven bits or eight, so that twelve hold no second code; but long codes come first, short ones last, and a few
// bits nearly always say how long the second one is. What it stands for is looked up behind, while whoever needs only the
// bits is two literals further. An entry has four bytes: how many bits to go on by, and from the sixth bit on by how many
// literals; the first literal; and a power of two, 2 bytes, that shifts its code away, since processors have more room for
// products than for shifts. Codes of the same length have the same entries, but for the literal.

import { PAIRS, SYMBOLS } from './zstd-work'

/** The most bits that two codes take; where they take more, one is decoded alone. */
const MOST_BITS_OF_PAIR: u32 = 18
const PLACES: u32 = 1 << 12

/** Whether the pairs are those of the table of codes. */
let arePairsKnown: bool = false

/** Says that there is another table of codes. */
export function forgetPairs(): void {
  arePairsKnown = false
}

/** Sees to it that there are the pairs of the table of codes, and returns where. */
export function pairsOfCodes(work: usize): usize {
  const pairs = work + PAIRS
  if (arePairsKnown) return pairs
  arePairsKnown = true
  const table = work + SYMBOLS
  let before: u32 = 0
  let size: u32 = 0
  for (let place: u32 = 0; place < PLACES; place += size) {
    const code = load<u16>(table + (place & 0xffe)) as u32
    const bits = code & 255
    const entries = pairs + ((place as usize) << 2)
    size = PLACES >>> bits
    if (bits == (before & 255)) repeatEntries(entries, size, code - before)
    else makeEntries(entries, size, code, table)
    before = code
  }
  return pairs
}

/** Entries like those before them, but for what is added to each. Fewer than four are written as four. */
function repeatEntries(entries: usize, size: u32, change: u32): void {
  const changes = i32x4.splat(change)
  const back = (size as usize) << 2
  for (const end = entries + back; entries < end; entries += 16) {
    v128.store(entries, i32x4.add(v128.load(entries - back), changes))
  }
}

function makeEntries(entries: usize, size: u32, code: u32, table: usize): void {
  const bits = code & 255
  for (let rest: u32 = 0; rest < size; rest++) {
    // Behind the first code come these bits, and others that are not known, from all zeros to all ones.
    const least = rest << bits
    const most = least + (1 << bits) - 1
    const next = load<u8>(table + (least & 0xffe)) as u32
    const isPair = next == <u32>load<u8>(table + (most & 0xffe)) && bits + next <= MOST_BITS_OF_PAIR
    const head = isPair ? (bits + next) | (2 << 6) : bits | (1 << 6)
    store<u32>(entries + ((rest as usize) << 2), head | (code & 0xff00) | ((1 << 16) << bits))
  }
}
