import { badArchive } from './bad-archive.ts'
import type { ByteSource } from './byte-source.ts'
import { ELSEWHERE, readZipDirectory } from './zip-directory.ts'
import {
  checkEntry,
  checkLocalHeader,
  HAS_DESCRIPTOR,
  LOCAL_HEADER,
  LOCAL_HEADER_LENGTH,
  type ZipLimits,
  type ZipMember,
} from './zip-member.ts'

/** A directory with one entry, and the longest comment, are far smaller. */
const LONGEST_TAIL = 2 ** 20

/**
 * The one member of a zip that comes as a stream, by the header in front of it; whether the directory behind it agrees
 * is verified when the data have passed.
 *
 * @param head the zip's first bytes, with all of that header
 * @returns undefined when that header does not say how long the data are, so that only the directory does
 * @throws {@link LakeError} `BAD_ARCHIVE` as `readZipMember`; what the directory reveals comes from `verify`
 */
export function streamZipMember(
  head: Buffer,
  source: ByteSource,
  archive: string,
  expected: string,
  limits: ZipLimits,
): ZipMember | undefined {
  if (head.length < LOCAL_HEADER_LENGTH || head.readUInt32LE(0) !== LOCAL_HEADER) return undefined
  const flags = head.readUInt16LE(6)
  const local = {
    flags,
    method: head.readUInt16LE(8),
    crc32: head.readUInt32LE(14),
    compressedSize: head.readUInt32LE(18),
    size: head.readUInt32LE(22),
  }
  const start = LOCAL_HEADER_LENGTH + head.readUInt16LE(26) + head.readUInt16LE(28)
  if ((flags & HAS_DESCRIPTOR) !== 0 || local.compressedSize === ELSEWHERE || local.size === ELSEWHERE) {
    return undefined
  }
  if (start > head.length) return undefined
  const method = checkEntry(local, archive, limits)
  const { crc32, size, compressedSize } = local
  async function* data(): AsyncGenerator<Uint8Array, void, undefined> {
    const early = head.subarray(start, start + compressedSize)
    if (early.length > 0) yield early
    yield* source.pieces(compressedSize - early.length)
  }
  async function verify(): Promise<void> {
    const early = head.subarray(start + compressedSize)
    const tail = Buffer.concat([early, await source.take(LONGEST_TAIL)])
    const entry = readZipDirectory(tail, archive, expected, start + compressedSize)
    checkLocalHeader(head, entry, archive)
    if (entry.directory !== start + compressedSize) {
      throw badArchive(archive, 'has bytes missing or left over between its member and its directory')
    }
  }
  return { archive, data: data(), method, size, crc32, verify }
}
