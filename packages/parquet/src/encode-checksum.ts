import { encodeMemory, FIRST } from './encode-memory.ts'

// Behind what kernels have in their own page there are the 20,080 bytes that assembly/decode/crc32.ts asks for.
const ROOM = 32_768
const PIECE_BYTES = 1 << 15
const SPARE = 16

/** The CRC-32 of bytes that are written behind others of that sum, as an integer of 32 bits with a sign. */
export function encodeChecksum(bytes: Uint8Array, sum = 0): number {
  const memory = encodeMemory()
  const { kernels } = memory
  // Pages that were compressed lie there already.
  if (bytes.buffer === kernels.memory.buffer) return kernels.crc32(sum, bytes.byteOffset, bytes.length, ROOM)
  let total = sum
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const piece = bytes.subarray(at, at + PIECE_BYTES)
    memory.reserve(FIRST + PIECE_BYTES + SPARE).set(piece, FIRST)
    total = kernels.crc32(total, FIRST, piece.length, ROOM)
  }
  return total
}
