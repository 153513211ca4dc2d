import { decodeMemory } from './decode-memory.ts'

/**
 * Decodes DELTA_BINARY_PACKED into integers of 64 bits, of which there are as many as `values` has room for: see
 * assembly/decode/deltas.ts.
 *
 * Returns where they end. `at` is where the kernels find `values`, if they lie in their memory. Throws when the bytes are fewer than they claim to be.
 */
export function decodeDeltas(bytes: Uint8Array, values: BigInt64Array, at?: number): number {
  const memory = decodeMemory()
  const { input, length, output } = memory.place(bytes, at === undefined ? values.byteLength : 0)
  const end = memory.kernels.decodeDeltas(input, length, at ?? output, values.length)
  if (end === 0) throw new Error('a page of deltas is damaged')
  if (at === undefined) memory.read(output, values)
  return end - input
}
