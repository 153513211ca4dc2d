import { type EncodeMemory, encodeMemory, FIRST } from './encode-memory.ts'

/** Places of a least and a greatest number. */
export interface Extremes {
  readonly least: number
  readonly greatest: number
}

/** The first places of the least and the greatest of some numbers, counted from `first`; none where all are NaN. */
export function floatExtremes(floats: Float64Array, first: number): Extremes | undefined {
  const { kernels } = placed(floats)
  const least = kernels.leastFloat(FIRST, floats.length)
  if (least === floats.length) return undefined
  return { least: first + least, greatest: first + kernels.greatestFloat(FIRST, floats.length) }
}

/** The first places of the least and the greatest of some integers, counted from `first`. */
export function integerExtremes(integers: BigInt64Array, first: number): Extremes {
  const { kernels } = placed(integers)
  const least = kernels.leastInteger(FIRST, integers.length)
  return { least: first + least, greatest: first + kernels.greatestInteger(FIRST, integers.length) }
}

function placed({ buffer, byteOffset, byteLength }: Float64Array | BigInt64Array): EncodeMemory {
  const memory = encodeMemory()
  memory.reserve(FIRST + byteLength).set(new Uint8Array(buffer, byteOffset, byteLength), FIRST)
  return memory
}
