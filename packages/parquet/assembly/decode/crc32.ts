// CRC-32 as zlib has it. The bits of all bytes are one long polynomial, and their sum is what is left of it when it is
// divided by that of CRC-32. To divide by a multiple of that first, one of few terms, changes nothing. One has five:
//
//     x^300 + x^155 + x^117 + x^89 + 1
//
// Over bits the square of a sum is the sum of the squares, so 8 or 32 times these exponents do as well, and then no bit
// moves within its byte: sixteen bytes at once become their sum with what became of those that lie 145, 183, 211 and 300
// bytes (or words of four bytes) before them, and are done with, up to the last 300. That takes some ten instructions, but
// no shift, no multiplication and no table. The few bytes that are left are looked up, eight at once. The division by few
// terms is that of Chorba (arXiv 2412.16398), which shifts words by the same distances in bits; the tables are those of
// "slicing-by-8" (Kounavis and Berry, 2005).

/**
 * The sum of bytes that follow others of that sum, which is 0 where there are none.
 *
 * @param input 16 bytes behind its end may be read
 * @param room as many bytes as below, for this only, all 0 before the first call
 */
export function crc32(sum: u32, input: usize, length: u32, room: usize): u32 {
  if (load<u32>(room, 4) == 0) makeTables(room)
  let state = ~sum
  // Words are quicker, as most of what is loaded is what was stored, not parts of two such, but more bytes are left.
  if (length >= 12_000) {
    length = divide(state, input, length, 4, room)
    input = room + REST
    state = 0
  }
  if (length >= 700) {
    length = divide(state, input, length, 1, room)
    input = room + REST
    state = 0
  }
  return ~lookUp(state, input, length, room)
}

// In the room: the tables, the bytes that are left, and what as many bytes became as follow each other in two distances
// and the steps between.
const REST: usize = 8 << 10
const WORK: usize = REST + 1312
const STEP: usize = 7 * 16
const MOST_STEPS: usize = 73 * STEP
// The room is `WORK` + 2 * 1200 + `MOST_STEPS`, 20,080 bytes.

/** Divides by the multiple of few terms, at so many times the distances, and returns how many bytes are left at `REST`. */
function divide(state: u32, input: usize, length: u32, scale: usize, room: usize): u32 {
  const work = room + WORK
  const distance: usize = 300 * scale
  // Nothing lies before the first bytes but the state.
  memory.fill(work, 0, distance)
  store<u32>(work, state)
  let left = (length as usize) - distance
  for (; left > MOST_STEPS; left -= MOST_STEPS, input += MOST_STEPS) {
    addTerms(input, MOST_STEPS, scale, work)
    memory.copy(work, work + MOST_STEPS, distance)
  }
  const last = left - (left % STEP)
  addTerms(input, last, scale, work)
  // The others are left: they become their sum with what became of those before them, not of each other.
  memory.fill(work + last + distance, 0, distance)
  left += distance - last
  const stop = room + REST + left
  let from = work + last
  input += last
  for (let to = room + REST; to < stop; to += 16, from += 16, input += 16) {
    const far = v128.xor(v128.load(from), v128.load(from + 89 * scale))
    const near = v128.xor(v128.load(from + 117 * scale), v128.load(from + 155 * scale))
    v128.store(to, v128.xor(v128.load(input), v128.xor(far, near)))
  }
  return left as u32
}

/** What the bytes become, behind what as many before them as the longest distance became. */
function addTerms(input: usize, length: usize, scale: usize, work: usize): void {
  let to = work + 300 * scale
  let a = work
  let b = work + 89 * scale
  let c = work + 117 * scale
  let d = work + 155 * scale
  for (const stop = input + length; input < stop; input += STEP) {
    v128.store(to, sum(v128.load(input), v128.load(a), v128.load(b), v128.load(c), v128.load(d)))
    v128.store(
      to,
      sum(v128.load(input, 16), v128.load(a, 16), v128.load(b, 16), v128.load(c, 16), v128.load(d, 16)),
      16,
    )
    v128.store(
      to,
      sum(v128.load(input, 32), v128.load(a, 32), v128.load(b, 32), v128.load(c, 32), v128.load(d, 32)),
      32,
    )
    v128.store(
      to,
      sum(v128.load(input, 48), v128.load(a, 48), v128.load(b, 48), v128.load(c, 48), v128.load(d, 48)),
      48,
    )
    v128.store(
      to,
      sum(v128.load(input, 64), v128.load(a, 64), v128.load(b, 64), v128.load(c, 64), v128.load(d, 64)),
      64,
    )
    v128.store(
      to,
      sum(v128.load(input, 80), v128.load(a, 80), v128.load(b, 80), v128.load(c, 80), v128.load(d, 80)),
      80,
    )
    v128.store(
      to,
      sum(v128.load(input, 96), v128.load(a, 96), v128.load(b, 96), v128.load(c, 96), v128.load(d, 96)),
      96,
    )
    a += STEP
    b += STEP
    c += STEP
    d += STEP
    to += STEP
  }
}

function sum(bytes: v128, a: v128, b: v128, c: v128, d: v128): v128 {
  return v128.xor(v128.xor(v128.xor(bytes, a), b), v128.xor(c, d))
}

/** Divides by the polynomial itself. */
function lookUp(state: u32, input: usize, length: u32, tables: usize): u32 {
  const stop = input + length
  for (; input + 8 <= stop; input += 8) {
    const first = load<u32>(input) ^ state
    const second = load<u32>(input, 4)
    const known = load<u32>(entry(tables, second), 3 << 10) ^ load<u32>(entry(tables, second >>> 8), 2 << 10)
    const still = load<u32>(entry(tables, second >>> 16), 1 << 10) ^ load<u32>(entry(tables, second >>> 24))
    const low = load<u32>(entry(tables, first), 7 << 10) ^ load<u32>(entry(tables, first >>> 8), 6 << 10)
    const high = load<u32>(entry(tables, first >>> 16), 5 << 10) ^ load<u32>(entry(tables, first >>> 24), 4 << 10)
    state = known ^ still ^ (low ^ high)
  }
  for (; input < stop; input++) state = load<u32>(entry(tables, state ^ load<u8>(input))) ^ (state >>> 8)
  return state
}

function entry(tables: usize, byte: u32): usize {
  return tables + (((byte & 255) as usize) << 2)
}

/** What is left of a byte that so many others follow, from none to seven: 256 entries each. */
function makeTables(tables: usize): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let sum = byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (0xedb8_8320 & (0 - (sum & 1)))
    store<u32>(entry(tables, byte), sum)
  }
  for (let at = tables + (1 << 10); at < tables + (8 << 10); at += 4) {
    const before = load<u32>(at - (1 << 10))
    store<u32>(at, (before >>> 8) ^ load<u32>(entry(tables, before)))
  }
}
