import type { Bytes } from './bytes.ts'
import type { DataPage, PageHead, PageValues } from './data-page.ts'
import { allPresent, bytesOfAllPresent, presence, type Presence, sayAllPresent, sized } from './page-levels.ts'
import type { MoveTarget, SeePiece } from './page-reader.ts'
import { plainBytes } from './plain-bytes.ts'
import type { PageCodec } from './uncompress-page.ts'

/** Bytes of a page that are compressed. */
export interface PackedBytes {
  readonly bytes: Bytes
  /** How many there are when they are not. */
  readonly size: number
  readonly codec: PageCodec
}

/** Values that are compressed alone. */
export function packedValues(packed: PackedBytes, { present }: Presence): PageValues {
  const { bytes, size, codec } = packed
  return {
    values: plainBytes(bytes, size, codec),
    moveValues(target, see) {
      return present === undefined && size === target.bytes.length && uncompressInto(packed, target, see)
    },
  }
}

/** Values of rows of which none can be null, which have no levels. */
export function withoutLevels(head: PageHead, packed: PackedBytes): DataPage {
  const present = allPresent(head.rows)
  return { ...head, ...present, ...packedValues(packed, present) }
}

/**
 * Values that are compressed together with the levels before them. Nothing is uncompressed before it is asked for: only who
 * asks may know where to.
 */
export function withLevels(head: PageHead, packed: PackedBytes): DataPage {
  const { bytes, size, codec } = packed
  const { rows } = head
  const plain = plainBytes(bytes, size, codec)
  let found: (Presence & { readonly ahead: number }) | undefined
  const levels = (): Presence & { readonly ahead: number } => {
    if (found === undefined) {
      const stored = sized(plain())
      found = { ahead: 4 + stored.length, ...presence(stored, rows) }
    }
    return found
  }
  return {
    ...head,
    get count() {
      return levels().count
    },
    get present() {
      return levels().present
    },
    values: () => plain().subarray(levels().ahead),
    /**
     * The levels come to lie before the target, on the last values of the page before, which are put back afterwards. How
     * long they are if no row is null is known; if one is, which is found out too late, the values are uncompressed again.
     */
    moveValues(target, see) {
      const ahead = bytesOfAllPresent(rows)
      const { bytes: place, at } = target
      if (at === undefined || size !== ahead + place.length) return false
      const before = new Uint8Array(place.buffer, place.byteOffset - ahead, ahead)
      const kept = before.slice()
      const whole = { bytes: new Uint8Array(before.buffer, before.byteOffset, size), at: at - ahead }
      if (!uncompressInto(packed, whole)) return false
      const stored = before.slice()
      before.set(kept)
      if (!sayAllPresent(stored, rows)) return false
      see?.(place, at)
      return true
    },
  }
}

function uncompressInto({ bytes, size, codec }: PackedBytes, target: MoveTarget, see?: SeePiece): boolean {
  if (target.at === undefined || codec.uncompressInto === undefined) return false
  codec.uncompressInto(bytes, size, target.at)
  see?.(target.bytes, target.at)
  return true
}
