import { encodeMemory, FIRST } from './encode-memory.ts'

/** The first places of the least and the greatest of some numbers, counted from `first`; none where all are NaN. */
export function floatExtremes(floats: Float64Array, first: number): { least: number; greatest: number } | undefined {
  const memory = encodeMemory()
  const bytes = memory.reserve(FIRST + floats.byteLength)
  bytes.set(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength), FIRST)
  const least = memory.kernels.leastFloat(FIRST, floats.length)
  if (least === floats.length) return undefined
  return { least: first + least, greatest: first + memory.kernels.greatestFloat(FIRST, floats.length) }
}
