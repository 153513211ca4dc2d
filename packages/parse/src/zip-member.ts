import { badArchive } from './bad-archive.ts'
import { readZipDirectory } from './zip-directory.ts'

/** The one member of a zip, still compressed. */
export interface ZipMember {
  /** The zip's own name, for messages. */
  readonly archive: string
  readonly data: Uint8Array
  readonly method: 'stored' | 'deflated'
  /** The size and CRC-32 that the content must have. */
  readonly size: number
  readonly crc32: number
}

/** Deflate cannot do better than 1032; market data stays far below 100. */
const HIGHEST_RATIO = 200
/** Below this size, a ratio says nothing and harms nobody. */
const SMALL = 2 ** 20

const LOCAL_HEADER = 0x04034b50
const LOCAL_HEADER_LENGTH = 30
const ENCRYPTED = 0x2041
const HAS_DESCRIPTOR = 0x8
/** With and without a signature, with sizes of 32 and of 64 bits. */
const DESCRIPTOR_LENGTHS: readonly number[] = [12, 16, 20, 24]

export interface ZipLimits {
  /** The largest content that is accepted, in bytes. */
  readonly maxBytes: number
}

/**
 * The one member of a zip in memory, which must be called `expected`. The central directory is the truth; the header
 * in front of the member must agree with it, and no byte may lie between the parts.
 *
 * @throws {@link LakeError} `BAD_ARCHIVE` when the zip is damaged, hostile or has not exactly one file in it;
 * `WRONG_FILE` when that file has another name.
 */
export function readZipMember(bytes: Uint8Array, archive: string, expected: string, limits: ZipLimits): ZipMember {
  const entry = readZipDirectory(bytes, archive, expected)
  const refuse = (why: string): never => {
    throw badArchive(archive, why)
  }
  if ((entry.flags & ENCRYPTED) !== 0) refuse('is encrypted')
  if (entry.method !== 0 && entry.method !== 8) {
    refuse(`uses compression method ${entry.method}; only 0 (stored) and 8 (deflated) are known`)
  }
  const { size, compressedSize } = entry
  if (size > limits.maxBytes) refuse(`unpacks to ${size} bytes, more than the ${limits.maxBytes} that are allowed`)
  if (size > SMALL && size > compressedSize * HIGHEST_RATIO) {
    refuse(`claims to unpack ${compressedSize} bytes to ${size}: that is no market data`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (entry.directory < LOCAL_HEADER_LENGTH || view.getUint32(0, true) !== LOCAL_HEADER || entry.offset !== 0) {
    refuse('has no member where its directory says')
  }
  const nameLength = view.getUint16(26, true)
  const start = LOCAL_HEADER_LENGTH + nameLength + view.getUint16(28, true)
  const name = Buffer.from(bytes.subarray(LOCAL_HEADER_LENGTH, LOCAL_HEADER_LENGTH + nameLength))
  if (view.getUint16(8, true) !== entry.method || !name.equals(entry.nameBytes)) {
    refuse('contradicts itself: the header of its member differs from its directory')
  }
  const gap = entry.directory - start - compressedSize
  const descriptor = (entry.flags & HAS_DESCRIPTOR) !== 0 && DESCRIPTOR_LENGTHS.includes(gap)
  if (gap !== 0 && !descriptor) refuse('has bytes missing or left over between its member and its directory')
  const data = bytes.subarray(start, start + compressedSize)
  return { archive, data, method: entry.method === 0 ? 'stored' : 'deflated', size, crc32: entry.crc32 }
}
