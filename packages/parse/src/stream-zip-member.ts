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

/** A directory of a few entries, and the longest comment, are far smaller. */
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
  // A copy in a folder comes first: where the file itself begins, only the directory says.
  const name = head.toString('utf8', LOCAL_HEADER_LENGTH, LOCAL_HEADER_LENGTH + head.readUInt16LE(26))
  if (name.endsWith(`/${expected}`)) return undefined
  const method = checkEntry(local, archive, limits)
  const { crc32, size, compressedSize } = local
  async function* data(): AsyncGenerator<Uint8Array, void, undefined> {
    const early = head.subarray(start, start + compressedSize)
    if (early.length > 0) yield early
    yield* source.pieces(compressedSize - early.length)
  }
  async function verify(): Promise<void> {
    const { tail, skipped } = await endOf(head.subarray(start + compressedSize), source)
    const entry = readZipDirectory(tail, archive, expected, start + compressedSize + skipped)
    if (entry.offset !== 0) throw badArchive(archive, 'has no member where its directory says')
    checkLocalHeader(head, entry, archive)
    if (entry.end !== start + compressedSize) {
      throw badArchive(archive, 'has bytes missing or left over between its member and its directory')
    }
  }
  return { archive, data: data(), method, size, crc32, verify }
}

/** The last bytes of a stream, and how many lie in front of them: copies of the file may come before the directory. */
async function endOf(early: Uint8Array, source: ByteSource): Promise<{ tail: Buffer; skipped: number }> {
  const pieces = [early]
  let held = early.length
  let skipped = 0
  for await (const piece of source.pieces(Infinity)) {
    pieces.push(piece)
    held += piece.length
    for (let first = pieces[0]; first !== undefined && held - first.length >= LONGEST_TAIL; first = pieces[0]) {
      pieces.shift()
      held -= first.length
      skipped += first.length
    }
  }
  return { tail: Buffer.concat(pieces), skipped }
}
