import { decodeMemory } from './decode-memory.ts'

/**
 * Decodes DELTA_BINARY_PACKED into integers, of which there are as many as `values` has room for: see
 * assembly/decode/deltas.ts. They have 64 bits; of 32 they are the lower ones.
 *
 * Returns where they end. `at` is where the kernels find `values`, if they lie in their memory. Throws when the bytes are fewer than they claim to be.
 */
export function decodeDeltas(bytes: Uint8Array, values: BigInt64Array | Int32Array, at?: number): number {
  const memory = decodeMemory()
  const { length: count } = values
  const { input, length, output } = memory.place(bytes, at === undefined ? 8 * count : 0)
  const end = memory.kernels.decodeDeltas(input, length, at ?? output, count)
  if (end === 0) throw new Error('a page of deltas is damaged')
  if (at !== undefined) return end - input
  if (values instanceof Int32Array) memory.kernels.narrowWide(output, count)
  memory.read(output, values)
  return end - input
}
