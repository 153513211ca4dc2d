import { pipeline, Readable, type Transform } from 'node:stream'
import { crc32, createGunzip, createInflateRaw } from 'node:zlib'
import { LakeError, type ObjectInfo, type ObjectStore, readObject } from '@lake/core'
import { badZip, type ZipMember } from './zip-members.ts'

/** Bytes of the text of a history, closed-open. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

/** Where the text of a history is: an object as it is or in gzip, or a member of one that is a zip. */
export interface HistoryPlace {
  readonly object: ObjectInfo
  readonly member?: ZipMember | undefined
}

const EVERYTHING: Stretch = { start: 0, end: Number.POSITIVE_INFINITY }

const LOCAL_HEADER = 0x04034b50
const LOCAL_HEADER_LENGTH = 30

/**
 * The text of a history, or a stretch of it. What is packed is unpacked from its beginning.
 *
 * @throws {@link LakeError} `BAD_ARCHIVE` when it cannot be unpacked, `CONFLICT` when it was replaced; otherwise as the store does.
 */
export async function historyContent(
  base: ObjectStore,
  { object, member }: HistoryPlace,
  signal: AbortSignal | undefined,
  stretch: Stretch = EVERYTHING,
): Promise<AsyncIterable<Uint8Array>> {
  const { key, etag } = object
  const options = { signal, ...(etag === '' ? {} : { ifMatch: etag }) }
  if (member !== undefined) return stretchOf(await memberContent(base, object, member, options), stretch)
  if (key.endsWith('.gz')) return stretchOf(unpack((await base.get(key, options)).body, createGunzip(), key), stretch)
  return (await base.get(key, { ...options, ...(stretch === EVERYTHING ? {} : { range: stretch }) })).body
}

async function memberContent(
  base: ObjectStore,
  { key }: ObjectInfo,
  member: ZipMember,
  options: { readonly signal: AbortSignal | undefined; readonly ifMatch?: string },
): Promise<AsyncIterable<Uint8Array>> {
  const { name, offset, method, isEncrypted, compressedSize } = member
  const file = `${name} in ${key}`
  if (isEncrypted) throw badZip(file, 'is encrypted')
  if (method !== 0 && method !== 8) throw badZip(file, `is packed by method ${method}, not deflated`)
  const range = { start: offset, end: offset + LOCAL_HEADER_LENGTH }
  const bytes = await readObject(base, key, { ...options, range })
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (header.byteLength < LOCAL_HEADER_LENGTH || header.getUint32(0, true) !== LOCAL_HEADER) {
    throw badZip(file, 'is not where the directory says')
  }
  const start = range.end + header.getUint16(26, true) + header.getUint16(28, true)
  const { body } = await base.get(key, { ...options, range: { start, end: start + compressedSize } })
  return checked(method === 0 ? body : unpack(body, createInflateRaw(), file), member, file)
}

async function* unpack(
  body: AsyncIterable<Uint8Array>,
  unpacker: Transform,
  file: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  pipeline(Readable.from(body), unpacker, () => undefined)
  try {
    for await (const chunk of unpacker) if (chunk instanceof Uint8Array) yield chunk
  } catch (cause) {
    if (LakeError.is(cause)) throw cause
    throw badZip(file, 'cannot be unpacked: it is damaged or cut off', cause)
  }
}

/** What is read to its end must be what the zip's directory declares. */
async function* checked(
  chunks: AsyncIterable<Uint8Array>,
  { size, crc32: declared }: ZipMember,
  file: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let [length, crc] = [0, 0]
  for await (const chunk of chunks) {
    length += chunk.length
    crc = crc32(chunk, crc)
    yield chunk
  }
  if (length !== size) throw badZip(file, `has ${length} bytes, but declares ${size}: it is damaged`)
  if (crc !== declared) throw badZip(file, 'has another CRC-32 than it declares: it is damaged')
}

async function* stretchOf(
  chunks: AsyncIterable<Uint8Array>,
  { start, end }: Stretch,
): AsyncGenerator<Uint8Array, void, undefined> {
  let position = 0
  for await (const chunk of chunks) {
    const part = chunk.subarray(Math.max(0, start - position), Math.max(0, end - position))
    position += chunk.length
    if (part.length > 0) yield part
    if (position >= end) return
  }
}
