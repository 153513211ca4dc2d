import { badArchive } from './bad-archive.ts'
import { ELSEWHERE, readZipDirectory, type ZipEntry } from './zip-directory.ts'

/** The one file of a zip, still compressed. */
export interface ZipMember {
  /** The zip's own name, for messages. */
  readonly archive: string
  /** All of it, or its pieces as they come. */
  readonly data: Uint8Array | AsyncIterable<Uint8Array>
  readonly method: 'stored' | 'deflated'
  /** The size and CRC-32 that the content must have. */
  readonly size: number
  readonly crc32: number
  /** Called when size and CRC-32 were found right: checks what comes behind the data, and throws when it is wrong. */
  readonly verify?: (() => Promise<void>) | undefined
}

/** Deflate cannot do better than 1032; market data stays far below 100. */
const HIGHEST_RATIO = 200
/** Below this size, a ratio says nothing and harms nobody. */
const SMALL = 2 ** 20

export const LOCAL_HEADER = 0x04034b50
export const LOCAL_HEADER_LENGTH = 30
const ENCRYPTED = 0x2041
export const HAS_DESCRIPTOR = 0x8
/** With and without a signature, with sizes of 32 and of 64 bits. */
const DESCRIPTOR_LENGTHS: readonly number[] = [12, 16, 20, 24]

export interface ZipLimits {
  /** The largest content that is accepted, in bytes. */
  readonly maxBytes: number
}

/**
 * The one file of a zip in memory, which must be called `expected`. The central directory is the truth; the header
 * in front of the member must agree with it, and no byte may lie between it and what follows.
 *
 * @throws {@link LakeError} `BAD_ARCHIVE` when the zip is damaged, hostile or has not exactly one file in it, apart from
 * copies of it in folders; `WRONG_FILE` when that file has another name.
 */
export function readZipMember(bytes: Uint8Array, archive: string, expected: string, limits: ZipLimits): ZipMember {
  const entry = readZipDirectory(bytes, archive, expected)
  const { size, compressedSize, crc32 } = entry
  const method = checkEntry(entry, archive, limits)
  const start = entry.offset + checkLocalHeader(bytes.subarray(entry.offset), entry, archive)
  const gap = entry.end - start - compressedSize
  const descriptor = (entry.flags & HAS_DESCRIPTOR) !== 0 && DESCRIPTOR_LENGTHS.includes(gap)
  if (gap !== 0 && !descriptor) {
    throw badArchive(archive, 'has bytes missing or left over between its member and its directory')
  }
  return { archive, data: bytes.subarray(start, start + compressedSize), method, size, crc32 }
}

/**
 * Checks that an entry is one that can and may be unpacked.
 *
 * @throws {@link LakeError} `BAD_ARCHIVE` when it is encrypted, compressed in an unknown way, too large, or a bomb.
 */
export function checkEntry(
  { flags, method, size, compressedSize }: Pick<ZipEntry, 'flags' | 'method' | 'size' | 'compressedSize'>,
  archive: string,
  limits: ZipLimits,
): ZipMember['method'] {
  if ((flags & ENCRYPTED) !== 0) throw badArchive(archive, 'is encrypted')
  if (method !== 0 && method !== 8) {
    throw badArchive(archive, `uses compression method ${method}; only 0 (stored) and 8 (deflated) are known`)
  }
  if (size > limits.maxBytes) {
    throw badArchive(archive, `unpacks to ${size} bytes, more than the ${limits.maxBytes} that are allowed`)
  }
  if (isBomb(size, compressedSize)) {
    throw badArchive(archive, `claims to unpack ${compressedSize} bytes to ${size}: that is no market data`)
  }
  return method === 0 ? 'stored' : 'deflated'
}

/** Whether so many bytes cannot come from so few. */
export function isBomb(size: number, compressedSize: number): boolean {
  return size > SMALL && size > compressedSize * HIGHEST_RATIO
}

/**
 * Compares the header in front of the member with what the directory says.
 *
 * @param bytes the zip from that header on, with all of it
 * @returns where in them the member's data begin
 */
export function checkLocalHeader(bytes: Uint8Array, entry: ZipEntry, archive: string): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (entry.end - entry.offset < LOCAL_HEADER_LENGTH || view.getUint32(0, true) !== LOCAL_HEADER) {
    throw badArchive(archive, 'has no member where its directory says')
  }
  const nameLength = view.getUint16(26, true)
  const name = Buffer.from(bytes.subarray(LOCAL_HEADER_LENGTH, LOCAL_HEADER_LENGTH + nameLength))
  if (view.getUint16(8, true) !== entry.method || !name.equals(entry.nameBytes) || !agreesOnSizes(view, entry)) {
    throw badArchive(archive, 'contradicts itself: the header of its member differs from its directory')
  }
  return LOCAL_HEADER_LENGTH + nameLength + view.getUint16(28, true)
}

/** Whether the header has the directory's CRC-32 and sizes, as far as it has them: they can stand behind the data. */
function agreesOnSizes(header: DataView, { crc32, compressedSize, size }: ZipEntry): boolean {
  if ((header.getUint16(6, true) & HAS_DESCRIPTOR) !== 0) return true
  const agrees = (at: number, value: number): boolean => [value, ELSEWHERE].includes(header.getUint32(at, true))
  return header.getUint32(14, true) === crc32 && agrees(18, compressedSize) && agrees(22, size)
}
