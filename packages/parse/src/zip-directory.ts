import { LakeError } from '@lake/core'
import { badArchive } from './bad-archive.ts'
import { printable } from './bad-row.ts'

/** What the central directory of a zip says of its CSV file. */
export interface ZipEntry {
  readonly nameBytes: Uint8Array
  readonly flags: number
  readonly method: number
  readonly crc32: number
  readonly compressedSize: number
  readonly size: number
  /** Where the member's header is. */
  readonly offset: number
  /** Where the next part begins: a copy of the member, or the directory itself. */
  readonly end: number
}

const END = 0x06054b50
const END_LENGTH = 22
const LONGEST_COMMENT = 0xffff
const ZIP64_LOCATOR = 0x07064b50
const ZIP64_LOCATOR_LENGTH = 20
const ZIP64_END = 0x06064b50
const ZIP64_END_LENGTH = 56
const ENTRY = 0x02014b50
const ENTRY_LENGTH = 46
/** More copies than that nobody packs by mistake. */
const MOST_MEMBERS = 8
const ZIP64_SIZES = 1
/** Stands in a field of 32 bits whose value is in the zip64 fields. */
export const ELSEWHERE = 0xffffffff

/**
 * Reads the central directory of a zip that must have one CSV file, called `expected`. Copies of it in folders do not
 * count: some months of Binance have a second one under the path of the machine that packed them.
 *
 * @param bytes the end of the zip, with all of its directory
 * @param skipped how many bytes of the zip lie in front of them
 * @throws {@link LakeError} `BAD_ARCHIVE` or `WRONG_FILE`, see `readZipMember`.
 */
export function readZipDirectory(bytes: Uint8Array, archive: string, expected: string, skipped = 0): ZipEntry {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const directory = findDirectory(view, archive, skipped)
  const { members, start } = directory
  if (members < 1 || members > MOST_MEMBERS) throw badArchive(archive, `holds ${members} members, not one CSV file`)
  const entries: Member[] = []
  const directoryEnd = start + directory.size
  let at = start
  while (entries.length < members) {
    const entry = readEntry(bytes, at, directoryEnd, archive)
    entries.push(entry)
    at = entry.next
  }
  if (at !== directoryEnd) {
    const what = members === 1 ? 'one member' : `${members} members`
    throw badArchive(archive, `has a directory that is not that of ${what}`)
  }
  const entry = pickMember(entries, archive, expected)
  const offsets = entries.map(({ offset }) => offset)
  if (Math.min(...offsets) !== 0 || entry.offset >= start + skipped) {
    throw badArchive(archive, 'has no member where its directory says')
  }
  return { ...entry, end: Math.min(start + skipped, ...offsets.filter((offset) => offset > entry.offset)) }
}

/** An entry of the directory. */
interface Member extends Omit<ZipEntry, 'end'> {
  /** Where the next entry begins. */
  readonly next: number
}

function readEntry(bytes: Uint8Array, at: number, directoryEnd: number, archive: string): Member {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (at + ENTRY_LENGTH > directoryEnd || view.getUint32(at, true) !== ENTRY) {
    throw badArchive(archive, 'has a damaged directory')
  }
  const nameLength = view.getUint16(at + 28, true)
  const extraLength = view.getUint16(at + 30, true)
  const next = at + ENTRY_LENGTH + nameLength + extraLength + view.getUint16(at + 32, true)
  if (next > directoryEnd) throw badArchive(archive, 'has a damaged directory')
  const nameBytes = bytes.subarray(at + ENTRY_LENGTH, at + ENTRY_LENGTH + nameLength)
  const extra = new DataView(view.buffer, view.byteOffset + at + ENTRY_LENGTH + nameLength, extraLength)
  const wide = wideFields(extra)
  const field = (offset: number): number => {
    const value = view.getUint32(at + offset, true)
    return value === ELSEWHERE ? (wide.shift() ?? value) : value
  }
  // The wide fields come in this order, and only those whose narrow one says so.
  const size = field(24)
  const compressedSize = field(20)
  const offset = field(42)
  return {
    nameBytes,
    flags: view.getUint16(at + 8, true),
    method: view.getUint16(at + 10, true),
    crc32: view.getUint32(at + 16, true),
    compressedSize,
    size,
    offset,
    next,
  }
}

