// The sequences of a block: how many literals come, how far back to look, and how many bytes to repeat from there. Their
// three codes share one stream of bits that is read backwards, so what one takes the next has to wait for. Nearly all are
// short: few literals, a short match, and a distance that is new or the latest. Those are read and carried out in a loop of
// their own with as little in it as can be: 56 bits are fetched at once, and how far each code's lie in them is added up
// while they come, so that nobody waits for anybody but them; the table has all that a state is about ready for use, whether
// the distance is new is chosen without a branch, for nobody could predict it, and rounds are counted beforehand for which
// there surely is room. Whether there were as many bits and literals is looked at behind them: where numbers repeat in
// steps, a few bits are thousands of sequences, and all literals can come first. Numbers of eight bytes mostly repeat at
// that distance, each time some bytes of what was written just before, in pieces; a processor reads pieces only when they
// have left it. So the last eight bytes are written once more as one, from where the next sequence gets them at once. All
// other sequences, and the last ones, go through the loop around it, which takes one of any kind at a time and checks
// everything. It calls functions, and the engine keeps in memory what has to outlive a call: all of that is done before
// what the inner loop works on is made.

import { copyFar, copyWords } from './copies'
import { bitsOf } from './zstd-bits'
import { lengthLog, matchLog, offsetLog, readTables, startTables } from './zstd-modes'
import { repeatNear } from './zstd-repeats'
import { LATEST, RARE } from './zstd-tables'
import { DISTANCES, LENGTHS, LITERALS, MATCHES, OFFSETS } from './zstd-work'

// The last three distances, the latest first.
let recent0: u32 = 1
let recent1: u32 = 4
let recent2: u32 = 8

/** As many distances as there is room for. Their bits, if there are none, are what lies 7 KB before the stream. */
const MOST_ROUNDS: u32 = 1000

/** Forgets what the last frame left. */
export function startSequences(): void {
  startTables()
  recent0 = 1
  recent1 = 4
  recent2 = 8
}

/**
 * Carries the sequences out and appends the literals that are left. Returns where the output ends; 0 when it is damaged.
 *
 * @param start where the output of the frame starts, before which there is nothing to repeat
 * @param target where the output of the block starts
 */
