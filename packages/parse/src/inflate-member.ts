import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib'
import { badArchive } from './bad-archive.ts'
import type { ZipMember } from './zip-member.ts'

/** Up to here a member is unpacked at once, which is fastest; beyond, chunk by chunk in bounded memory. */
const AT_ONCE = 32 * 2 ** 20
const CHUNK = 2 ** 20

/**
 * The content of a zip's member. The last chunk is given only after size and CRC-32 of the whole were found right,
 * so a reader that has seen the end has seen a sound file.
 *
 * @throws {@link LakeError} `BAD_ARCHIVE` when the data are damaged or not of the declared size and CRC-32.
 */
export async function* inflateMember(
  member: ZipMember,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { archive } = member
  let size = 0
  let crc = 0
  let held: Uint8Array = new Uint8Array(0)
  for await (const chunk of contentOf(member)) {
    signal?.throwIfAborted()
    size += chunk.length
    if (size > member.size) throw tooLarge(member)
    crc = crc32(chunk, crc)
    yield held
    held = chunk
  }
  if (size !== member.size) throw badArchive(archive, `unpacks to ${size} bytes, but declares ${member.size}`)
  if (crc !== member.crc32) {
    throw badArchive(archive, `has CRC-32 ${hex(crc)}, but declares ${hex(member.crc32)}: it is damaged`)
  }
  yield held
}

async function* contentOf(member: ZipMember): AsyncGenerator<Uint8Array, void, undefined> {
  if (member.method === 'stored') {
    yield member.data
    return
  }
  try {
    if (member.size <= AT_ONCE) {
      // One byte more than declared is enough to know that there is more.
      yield inflateRawSync(member.data, { chunkSize: member.size + 64, maxOutputLength: member.size + 1 })
      return
    }
    const inflate = createInflateRaw({ chunkSize: CHUNK })
    inflate.end(member.data)
    for await (const chunk of inflate) if (chunk instanceof Uint8Array) yield chunk
  } catch (error) {
    throw unpackError(member, error)
  }
}

function unpackError(member: ZipMember, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(member)
  if (code === 'Z_BUF_ERROR') return badArchive(member.archive, 'is cut off: its compressed data have no end', error)
  return badArchive(member.archive, `cannot be unpacked: its compressed data are damaged`, error)
}

function tooLarge(member: ZipMember): unknown {
  return badArchive(member.archive, `unpacks to more than the ${member.size} bytes that it declares`)
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0')
}