/** The file that is expected, beside which there may only be copies of it. */
function pickMember(entries: readonly Member[], archive: string, expected: string): Member {
  const [first] = entries
  const picked = entries.length === 1 ? first : entries.find((entry) => nameOf(entry) === expected)
  if (picked === undefined) throw badArchive(archive, `holds ${entries.length} members, not one CSV file`)
  checkName(nameOf(picked), archive, expected)
  for (const entry of entries) {
    if (entry === picked) continue
    if (!nameOf(entry).endsWith(`/${expected}`)) {
      throw badArchive(archive, `holds ${entries.length} members, not one CSV file`)
    }
    if (entry.size !== picked.size || entry.crc32 !== picked.crc32) {
      const sizes = `${picked.size} and ${entry.size} bytes`
      throw badArchive(
        archive,
        `holds ${expected} twice, with other content (${sizes}): which one is right, it does not say`,
      )
    }
  }
  return picked
}

function nameOf({ nameBytes }: Pick<ZipEntry, 'nameBytes'>): string {
  return Buffer.from(nameBytes).toString('utf8')
}

interface Directory {
  readonly members: number
  readonly start: number
  readonly size: number
}

function findDirectory(view: DataView, archive: string, skipped: number): Directory {
  const end = findEnd(view, archive)
  let directory = {
    members: view.getUint16(end + 10, true),
    size: view.getUint32(end + 12, true),
    start: view.getUint32(end + 16, true) - skipped,
  }
  let directoryEnd = end
  const locator = end - ZIP64_LOCATOR_LENGTH
  if (locator >= ZIP64_END_LENGTH && view.getUint32(locator, true) === ZIP64_LOCATOR) {
    const wideEnd = locator - ZIP64_END_LENGTH
    if (wide(view, locator + 8) !== wideEnd + skipped || view.getUint32(wideEnd, true) !== ZIP64_END) {
      throw badArchive(archive, 'has a damaged zip64 end record')
    }
    directory = {
      members: wide(view, wideEnd + 32),
      size: wide(view, wideEnd + 40),
      start: wide(view, wideEnd + 48) - skipped,
    }
    directoryEnd = wideEnd
  }
  if (directory.start < 0 || directory.start + directory.size !== directoryEnd) {
    throw badArchive(archive, 'has bytes missing or left over: its directory is not where its end record says')
  }
  return directory
}

/** Where the end record is, which must end with the file. */
function findEnd(view: DataView, archive: string): number {
  const length = view.byteLength
  if (length === 0) throw badArchive(archive, 'is empty')
  let excess: number | undefined
  const first = Math.max(0, length - END_LENGTH - LONGEST_COMMENT)
  for (let at = length - END_LENGTH; at >= first; at--) {
    if (view.getUint32(at, true) !== END) continue
    const beyond = length - at - END_LENGTH - view.getUint16(at + 20, true)
    if (beyond === 0) return at
    excess ??= beyond
  }
  if (excess !== undefined && excess > 0) throw badArchive(archive, `has ${excess} bytes behind its end`)
  const begin = Buffer.from(view.buffer, view.byteOffset, Math.min(length, 16)).toString('latin1')
  if (begin.startsWith('PK\u0003\u0004')) throw badArchive(archive, `is cut off after ${length} bytes`)
  throw badArchive(archive, `is not a zip file: it begins with '${printable(begin)}'`)
}

/** The 64-bit values of the zip64 extra field, in order; none when there is no such field. */
function wideFields(extra: DataView): number[] {
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const end = at + 4 + extra.getUint16(at + 2, true)
    if (extra.getUint16(at, true) === ZIP64_SIZES && end <= extra.byteLength) {
      const count = Math.floor((end - at - 4) / 8)
      return Array.from({ length: count }, (_, index) => wide(extra, at + 4 + 8 * index))
    }
    at = end
  }
  return []
}

/** An unsigned 64-bit integer; beyond 2^53 it is inexact, but also larger than any file. */
function wide(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true))
}

function checkName(name: string, archive: string, expected: string): void {
  if (name === expected) return
  const shown = printable(name)
  if (name === '' || /[\\/\p{Cc}]|^\.\.?$|^[A-Za-z]:/u.test(name)) {
    throw badArchive(archive, `holds '${shown}', which is no plain file name`)
  }
  throw new LakeError(
    'WRONG_FILE',
    `${archive} holds ${shown}, but ${expected} is expected: the file was renamed, or it is not what its name says. ` +
      'Nothing of this file was taken; fetch it again, or leave it out.',
    { details: { file: archive, member: shown, expected } },
  )
}
