import type { Bytes } from './bytes.ts'
import { type PageCodec, uncompressPage } from './uncompress-page.ts'

/** The plain bytes of a page, made when they are asked for first. */
export function plainBytes(packed: Bytes, size: number, codec: PageCodec): Bytes {
  let plain: Bytes | undefined
  return () => (plain ??= uncompressPage(codec, packed, size))()
}

/** Copies as many of the bytes as `target` has room for; throws when there are fewer. */
export function copyStart(bytes: Uint8Array, target: Uint8Array): void {
  target.set(atLeast(bytes, target.length).subarray(0, target.length))
}

/** The bytes; throws when there are fewer. */
export function atLeast(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length >= length) return bytes
  throw new Error('a page ends before its values do')
}
