import type { Bytes } from './bytes.ts'
import { decodeMemory } from './decode-memory.ts'

/**
 * Uncompresses snappy, whose plain bytes are as many as `size`: see assembly/decode/snappy.ts. They are left in the
 * memory of the kernels until the next page.
 *
 * Throws when the input is damaged, or claims another length.
 */
export function uncompressSnappy(packed: Bytes, size: number): Bytes {
  const memory = decodeMemory()
  const output = memory.take(size)
  uncompressSnappyInto(packed, size, output)
  return () => memory.view(output, size)
}

/** The same to where the kernels find it. */
export function uncompressSnappyInto(packed: Bytes, size: number, output: number): void {
  const memory = decodeMemory()
  const input = packed()
  if (snappyLength(input) !== size) throw new Error('a page is not as long as it says')
  let header = 1
  while (header < 5 && (input[header - 1] ?? 0) >= 128) header++
  const { input: at } = memory.place(input.subarray(header), 0)
  if (!memory.kernels.uncompressSnappy(at, input.length - header, output, size)) {
    throw new Error('snappy bytes are damaged')
  }
}

/** The length of the plain bytes, with which snappy starts in groups of seven bits. */
function snappyLength(input: Uint8Array): number {
  let length = 0
  for (let at = 0; at < 5; at++) {
    const byte = input[at] ?? 0
    length += (byte & 127) * 2 ** (7 * at)
    if (byte < 128) break
  }
  return length
}
