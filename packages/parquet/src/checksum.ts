import { decodeMemory } from './decode-memory.ts'

// Bytes that lie elsewhere are copied to the kernel in pieces that the processor's cache still holds when they are added up.
const PIECE_BYTES = 1 << 16

/**
 * The CRC-32 of bytes that follow others of that sum, as an integer of 32 bits with a sign. `at` is where the kernels find
 * them, if they lie in their memory and that is known.
 */
export function checksum(bytes: Uint8Array, sum = 0, at?: number): number {
  const memory = decodeMemory()
  const { kernels, checksumRoom: room } = memory
  if (at !== undefined) return kernels.crc32(sum, at, bytes.length, room)
  const most = memory.holds(bytes) ? bytes.length : PIECE_BYTES
  let total = sum
  for (let from = 0; from < bytes.length; from += most) {
    const { input, length } = memory.place(bytes.subarray(from, from + most), 0)
    total = kernels.crc32(total, input, length, room)
  }
  return total
}
