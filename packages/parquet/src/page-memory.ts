import type { PageCodec } from './page-uncompressor.ts'

/** Uncompresses the pages of a file; each throws for a page that claims more than its bytes can hold. */
export interface PageMemory {
  /** The plain bytes, in memory that the next call uses again, or where they lie already. */
  uncompress(packed: Uint8Array, size: number): Uint8Array
  /** The plain bytes, in memory of their own: aligned, so that they can be looked at as numbers. */
  uncompressApart(packed: Uint8Array, size: number): Uint8Array
  /** Fills `target` with the plain bytes. */
  uncompressInto(packed: Uint8Array, target: Uint8Array): void
}

export function createPageMemory(codec: PageCodec): PageMemory {
  let memory = new Uint8Array(0)
  return {
    uncompress(packed, size) {
      checkSize(packed, size, codec)
      if (codec.isPlain === true && packed.length === size) return packed
      if (memory.length < size) memory = new Uint8Array(size)
      const plain = memory.subarray(0, size)
      codec.uncompress(packed, plain)
      return plain
    },
    uncompressApart(packed, size) {
      checkSize(packed, size, codec)
      const plain = new Uint8Array(size)
      codec.uncompress(packed, plain)
      return plain
    },
    uncompressInto(packed, target) {
      checkSize(packed, target.length, codec)
      codec.uncompress(packed, target)
    },
  }
}

function checkSize(packed: Uint8Array, size: number, codec: PageCodec): void {
  if (size >= 0 && size <= packed.length * codec.mostTimes + 64) return
  throw new Error(`a page of ${packed.length} bytes claims to hold ${size}`)
}
