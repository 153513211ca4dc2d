import { LakeError, type ObjectInfo, type ObjectStore, readObject } from '@lake/core'

/** A file in a zip, by what the zip's directory says. */
export interface ZipMember {
  readonly name: string
  /** 0 as it is, 8 deflated. */
  readonly method: number
  readonly isEncrypted: boolean
  readonly crc32: number
  readonly compressedSize: number
  readonly size: number
  /** Where its header begins. */
  readonly offset: number
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
const ZIP64_FIELDS = 1
/** Stands in a field of 32 bits whose value is in the zip64 fields. */
const ELSEWHERE = 0xffffffff

/**
 * The files in a zip, which is not read but for its directory at the end.
 *
 * @throws {@link LakeError} `BAD_ARCHIVE` when it has no whole directory; otherwise as the store does.
 */
export async function zipMembers(store: ObjectStore, zip: ObjectInfo, signal?: AbortSignal): Promise<ZipMember[]> {
  const { key, size, etag } = zip
  const read = async (start: number, end: number): Promise<DataView> => {
    const bytes = await readObject(store, key, {
      ...{ range: { start, end }, signal },
      ...(etag === '' ? {} : { ifMatch: etag }),
    })
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
  const tailStart = Math.max(0, size - END_LENGTH - LONGEST_COMMENT - ZIP64_LOCATOR_LENGTH)
  const tail = await read(tailStart, size)
  const end = endIn(tail)
  if (end === undefined) throw badZip(key, 'has no end record, so it is cut off or no zip')
  let [start, length] = [tail.getUint32(end + 16, true), tail.getUint32(end + 12, true)]
  const locator = end - ZIP64_LOCATOR_LENGTH
  if (locator >= 0 && tail.getUint32(locator, true) === ZIP64_LOCATOR) {
    const at = wide(tail, locator + 8)
    if (at + ZIP64_END_LENGTH > tailStart + locator) throw badZip(key, 'has a damaged zip64 end record')
    const record = await read(at, at + ZIP64_END_LENGTH)
    if (record.getUint32(0, true) !== ZIP64_END) throw badZip(key, 'has a damaged zip64 end record')
    ;[start, length] = [wide(record, 48), wide(record, 40)]
  }
  if (start + length > tailStart + end) throw badZip(key, 'has bytes missing: its directory is not where its end says')
  return [...entriesIn(await read(start, start + length), key)]
}

export function badZip(file: string, why: string, cause?: unknown): LakeError {
  const message = `${file} ${why}. Nothing of it was taken; fetch it again, or leave it out.`
  return new LakeError('BAD_ARCHIVE', message, { cause, details: { file } })
}

/** Where the end record is, whose comment must end with the file. */
function endIn(tail: DataView): number | undefined {
  for (let at = tail.byteLength - END_LENGTH; at >= 0; at--) {
    const isEnd = tail.getUint32(at, true) === END
    if (isEnd && at + END_LENGTH + tail.getUint16(at + 20, true) === tail.byteLength) return at
  }
  return undefined
}

function* entriesIn(view: DataView, key: string): Generator<ZipMember, void, undefined> {
  for (let at = 0; at < view.byteLength;) {
    const room = view.byteLength - at
    const isEntry = room >= ENTRY_LENGTH && view.getUint32(at, true) === ENTRY
    const nameLength = isEntry ? view.getUint16(at + 28, true) : 0
    const extraLength = isEntry ? view.getUint16(at + 30, true) : 0
    const length = ENTRY_LENGTH + nameLength + extraLength + (isEntry ? view.getUint16(at + 32, true) : 0)
    if (!isEntry || length > room) throw badZip(key, 'has a damaged directory')
    const nameStart = view.byteOffset + at + ENTRY_LENGTH
    const fields = wideFields(new DataView(view.buffer, nameStart + nameLength, extraLength))
    const field = (offset: number): number => {
      const value = view.getUint32(at + offset, true)
      return value === ELSEWHERE ? (fields.shift() ?? value) : value
    }
    // The wide fields come in this order, and only those whose narrow one says so.
    const [size, compressedSize, offset] = [field(24), field(20), field(42)]
    yield {
      name: Buffer.from(view.buffer, nameStart, nameLength).toString(),
      method: view.getUint16(at + 10, true),
      isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
      crc32: view.getUint32(at + 16, true),
      ...{ size, compressedSize, offset },
    }
    at += length
  }
}

function wideFields(extra: DataView): number[] {
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const length = extra.getUint16(at + 2, true)
    const isWhole = at + 4 + length <= extra.byteLength
    if (isWhole && extra.getUint16(at, true) === ZIP64_FIELDS) {
      return Array.from({ length: Math.floor(length / 8) }, (_, index) => wide(extra, at + 4 + index * 8))
    }
    at += 4 + length
  }
  return []
}

function wide(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true))
}
