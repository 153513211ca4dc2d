import type { ByteWriter } from './byte-writer.ts'
import { encodeMemory, FIRST } from './encode-memory.ts'

/** A run of few codes takes more than they do. */
const MOST_EXTRA = 64

/**
 * Appends `codes` from `from` to `to` in Parquet's hybrid of runs and packed bits: see assembly/encode/runs.ts.
 *
 * @param width bits of a code, 1 to 24
 */
export function encodeRuns(codes: Int32Array, from: number, to: number, width: number, out: ByteWriter): void {
  const memory = encodeMemory()
  const size = 4 * (to - from)
  const output = FIRST + size
  const bytes = memory.reserve(output + 5 * (to - from) + MOST_EXTRA)
  bytes.set(new Uint8Array(codes.buffer, codes.byteOffset + 4 * from, size), FIRST)
  out.append(bytes.subarray(output, memory.kernels.encodeRuns(FIRST, to - from, width, output)))
}
