import { decodeMemory } from './decode-memory.ts'

/**
 * Uncompresses snappy into `output`, whose length is that of the plain bytes: see assembly/decode/snappy.ts.
 *
 * Throws when the input is damaged, or is not as long as `output`; that is as it was then.
 */
export function uncompressSnappy(input: Uint8Array, output: Uint8Array): void {
  if (snappyLength(input) !== output.length) throw new Error('a page is not as long as it says')
  let header = 1
  while (header < 5 && (input[header - 1] ?? 0) >= 128) header++
  const memory = decodeMemory()
  const places = memory.place(input.subarray(header), output.length)
  const { kernels } = memory
  const isWhole = kernels.uncompressSnappy(places.input, input.length - header, places.output, output.length)
  if (!isWhole) throw new Error('snappy bytes are damaged')
  memory.read(places.output, output)
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
