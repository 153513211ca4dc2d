import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib'
import { badArchive } from './bad-archive.ts'
import { AT_ONCE, badData, CHUNK, hasCode, unpackStream } from './unpack-stream.ts'
import type { ZipMember } from './zip-member.ts'

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
  await member.verify?.()
  yield held
}

async function* contentOf(member: ZipMember): AsyncGenerator<Uint8Array, void, undefined> {
  const { data, method, size } = member
  if (method === 'stored') {
    if (data instanceof Uint8Array) yield data
    else yield* data
    return
  }
  try {
    if (data instanceof Uint8Array && size <= AT_ONCE) {
      // One byte more than declared is enough to know that there is more.
      yield inflateRawSync(data, { chunkSize: size + 64, maxOutputLength: size + 1 })
      return
    }
    yield* unpackStream(data, createInflateRaw({ chunkSize: CHUNK }))
  } catch (error) {
    throw unpackError(member.archive, error, member)
  }
}

function unpackError(archive: string, error: unknown, member: ZipMember): unknown {
  return hasCode(error, 'ERR_BUFFER_TOO_LARGE') ? tooLarge(member) : badData(archive, error)
}

function tooLarge(member: ZipMember): unknown {
  return badArchive(member.archive, `unpacks to more than the ${member.size} bytes that it declares`)
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0')
}
