import { inflateRawSync } from 'node:zlib'

/** The text of the only member of a zip, as archives publish them. */
export function zipText(zip: Uint8Array): string {
  const view = Buffer.from(zip)
  const start = 30 + view.readUInt16LE(26) + view.readUInt16LE(28)
  return inflateRawSync(view.subarray(start)).toString()
}
