import { decodeMemory } from './decode-memory.ts'

/**
 * Decodes DELTA_BINARY_PACKED into integers of 64 bits, of which there are as many as `values` has room for: see
 * assembly/decode/deltas.ts.
 *
 * Returns where they end. Throws when the bytes are fewer than they claim to be.
 */
export function decodeDeltas(bytes: Uint8Array, values: BigInt64Array): number {
  const memory = decodeMemory()
  const { input, length, output } = memory.place(bytes, values.byteLength)
  const end = memory.kernels.decodeDeltas(input, length, output, values.length)
  if (end === 0) throw new Error('a page of deltas is damaged')
  memory.read(output, values)
  return end - input
}
