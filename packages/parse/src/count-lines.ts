import { CHUNK_BYTES, plainMemory } from './plain-memory.ts'

/** How many lines a block has from an offset on: see assembly/plain-rows/lines.ts. */
export function countLines(block: Uint8Array, start: number): number {
  const { kernels, bytes, input } = plainMemory(1)
  let lines = 0
  for (let from = start; from < block.length; from += CHUNK_BYTES) {
    const chunk = block.subarray(from, from + CHUNK_BYTES)
    bytes.set(chunk, input)
    lines += kernels.countLines(input, input + chunk.length)
  }
  return lines
}
