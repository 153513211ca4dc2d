import type { Bytes } from './bytes.ts'

/** How the pages of a column are uncompressed. */
export interface PageCodec {
  /** How many times larger than its input a page can be: one that claims more is damaged or hostile. */
  readonly mostTimes: number
  /** True where pages are plain bytes already. */
  readonly isPlain?: boolean
  /**
   * The plain bytes, of which there are to be `size`, until the next page or for good. Throws when there are not as many.
   */
  uncompress(packed: Bytes, size: number): Bytes
  /** The same to where the kernels find it; a few bytes behind are overwritten. */
  uncompressInto?(packed: Bytes, size: number, at: number): void
}

/** Uncompresses a page; throws for one that claims more than its bytes can hold. */
export function uncompressPage(codec: PageCodec, packed: Bytes, size: number): Bytes {
  const { length } = packed()
  if (size >= 0 && size <= length * codec.mostTimes + 64) return codec.uncompress(packed, size)
  throw new Error(`a page of ${length} bytes claims to hold ${size}`)
}
