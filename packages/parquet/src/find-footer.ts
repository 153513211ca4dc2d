import type { Part } from './random-access.ts'

// Behind the footer stand its length, four bytes, and the name of the format.
const END_BYTES = 8
const MAGIC = 'PAR1'

/**
 * The bytes of the footer at the end of a file, of which so many are read first; a longer footer costs a second read.
 *
 * Throws a plain error for a file that ends otherwise.
 */
export async function findFooter(
  byteLength: number,
  firstBytes: number,
  read: (parts: readonly Part[]) => Promise<Uint8Array[]>,
): Promise<Uint8Array> {
  const from = Math.max(0, byteLength - firstBytes)
  const [tail] = await read([{ start: from, end: byteLength }])
  if (tail === undefined || tail.length < END_BYTES) throw new Error('it is too short')
  const end = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength).subarray(-END_BYTES)
  if (end.toString('latin1', 4) !== MAGIC) throw new Error(`it does not end with ${MAGIC}`)
  const length = end.readUInt32LE()
  const start = byteLength - END_BYTES - length
  if (start < 0) throw new Error(`its footer claims ${length} of its ${byteLength} bytes`)
  const known = new Uint8Array(tail.buffer, tail.byteOffset, tail.byteLength - END_BYTES)
  if (start >= from) return known.subarray(start - from)
  const [rest] = await read([{ start, end: from }])
  return Buffer.concat([rest ?? new Uint8Array(), known])
}
