import { decodeMemory } from './decode-memory.ts'

/**
 * True when one of the floats, of eight bytes each, is NaN: see assembly/decode/floats.ts. `at` is where the kernels find
 * them, if they lie in their memory and that is known.
 */
export function holdsNaN(bytes: Uint8Array, at?: number): boolean {
  const memory = decodeMemory()
  if (at !== undefined) return memory.kernels.holdsNaN(at, bytes.length >> 3)
  const { input, length } = memory.place(bytes, 0)
  return memory.kernels.holdsNaN(input, length >> 3)
}

/** Sets `flags` to 1 where the value is NaN. */
export function flagNaN(values: Float64Array, flags: Uint8Array): void {
  for (let nth = 0; nth < values.length; nth++) if (Number.isNaN(values[nth])) flags[nth] = 1
}
