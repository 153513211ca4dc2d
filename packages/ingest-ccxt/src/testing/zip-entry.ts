import { inflateRawSync } from 'node:zlib'

const END_OF_DIRECTORY = 0x06054b50
const ENTRY = 0x02014b50

/**
 * The bytes of the only file in a zip, as exchanges publish them.
 *
 * @throws Error when it is no zip.
 */
export function readZipEntry(zip: Uint8Array): Uint8Array {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength)
  for (let end = zip.length - 22; end >= 0; end--) {
    if (view.getUint32(end, true) !== END_OF_DIRECTORY) continue
    const entry = view.getUint32(end + 16, true)
    if (entry + 46 > zip.length || view.getUint32(entry, true) !== ENTRY) break
    const method = view.getUint16(entry + 10, true)
    const size = view.getUint32(entry + 20, true)
    const header = view.getUint32(entry + 42, true)
    const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true)
    const bytes = zip.subarray(start, start + size)
    return method === 0 ? bytes : inflateRawSync(bytes)
  }
  throw new Error('These bytes are no zip')
}
