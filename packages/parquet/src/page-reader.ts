import type { PageHeader } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import type { Part } from './random-access.ts'

/** The pages of a column, one after the other. */
export interface PageReader {
  /** The header that comes next. */
  header(): PageHeader
  /** The bytes that follow it; valid until the next header. */
  body(size: number): Uint8Array
}

/** Pages in memory. */
export function memoryPageReader(bytes: Uint8Array): PageReader {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 }
  return {
    header: () => parquetHeader(reader),
    body(size) {
      if (!(size >= 0 && reader.offset + size <= bytes.length)) throw new Error(OUTSIDE)
      return bytes.subarray(reader.offset, (reader.offset += size))
    },
  }
}

/** A window onto a file, which the columns of the file share: it holds what was read and not yet used. */
export interface FileWindow {
  bytes: Uint8Array
}

export function createFileWindow(): FileWindow {
  return { bytes: new Uint8Array(0) }
}

// A few pages of ours, and no more than a processor's second cache keeps.
const WINDOW_BYTES = 1 << 18
// Headers with statistics of numbers take a hundred bytes; longer ones are tried again with more.
const HEADER_BYTES = 1 << 10

/** Pages in parts of a file, read while they are decoded. `fill` reads a part of the file or throws. */
export function filePageReader(
  window: FileWindow,
  parts: readonly Part[],
  fill: (target: Uint8Array, start: number) => void,
): PageReader {
  // What lies between in the window was read and is still to be used.
  let from = 0
  let to = 0
  let next = 0
  let { start = 0, end = 0 } = parts[0] ?? {}
  let unread = parts.reduce((sum, part) => sum + part.end - part.start, 0)

  /** Reads on until so many bytes are there. */
  function need(size: number): void {
    if (!(size >= 0 && size <= to - from + unread)) throw new Error(OUTSIDE)
    if (size <= to - from) return
    const target = window.bytes.length >= size ? window.bytes : new Uint8Array(Math.max(size, WINDOW_BYTES))
    target.set(window.bytes.subarray(from, to))
    window.bytes = target
    to -= from
    from = 0
    while (to < size) {
      if (start === end) ({ start, end } = parts[++next] ?? { start: 0, end: 0 })
      const length = Math.min(end - start, target.length - to)
      fill(target.subarray(to, to + length), start)
      start += length
      to += length
      unread -= length
    }
  }

  return {
    header() {
      for (let size = HEADER_BYTES; ; size *= 16) {
        need(Math.min(size, to - from + unread))
        const reader = { view: new DataView(window.bytes.buffer, from, to - from), offset: 0 }
        try {
          const header = parquetHeader(reader)
          from += reader.offset
          return header
        } catch (error) {
          if (unread === 0) throw error
        }
      }
    },
    body(size) {
      need(size)
      return window.bytes.subarray(from, (from += size))
    },
  }
}

const OUTSIDE = 'a page lies outside its column'
