import { crc32, createGunzip, gunzipSync } from 'node:zlib'
import { badArchive } from './bad-archive.ts'
import { printable } from './bad-row.ts'
import { AT_ONCE, badData, CHUNK, hasCode, unpackStream } from './unpack-stream.ts'
import { isBomb, type ZipLimits } from './zip-member.ts'

const TRAILER = 8

/**
 * The content of a gzip file of one member. The last chunk is given only after its length and CRC-32 were found right
 * and nothing follows them.
 *
 * @throws {@link LakeError} `BAD_ARCHIVE` when it is no gzip file, damaged, cut off, a bomb, or has more than one member.
 */
export async function* gunzipFile(
  data: Uint8Array | AsyncIterable<Uint8Array>,
  archive: string,
  limits: ZipLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  const input = new GzipInput(archive)
  let size = 0
  let crc = 0
  let held: Uint8Array = new Uint8Array(0)
  for await (const chunk of unpacked(data, input, limits)) {
    size += chunk.length
    if (size > limits.maxBytes) {
      throw badArchive(archive, `unpacks to more than the ${limits.maxBytes} bytes that are allowed`)
    }
    if (isBomb(size, Math.max(input.length, 1))) {
      throw badArchive(archive, `unpacks ${input.length} bytes to more than ${size}: that is no market data`)
    }
    crc = crc32(chunk, crc)
    yield held
    held = chunk
  }
  if (input.length === 0) throw badArchive(archive, 'is empty')
  const trailer = input.last
  if (trailer.readUInt32LE(0) !== crc || trailer.readUInt32LE(4) !== size % 2 ** 32) {
    throw badArchive(archive, 'has something behind its end, or a second member')
  }
  yield held
}

async function* unpacked(
  data: Uint8Array | AsyncIterable<Uint8Array>,
  input: GzipInput,
  { maxBytes }: ZipLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    if (!(data instanceof Uint8Array)) {
      yield* unpackStream(input.watch(data), createGunzip({ chunkSize: CHUNK }))
      return
    }
    input.add(data)
    if (data.length === 0) return
    const declared = declaredBy(input)
    if (declared > AT_ONCE) {
      yield* unpackStream(data, createGunzip({ chunkSize: CHUNK }))
      return
    }
    yield gunzipSync(data, { chunkSize: declared + 64, maxOutputLength: Math.min(declared, maxBytes) + 1 })
  } catch (error) {
    if (hasCode(error, 'ERR_BUFFER_TOO_LARGE')) {
      throw badArchive(
        input.archive,
        declaredBy(input) > maxBytes
          ? `unpacks to more than the ${maxBytes} bytes that are allowed`
          : 'unpacks to more bytes than it declares: it has a second member, or its end is damaged',
      )
    }
    throw badData(input.archive, error)
  }
}

/** The size of the content, as the end of the file says. */
function declaredBy({ length, last }: GzipInput): number {
  return length < TRAILER ? 0 : last.readUInt32LE(4)
}

/** Watches the bytes of a gzip file: its first ones, how many there are, and its last. */
class GzipInput {
  readonly archive: string
  length = 0
  /** The last eight bytes. */
  last: Buffer = Buffer.alloc(0)

  constructor(archive: string) {
    this.archive = archive
  }

  add(chunk: Uint8Array): void {
    if (this.length === 0 && chunk.length > 1 && (chunk[0] !== 0x1f || chunk[1] !== 0x8b)) {
      const begin = Buffer.from(chunk.subarray(0, 16)).toString('latin1')
      throw badArchive(this.archive, `is not a gzip file: it begins with '${printable(begin)}'`)
    }
    this.length += chunk.length
    this.last = Buffer.concat([this.last, chunk.subarray(-TRAILER)]).subarray(-TRAILER)
  }

  async *watch(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of chunks) {
      this.add(chunk)
      yield chunk
    }
  }
}
