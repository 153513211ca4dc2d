import type { Bytes } from './bytes.ts'
import { decodeMemory } from './decode-memory.ts'
import { type PageHeader, readPageHeader } from './page-header.ts'
import type { Part } from './random-access.ts'

/** The pages of a column, one after the other. */
export interface PageReader {
  /** The header that comes next. */
  header(): PageHeader
  /** The bytes that follow, as many as that; throws when there are fewer. They are gone when something else is read. */
  body(size: number): PageBody
}

/** Where bytes are moved to. */
export interface MoveTarget {
  readonly bytes: Uint8Array
  /** Where the kernels find it, if it lies in their memory. */
  readonly at: number | undefined
}

/** Is shown bytes; `at` is where the kernels find them, if it is known. */
export type SeePiece = (bytes: Uint8Array, at?: number) => void

/** Bytes of a page that are read when they are asked for, if they are. */
export interface PageBody {
  readonly size: number
  readonly bytes: Bytes
  /**
   * Fills `target`, which has just the size, with the bytes, which are gone then. `see` is shown each piece of them on its
   * way, all but the last in whole eights of bytes.
   */
  moveTo(target: MoveTarget, see?: SeePiece): void
}

/** Pages in memory. */
export function memoryPageReader(bytes: Uint8Array): PageReader {
  let at = 0
  return {
    header() {
      const { header, length } = readPageHeader(bytes.subarray(at))
      at += length
      return header
    },
    body(size) {
      if (!(size >= 0 && at + size <= bytes.length)) throw new Error(OUTSIDE)
      const body = bytes.subarray(at, (at += size))
      return {
        size,
        bytes: () => body,
        moveTo(target, see) {
          see?.(body)
          target.bytes.set(body)
        },
      }
    },
  }
}

// A page of ours, or a few, and no more than a processor's second cache keeps.
const WINDOW_BYTES = 1 << 18
// Small pages are read several at once; behind a large one no more than the next header, as what is read of the next page
// has to be moved to where there is room for the rest of it.
const READ_BYTES = 1 << 16
// Whether the first page goes there is not known yet.
const FIRST_BYTES = 1 << 14
// What is looked at and then copied is to be in the first cache still.
const PIECE_BYTES = 1 << 15
// What is only looked at, in the second.
const STRAIGHT_BYTES = 1 << 17
// Headers with statistics of numbers take a hundred bytes; longer ones are tried again with more.
const HEADER_BYTES = 1 << 10

/**
 * Pages in parts of a file, read while they are decoded, into where they are decoded from. `fill` reads a part of the
 * file or throws. From the first header to the last body no other reader may be used.
 */
export function filePageReader(parts: readonly Part[], fill: (target: Uint8Array, start: number) => void): PageReader {
  // What lies between in the window was read and is still to be used.
  let from = 0
  let to = 0
  let next = 0
  let { start = 0, end = 0 } = parts[0] ?? {}
  let unread = parts.reduce((sum, part) => sum + part.end - part.start, 0)
  /** Where pages go to where they belong, little more than their headers is read to the window. */
  let ahead = FIRST_BYTES
  /** The last body, as far as it was not read. */
  let pending = 0

  function readOn(target: Uint8Array): number {
    if (start === end) ({ start, end } = parts[++next] ?? { start: 0, end: 0 })
    const length = Math.min(end - start, target.length)
    fill(target.subarray(0, length), start)
    start += length
    unread -= length
    return length
  }

  function checked(size: number): number {
    if (size >= 0 && size <= to - from + unread) return size
    throw new Error(OUTSIDE)
  }

  /** Reads on until so many bytes are in the window. */
  function need(size: number): void {
    if (checked(size) <= to - from) return
    const window = decodeMemory().window(Math.max(size, WINDOW_BYTES))
    const most = Math.max(size, ahead)
    // As seldom as can be: memory that threads share is moved word by word.
    if (from === to || from + most > window.length) {
      window.copyWithin(0, from, to)
      to -= from
      from = 0
    }
    while (to - from < size) to += readOn(window.subarray(to, from + most))
  }

  function moveThrough(target: Uint8Array, see?: SeePiece): void {
    for (let moved = 0; moved < target.length;) {
      const left = target.length - moved
      need(Math.min(left, 8))
      const known = Math.min(to - from, PIECE_BYTES)
      const length = known < left ? known & ~7 : left
      const piece = inWindow(from, from + length)
      see?.(piece)
      target.set(piece, moved)
      from += length
      moved += length
    }
  }

  function moveStraight(target: Uint8Array, at: number, see?: SeePiece): void {
    let seen = 0
    for (let moved = 0; moved < target.length;) {
      const known = Math.min(target.length - moved, to - from)
      if (known > 0) target.set(inWindow(from, from + known), moved)
      from += known
      moved += known > 0 ? known : readOn(target.subarray(moved, moved + STRAIGHT_BYTES))
      const whole = moved < target.length ? moved & ~7 : moved
      see?.(target.subarray(seen, whole), at + seen)
      seen = whole
    }
  }

  function skip(): void {
    need(pending)
    from += pending
    pending = 0
  }

  return {
    header() {
      skip()
      for (let size = HEADER_BYTES; ; size *= 16) {
        need(Math.min(size, to - from + unread))
        let found: ReturnType<typeof readPageHeader>
        try {
          found = readPageHeader(inWindow(from, to))
        } catch (error) {
          if (unread === 0) throw error
          continue
        }
        from += found.length
        // From here to the next header the window stays where and as large as it is.
        decodeMemory().window(checked(found.header.compressedSize))
        return found.header
      }
    },
    body(size) {
      skip()
      pending = checked(size)
      let first = -1
      return {
        size,
        bytes() {
          if (first < 0) {
            ahead = Math.max(size + HEADER_BYTES, READ_BYTES)
            need(size)
            first = from
            skip()
          }
          return inWindow(first, first + size)
        },
        moveTo({ bytes, at }, see) {
          pending = 0
          ahead = at === undefined ? WINDOW_BYTES : HEADER_BYTES
          if (at === undefined) moveThrough(bytes, see)
          else moveStraight(bytes, at, see)
        },
      }
    },
  }
}

function inWindow(from: number, to: number): Uint8Array {
  return decodeMemory().window(to).subarray(from, to)
}

const OUTSIDE = 'a page lies outside its column'
