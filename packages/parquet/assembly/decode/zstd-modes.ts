// Where the tables of a block of sequences come from: each is known beforehand, stands in the block, has one symbol only, or
// is the one of the block before.

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
export let lengthLog: i32 = -1
export let matchLog: i32 = -1
export let offsetLog: i32 = -1

/** Forgets what the last frame left. */
export function startTables(): void {
  lengthLog = -1
  matchLog = -1
  offsetLog = -1
}

/** Reads, makes or keeps the three tables, and returns where they end; 0 when they are damaged. */
export function readTables(at: usize, last: usize, modes: u32, work: usize): usize {
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
    makeSingle(table, load<u8>(at), kind, work)
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
