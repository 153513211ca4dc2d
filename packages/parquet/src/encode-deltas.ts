import type { ByteWriter } from './byte-writer.ts'
import { encodeMemory, FIRST } from './encode-memory.ts'

/** The most that a header takes, and a block of which there is one value. */
const MOST_EXTRA = 2048

/** Appends int64 values from `from` to `to` as DELTA_BINARY_PACKED: see assembly/encode/deltas.ts. */
export function encodeDeltas(values: BigInt64Array, from: number, to: number, out: ByteWriter): void {
  const memory = encodeMemory()
  const size = 8 * (to - from)
  const output = FIRST + size
  const bytes = memory.reserve(output + size + (size >> 3) + MOST_EXTRA)
  bytes.set(new Uint8Array(values.buffer, values.byteOffset + 8 * from, size), FIRST)
  out.append(bytes.subarray(output, memory.kernels.encodeDeltas(FIRST, to - from, output)))
}
