import { isOneRun, sized } from './page-levels.ts'
import type { PageMemory } from './page-memory.ts'

/** The values of a page, without its levels. */
export interface PageValues {
  /** The bytes of the values, not compressed. Not to be changed, and valid until the next page. */
  values(): Uint8Array
  /** Copies as many of these bytes as `target` has room for; throws when there are fewer. */
  copyValues(target: Uint8Array): void
  /**
   * Fills `target` with the bytes of the values, when no row is null and there are just as many. Returns false when not,
   * or when it cannot be done without a copy between; `target` holds anything then.
   */
  fillWhole(target: Uint8Array): boolean
}

/** Values that are not compressed. */
export function uncompressedValues(bytes: Uint8Array): PageValues {
  return {
    values: () => bytes,
    copyValues(target) {
      copyStart(bytes, target)
    },
    fillWhole(target) {
      if (bytes.length !== target.length) return false
      target.set(bytes)
      return true
    },
  }
}

/** Values that are compressed alone. */
export function compressedValues(packed: Uint8Array, size: number, memory: PageMemory): PageValues {
  return {
    values: () => memory.uncompress(packed, size),
    copyValues(target) {
      copyStart(memory.uncompress(packed, size), target)
    },
    fillWhole(target) {
      if (size !== target.length) return false
      memory.uncompressInto(packed, target)
      return true
    },
  }
}

export function copyStart(bytes: Uint8Array, target: Uint8Array): void {
  if (bytes.length < target.length) throw new Error('a page ends before its values do')
  target.set(bytes.subarray(0, target.length))
}

// Where nothing is null the levels are one run, which takes six to ten bytes.
const MOST_LEVEL_BYTES = 16

/**
 * Uncompresses levels and values to where the values belong: the levels come to lie on what stands before, which is put
 * back.
 */
export function fillBehindLevels(
  packed: Uint8Array,
  size: number,
  target: Uint8Array,
  rows: number,
  memory: PageMemory,
): boolean {
  const ahead = size - target.length
  if (!(ahead > 4 && ahead <= MOST_LEVEL_BYTES && ahead <= target.byteOffset)) return false
  const all = new Uint8Array(target.buffer, target.byteOffset - ahead, size)
  const before = all.slice(0, ahead)
  memory.uncompressInto(packed, all)
  const levels = all.slice(0, ahead)
  all.set(before)
  return sized(levels).length === ahead - 4 && isOneRun(levels.subarray(4), rows)
}
