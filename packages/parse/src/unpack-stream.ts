import { pipeline, Readable, type Transform } from 'node:stream'
import { LakeError } from '@lake/core'
import { badArchive } from './bad-archive.ts'

/** Up to here a file is unpacked at once, which is fastest; beyond, chunk by chunk in bounded memory. */
export const AT_ONCE: number = 32 * 2 ** 20
export const CHUNK: number = 2 ** 20

/** The output of a zlib stream for some input, chunk by chunk; input and stream are closed when the reader leaves. */
export async function* unpackStream(
  data: Uint8Array | AsyncIterable<Uint8Array>,
  unpacker: Transform,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (data instanceof Uint8Array) unpacker.end(data)
  // An error of either end reaches the reader through the unpacker, which is destroyed with it.
  else pipeline(Readable.from(data, { highWaterMark: 1 }), unpacker, () => undefined)
  for await (const chunk of unpacker) if (chunk instanceof Uint8Array) yield chunk
}

/** What zlib says about bad input, as a `BAD_ARCHIVE`; an error that is no such thing, as it is. */
export function badData(archive: string, error: unknown): unknown {
  if (hasCode(error, 'Z_BUF_ERROR')) return badArchive(archive, 'is cut off: its compressed data have no end', error)
  if (LakeError.is(error) || !hasCode(error, /^(Z_|ERR_)/)) return error
  return badArchive(archive, 'cannot be unpacked: its compressed data are damaged', error)
}

export function hasCode(error: unknown, code: string | RegExp): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false
  return typeof code === 'string' ? error.code === code : code.test(error.code)
}
