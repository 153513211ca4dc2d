// The sequences of a block: how many literals come, how far back to look, and how many bytes to repeat from there. Their
// three codes share one stream of bits that is read backwards, so what one takes the next has to wait for. So that it waits
// for little else, 57 bits and more are fetched at once, the next ones on top, where one shift gets them; all that a
// sequence needs is in there as a rule. Each is carried out at once, sixteen bytes at a time.

import { copyFar, copyNear, copyWords } from './copies'
import { bitsOf } from './zstd-bits'
import {
  addCounts,
  LITERAL_LENGTH,
  makeSingle,
  makeTable,
  MATCH_LENGTH,
  OFFSET,
  readCounts,
  startCounts,
  tableLog,
} from './zstd-tables'
import { LENGTHS, MATCHES, OFFSETS } from './zstd-work'

// Bits of the states of each table, -1 where there is none; blocks may use those of the block before.
let lengthLog: i32 = -1
let matchLog: i32 = -1
let offsetLog: i32 = -1

// The last three distances, the latest first.
let recent0: u32 = 1
let recent1: u32 = 4
let recent2: u32 = 8

/** Forgets what the last frame left. */
export function startSequences(): void {
  lengthLog = -1
  matchLog = -1
  offsetLog = -1
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
  let left = bitsOf(at, last)
  let bits = load<u64>(at + ((left + 7) >> 3) - 8) << ((-left & 7) as u64)
  let lengthState = ((bits >>> 1) >>> ~(lengthLog as u64)) as u32
  bits <<= lengthLog as u64
  let offsetState = ((bits >>> 1) >>> ~(offsetLog as u64)) as u32
  bits <<= offsetLog as u64
  let matchState = ((bits >>> 1) >>> ~(matchLog as u64)) as u32
  left -= lengthLog + offsetLog + matchLog
  let latest0 = recent0
  let latest1 = recent1
  let latest2 = recent2
  for (; count != 0; count--) {
    const length = load<u64>(work + ((lengthState as usize) << 3), LENGTHS)
    const match = load<u64>(work + ((matchState as usize) << 3), MATCHES)
    const offset = load<u64>(work + ((offsetState as usize) << 3), OFFSETS)
    if (left < 0) return 0
    bits = load<u64>(at + ((left + 7) >> 3) - 8) << ((-left & 7) as u64)
    // Each one's bits, in the lowest byte, with those of the next state above, and the sums of all three.
    const lengthBits = length >>> 32
    const matchBits = match >>> 32
    const offsetBits = offset >>> 32
    const allBits = lengthBits + matchBits + offsetBits
    left -= (allBits & 255) as i32
    let distance = (offset as u32) + (((bits >>> 1) >>> ~offsetBits) as u32)
    bits <<= offsetBits
    let matched = match as u32
    let literal = length as u32
    // Short lengths have no bits of their own.
    if (((allBits ^ offsetBits) & 255) != 0) {
      matched += ((bits >>> 1) >>> ~matchBits) as u32
      // The states that come next take 26 bits at most, of which there may be too few left.
      const behind = left + ((lengthBits & 255) as i32)
      bits = load<u64>(at + ((behind + 7) >> 3) - 8) << ((-behind & 7) as u64)
      literal += ((bits >>> 1) >>> ~lengthBits) as u32
      bits <<= lengthBits
    }
    if (count != 1) {
      left -= ((allBits >>> 8) & 255) as i32
      lengthState = ((length >>> 48) as u32) + (((bits >>> 1) >>> ~(length >>> 40)) as u32)
      bits <<= length >>> 40
      matchState = ((match >>> 48) as u32) + (((bits >>> 1) >>> ~(match >>> 40)) as u32)
      bits <<= match >>> 40
      offsetState = ((offset >>> 48) as u32) + (((bits >>> 1) >>> ~(offset >>> 40)) as u32)
    }
    if (distance > 3) {
      distance -= 3
      latest2 = latest1
      latest1 = latest0
      latest0 = distance
    } else {
      const nth = distance + (literal == 0 ? 1 : 0)
      if (nth == 1) distance = latest0
      else {
        distance = nth == 2 ? latest1 : nth == 3 ? latest2 : latest0 - 1
        if (nth != 2) latest2 = latest1
        latest1 = latest0
        latest0 = distance
      }
    }
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
      copyNear(target, distance, matched)
    }
    target += matched
  }
  recent0 = latest0
  recent1 = latest1
  recent2 = latest2
  if (left != 0) return 0
  const rest = <u32>(literalsEnd - literals)
  if (rest > <u32>(stop - target)) return 0
  memory.copy(target, literals, rest)
  return target + rest
}

/** Reads or makes the three tables, and returns where they end; 0 when they are damaged. */
function readTables(at: usize, last: usize, modes: u32, work: usize): usize {
  at = readTableOf(LITERAL_LENGTH, modes >>> 6, at, last, work + LENGTHS, work)
  if (at == 0) return 0
  if (modes >>> 6 != 3) lengthLog = tableLog as i32
  at = readTableOf(OFFSET, (modes >>> 4) & 3, at, last, work + OFFSETS, work)
  if (at == 0) return 0
  if (((modes >>> 4) & 3) != 3) offsetLog = tableLog as i32
  at = readTableOf(MATCH_LENGTH, (modes >>> 2) & 3, at, last, work + MATCHES, work)
  if (at == 0) return 0
  if (((modes >>> 2) & 3) != 3) matchLog = tableLog as i32
  return lengthLog < 0 || offsetLog < 0 || matchLog < 0 ? 0 : at
}

function readTableOf(kind: u32, mode: u32, at: usize, last: usize, table: usize, work: usize): usize {
  if (mode == 3) return at
  const most: u32 = kind == LITERAL_LENGTH ? 35 : kind == MATCH_LENGTH ? 52 : 31
  if (mode == 1) {
    if (at >= last || <u32>load<u8>(at) > most) return 0
    makeSingle(table, load<u8>(at), kind)
    return at + 1
  }
  if (mode == 0) setKnownCounts(kind, work)
  else {
    at = readCounts(at, last, most, kind == OFFSET ? 8 : 9, work)
    if (at == 0) return 0
  }
  return makeTable(table, kind, work) ? at : 0
}

/** How likely symbols are where the block does not say it: runs of equal counts. */
function setKnownCounts(kind: u32, work: usize): void {
  startCounts(kind == OFFSET ? 5 : 6)
  if (kind == LITERAL_LENGTH) {
    addCounts(work, 1, 4)
    addCounts(work, 1, 3)
    addCounts(work, 11, 2)
    addCounts(work, 3, 1)
    addCounts(work, 9, 2)
    addCounts(work, 1, 3)
    addCounts(work, 1, 2)
    addCounts(work, 5, 1)
    addCounts(work, 4, -1)
  } else if (kind == MATCH_LENGTH) {
    addCounts(work, 1, 1)
    addCounts(work, 1, 4)
    addCounts(work, 1, 3)
    addCounts(work, 6, 2)
    addCounts(work, 37, 1)
    addCounts(work, 7, -1)
  } else {
    addCounts(work, 6, 1)
    addCounts(work, 3, 2)
    addCounts(work, 15, 1)
    addCounts(work, 5, -1)
  }
}
