import type { PageCodec } from './page-codec.ts'

/** Memory for the plain bytes of one page after the other. */
export interface PageMemory {
  /** The plain bytes, valid until the next call. */
  uncompress(packed: Uint8Array, size: number): Uint8Array
  uncompressInto(packed: Uint8Array, target: Uint8Array): void
}

export function createPageMemory(codec: PageCodec): PageMemory {
  let memory = new Uint8Array(0)
  return {
    uncompress(packed, size) {
      checkedSize(packed, size, codec)
      // A little more, behind which words can be read to the last byte: see paddedView.
      if (memory.length < size + 8) memory = new Uint8Array(size + 8)
      const plain = memory.subarray(0, size)
      codec.uncompress(packed, plain)
      return plain
    },
    uncompressInto(packed, target) {
      checkedSize(packed, target.length, codec)
      codec.uncompress(packed, target)
    },
  }
}

/** The size that a page claims, when its bytes can hold so much. */
export function checkedSize(packed: Uint8Array, size: number, codec: PageCodec): number {
  if (size >= 0 && size <= packed.length * codec.mostTimes + 64) return size
  throw new Error(`a page of ${packed.length} bytes claims to hold ${size}`)
}
