import { decodeMemory } from './decode-memory.ts'
import { placeBits } from './decode-runs.ts'

/** Which rows of a page have values. */
export interface Presence {
  /** Values that are not null. */
  readonly count: number
  /** One byte a row, 1 where there is a value; `undefined` when there is one everywhere. */
  readonly present: Uint8Array | undefined
}

export function allPresent(rows: number): Presence {
  return { count: rows, present: undefined }
}

/** What the levels of a column say that is not nested. */
export function presence(levels: Uint8Array, rows: number): Presence {
  if (isOneRun(levels, rows)) return allPresent(rows)
  const memory = decodeMemory()
  const { at, ones } = placeBits(memory, levels, rows)
  return ones === rows ? allPresent(rows) : { count: ones, present: memory.view(at, rows).slice() }
}

/** How many bytes the levels of a page take, with their length, where one run says that no row is null. */
export function bytesOfAllPresent(rows: number): number {
  let header = 1
  for (let rest = 2 * rows; rest >= 128; rest = Math.floor(rest / 128)) header++
  return 4 + header + 1
}

/** True when they say so, and are not longer than that. */
export function sayAllPresent(levels: Uint8Array, rows: number): boolean {
  return sizeOf(levels) === levels.length - 4 && isOneRun(levels.subarray(4), rows)
}

/** True when the levels are one run of ones, as they are where nothing is null. */
function isOneRun(levels: Uint8Array, rows: number): boolean {
  let header = 0
  for (let at = 0; at < 5; at++) {
    const byte = levels[at] ?? 0
    header += (byte & 127) * 2 ** (7 * at)
    if (byte < 128) return header % 2 === 0 && header / 2 >= rows && levels[at + 1] === 1
  }
  return false
}

/** The length in four bytes. */
export function sizeOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true)
}

/** What follows a length of four bytes. */
export function sized(bytes: Uint8Array): Uint8Array {
  const length = sizeOf(bytes)
  if (length > bytes.length - 4) throw new Error('a part of a page is longer than the page')
  return bytes.subarray(4, 4 + length)
}
