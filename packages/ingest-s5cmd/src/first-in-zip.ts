import { type ObjectInfo, type ObjectStore, readObject } from '@lake/core'

const LOCAL_HEADER = 0x04034b50
const LOCAL_HEADER_LENGTH = 30
/** Folders take next to nothing; when more than this is in front of the first file, it is not looked for any further. */
const MOST_BYTES = 65_536

/**
 * The name of the first file in a zip, by the header in front of it: what can be known of a zip whose directory, at its
 * end, is damaged or cut off. Undefined where the beginning is damaged too.
 */
export async function firstInZip(
  store: ObjectStore,
  { key, size, etag }: ObjectInfo,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const options = { range: { start: 0, end: Math.min(size, MOST_BYTES) }, signal }
  const bytes = await readObject(store, key, etag === '' ? options : { ...options, ifMatch: etag })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + LOCAL_HEADER_LENGTH <= view.byteLength;) {
    if (view.getUint32(at, true) !== LOCAL_HEADER) return undefined
    const nameEnd = at + LOCAL_HEADER_LENGTH + view.getUint16(at + 26, true)
    if (nameEnd > view.byteLength) return undefined
    const name = Buffer.from(bytes.subarray(at + LOCAL_HEADER_LENGTH, nameEnd)).toString()
    if (!name.endsWith('/')) return name
    at = nameEnd + view.getUint16(at + 28, true) + view.getUint32(at + 18, true)
  }
  return undefined
}
