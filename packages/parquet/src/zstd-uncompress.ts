import type { Bytes } from './bytes.ts'
import { decodeMemory } from './decode-memory.ts'

/** Tables and the literals of a block: `ZSTD_WORK_BYTES` of assembly/decode/zstd-work.ts. */
const WORK_BYTES = 196_864

/**
 * Uncompresses Zstandard, whose plain bytes are as many as `size`: see assembly/decode/zstd.ts. They are left in the
 * memory of the kernels until the next page.
 *
 * Throws when the input is damaged, or stands for another number of bytes.
 */
export function uncompressZstd(packed: Bytes, size: number): Bytes {
  const memory = decodeMemory()
  const output = memory.take(size)
  uncompressZstdInto(packed, size, output)
  return () => memory.view(output, size)
}

/** The same to where the kernels find it. */
export function uncompressZstdInto(packed: Bytes, size: number, output: number): void {
  const memory = decodeMemory()
  const work = memory.take(WORK_BYTES)
  const { input, length } = memory.place(packed(), 0)
  if (!memory.kernels.uncompressZstd(input, length, output, size, work)) throw new Error('zstd bytes are damaged')
}