export function decodeSequences(
  at: usize,
  last: usize,
  literals: usize,
  size: u32,
  start: usize,
  target: usize,
  stop: usize,
  work: usize,
): usize {
  const literalsEnd = literals + size
  if (at >= last) return 0
  let count = load<u8>(at++) as u32
  if (count >= 128) {
    if (count == 255) {
      count = (load<u16>(at) as u32) + 0x7f00
      at += 2
    } else count = ((count - 128) << 8) + (load<u8>(at++) as u32)
  }
  if (count == 0) {
    if (at != last || size > <u32>(stop - target)) return 0
    memory.copy(target, literals, size)
    return target + size
  }
  if (at >= last) return 0
  const modes = load<u8>(at++) as u32
  if ((modes & 3) != 0) return 0
  at = readTables(at, last, modes, work)
  if (at == 0 || at >= last) return 0
  const all = bitsOf(at, last)
  if (all < lengthLog + offsetLog + matchLog) return 0
  // The place of a bit, counted from the start of the memory, less the 56 that are fetched below it.
  const none = ((at as i64) << 3) - 56
  let place = none + (all as i64)
  let bits = rotl<u64>(bitsAt(place), lengthLog as u64)
  let length = work + LENGTHS + (((bits as usize) & ((1 << lengthLog) - 1)) << 4)
  bits = rotl<u64>(bits, offsetLog as u64)
  let offset = work + OFFSETS + (((bits as usize) & ((1 << offsetLog) - 1)) << 4)
  bits = rotl<u64>(bits, matchLog as u64)
  let match = work + MATCHES + (((bits as usize) & ((1 << matchLog) - 1)) << 4)
  place -= (lengthLog + offsetLog + matchLog) as i64
  // Distances before the latest one grow upwards, and start again with each sequence of the outer loop.
  const distances = work + DISTANCES
  let grown = distances + 8
  let latest = recent0
  store<u32>(distances, recent2)
  store<u32>(distances, recent1, 4)
  const start8 = start + 8
  const readable = literals == work + LITERALS ? literalsEnd + MOST_ROUNDS * 16 : last
  while (true) {
    const lengthHead = load<u32>(length)
    const matchHead = load<u32>(match)
    const heads = lengthHead + matchHead + load<u32>(offset)
    const lengthAdded = load<u8>(length, 7) as u64
    const matchAdded = load<u8>(match, 7) as u64
    const offsetBase = load<u32>(offset, 4)
    const offsetAdded = (31 - clz<u32>(offsetBase)) as u64
    const states = place - ((lengthAdded + matchAdded + offsetAdded) as i64)
    if (states < none) return 0
    bits = rotl<u64>(bitsAt(place), offsetAdded)
    let distance = offsetBase + ((bits as u32) & (offsetBase - 1))
    bits = rotl<u64>(bits, matchAdded)
    const matched = (load<u32>(match, 4) & 0xff_ffff) + ((bits as u32) & ((1 << (matchAdded as u32)) - 1))
    let literal = load<u32>(length, 4) & 0xff_ffff
    if (lengthAdded != 0) {
      bits = rotl<u64>(bitsAt(states + (lengthAdded as i64)), lengthAdded)
      literal += (bits as u32) & ((1 << (lengthAdded as u32)) - 1)
    }
    const earlier1 = load<u32>(grown - 4)
    const earlier2 = load<u32>(grown - 8)
    if (distance > 3) {
      distance -= 3
      store<u32>(distances, earlier1)
      store<u32>(distances, latest, 4)
    } else {
      const nth = distance + (literal == 0 ? 1 : 0)
      store<u32>(distances, nth > 2 ? earlier1 : earlier2)
      store<u32>(distances, nth == 1 ? earlier1 : latest, 4)
      distance = nth == 1 ? latest : nth == 2 ? earlier1 : nth == 3 ? earlier2 : latest - 1
    }
    latest = distance
    grown = distances + 8
    if (literal > <u32>(literalsEnd - literals) || literal + matched > <u32>(stop - target)) return 0
    v128.store(target, v128.load(literals))
    if (literal > 16) copyFar(target + 16, literals + 16, literal - 16)
    literals += literal
    target += literal
    if (distance - 1 >= <u32>(target - start)) return 0
    if (distance >= 16) {
      v128.store(target, v128.load(target - distance))
      if (matched > 16) copyFar(target + 16, target + 16 - distance, matched - 16)
    } else if (distance >= 8) {
      store<u64>(target, load<u64>(target - distance))
      if (matched > 8) copyWords(target + 8, distance, matched - 8)
    } else {
      repeatNear(target, distance, matched)
    }
    target += matched
    if (--count == 0) {
      place = states
      break
    }
    place -= (heads >>> 24) as i64
    if (place < none) return 0
    bits = rotr<u64>(bitsAt(states), lengthHead as u64)
    length = load<u32>(length, 8) + ((bits as u32) & load<u16>(length, 12))
    bits = rotr<u64>(bits, matchHead as u64)
    match = load<u32>(match, 8) + ((bits as u32) & load<u16>(match, 12))
    bits = rotr<u64>(bits, load<u8>(offset, 14) as u64)
    offset = load<u32>(offset, 8) + ((bits as u32) & load<u16>(offset, 12))
    if (((load<u32>(length) + load<u32>(match) + load<u32>(offset)) & 0xffff) >= RARE || target < start8) continue

    // Short ones take 15 literals, 34 bytes of a match and 54 bits at most. Bits from before the stream mean nothing, but do
    // no harm.
    let rounds = min((<u32>(stop - target)) >>> 6, (<u32>(readable - literals)) >>> 4)
    rounds = min(min(rounds, count - 1), MOST_ROUNDS)
    count -= rounds
    for (; rounds != 0; rounds--) {
      const turn0 = ((place as u32) & 7) + load<u32>(offset)
      const turn1 = turn0 + load<u32>(length)
      const heads = turn1 + load<u32>(match)
      const kind = heads & 0xff00
      if (kind >= RARE) break
      const word = load<u64>((place >>> 3) as usize)
      const bits = rotr<u64>(word, turn0 as u64)
      const offsetBase = load<u32>(offset, 4)
      const added = (bits as u32) & (offsetBase - 1)
      const distance = select<u32>(latest, offsetBase - 3 + added, kind >= LATEST)
      const literal = load<u32>(length, 4)
      const from = target + literal
      if (distance - 8 > <u32>(from - start8)) break
      const matched = load<u32>(match, 4)
      if (distance == 8) {
        const few = (literal << 3) as u64
        const near = (load<u64>(target - 8) >>> few) | ((load<u64>(literals) << 8) << (56 - few))
        const turned = select<u64>(near, load<u64>(literals + literal - 8), literal < 8)
        v128.store(target, v128.load(literals))
        store<u64>(from, turned)
        if (matched > 8) {
          store<u64>(from, turned, 8)
          if (matched > 16) {
            store<u64>(from, turned, 16)
            store<u64>(from, turned, 24)
            store<u64>(from, turned, 32)
          }
        }
        target = from + matched
        store<u64>(target - 8, rotr<u64>(turned, (matched << 3) as u64))
      } else {
        v128.store(target, v128.load(literals))
        const source = from - distance
        store<u64>(from, load<u64>(source))
        if (matched > 8) {
          store<u64>(from, load<u64>(source, 8), 8)
          if (matched > 16) {
            store<u64>(from, load<u64>(source, 16), 16)
            store<u64>(from, load<u64>(source, 24), 24)
            store<u64>(from, load<u64>(source, 32), 32)
          }
        }
        target = from + matched
      }
      literals += literal
      store<u32>(grown, latest)
      grown += load<u8>(offset, 15)
      latest = distance
      place -= (heads >>> 24) as i64
      const lengthBits = rotr<u64>(word, turn1 as u64)
      length = load<u32>(length, 8) + ((lengthBits as u32) & load<u16>(length, 12))
      const matchBits = rotr<u64>(word, heads as u64)
      match = load<u32>(match, 8) + ((matchBits as u32) & load<u16>(match, 12))
      const offsetBits = rotr<u64>(word, (heads + load<u8>(offset, 14)) as u64)
      offset = load<u32>(offset, 8) + ((offsetBits as u32) & load<u16>(offset, 12))
    }
    count += rounds
    if (literals > literalsEnd || place < none) return 0
  }
  recent0 = latest
  recent1 = load<u32>(grown - 4)
  recent2 = load<u32>(grown - 8)
  if (place != none) return 0
  const rest = <u32>(literalsEnd - literals)
  if (rest > <u32>(stop - target)) return 0
  memory.copy(target, literals, rest)
  return target + rest
}

/** The bits before a place, 56 of them at least, from the highest on. */
function bitsAt(place: i64): u64 {
  return rotr<u64>(load<u64>((place >>> 3) as usize), ((place & 7) - 8) as u64)
}
