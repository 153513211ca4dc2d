import { encodeMemory, FIRST } from './encode-memory.ts'

/** The most bytes that `length` bytes can become. */
export function snappyBound(length: number): number {
  return 32 + length + Math.ceil(length / 6)
}

/** Where the table of places lies in the memory of the kernels, in front of the input. */
const TABLE = FIRST
const INPUT = FIRST + 65_536
/** So much is read and written behind the end, for speed. */
const SPARE = 32

/** Snappy's form of bytes, valid until anything else is encoded: see assembly/encode/snappy.ts. */
export function compressSnappy(input: Uint8Array): Uint8Array {
  const memory = encodeMemory()
  const output = (INPUT + input.length + SPARE + 15) & ~15
  const bytes = memory.reserve(output + snappyBound(input.length) + SPARE)
  bytes.set(input, INPUT)
  return bytes.subarray(output, memory.kernels.compressSnappy(INPUT, input.length, output, TABLE))
}

/** Snappy's form of bytes in which it shall look for nothing: one stretch. */
export function snappyLiteral(input: Uint8Array): Uint8Array {
  const output = new Uint8Array(snappyBound(input.length))
  const start = writeVarint(output, 0, input.length)
  return output.subarray(0, input.length === 0 ? start : writeLiteral(input, output, start))
}

function writeLiteral(input: Uint8Array, output: Uint8Array, start: number): number {
  const last = input.length - 1
  let end = start
  if (last < 60) {
    output[end++] = last << 2
  } else {
    const bytes = last < 0x1_00 ? 1 : last < 0x1_0000 ? 2 : last < 0x1_00_0000 ? 3 : 4
    output[end++] = (59 + bytes) << 2
    for (let byte = 0; byte < bytes; byte++) output[end++] = last >>> (8 * byte)
  }
  output.set(input, end)
  return end + input.length
}

function writeVarint(output: Uint8Array, start: number, value: number): number {
  let end = start
  for (; value >= 128; value >>>= 7) output[end++] = (value & 127) | 128
  output[end++] = value
  return end
}
