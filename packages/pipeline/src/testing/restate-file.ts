import { inflateRawSync } from 'node:zlib'
import { type ObjectStore, readObject } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { publish } from './fixtures.ts'

/** Publishes an archive file anew, its text edited, as an exchange does that corrects it. */
export async function restateFile(archive: ObjectStore, key: string, edit: (csv: string) => string): Promise<void> {
  const zip = Buffer.from(await readObject(archive, key))
  const start = 30 + zip.readUInt16LE(26) + zip.readUInt16LE(28)
  const csv = inflateRawSync(zip.subarray(start)).toString()
  const text = edit(csv)
  if (text === csv) throw new Error(`nothing to edit in ${key}`)
  const name = key.slice(key.lastIndexOf('/') + 1).replace(/\.zip$/, '.csv')
  await publish(archive, key, await writeZip([{ name, bytes: Buffer.from(text) }]))
}
