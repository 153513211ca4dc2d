import { decodeMemory } from './decode-memory.ts'

/**
 * Gives each row of `target` its value of eight bytes: the next one of `values` where `present` has 1, `missing` where
 * it has 0. There are as many values as ones, or more.
 */
export function spreadWide<T extends BigInt64Array | Float64Array>(
  values: T,
  present: Uint8Array,
  missing: number,
  target: T,
): void {
  const memory = decodeMemory()
  const { input, output } = memory.place(viewOf(values), target.byteLength + present.length)
  const flags = output + target.byteLength
  memory.write(present, flags)
  memory.kernels.spreadWide(input, flags, target.length, missing, output)
  memory.read(output, target)
}

function viewOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
