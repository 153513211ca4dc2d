import { inflateRawSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { type ObjectStore, readObject } from '@lake/core'
import { sha256Of } from '@lake/ledger'
import { fileStore, memoryStore } from '@lake/storage'

/** The archive of real files that the repository carries. */
export const SAMPLE: string = fileURLToPath(new URL('../../../../fixtures/archive', import.meta.url))

/** The folder of the sample's minute bars. */
export const MINUTES = 'data/spot/daily/klines/BTCUSDT/1m'

/** A copy of a folder of the sample in memory, for tests that damage it. */
export async function copySample(prefix: string = MINUTES): Promise<ObjectStore> {
  const sample = fileStore({ root: SAMPLE })
  const copy = memoryStore()
  for await (const { key } of sample.list({ prefix })) await copy.put(key, (await sample.get(key)).body)
  return copy
}

/** The hash of every object below some prefixes, by key. */
export async function contentOf(store: ObjectStore, ...prefixes: string[]): Promise<Record<string, string>> {
  const content: Record<string, string> = {}
  for (const prefix of prefixes) {
    for await (const { key } of store.list({ prefix })) content[key] = sha256Of(await readObject(store, key))
  }
  return content
}

/** The CSV in a zip of the sample. */
export function csvOf(zip: Uint8Array): string {
  const view = Buffer.from(zip)
  return inflateRawSync(view.subarray(30 + view.readUInt16LE(26) + view.readUInt16LE(28))).toString()
}

/** A zip as the exchange would publish it, with its CHECKSUM, put into an archive. */
export async function publish(archive: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  const name = key.slice(key.lastIndexOf('/') + 1)
  await archive.put(key, bytes)
  await archive.put(`${key}.CHECKSUM`, new TextEncoder().encode(`${sha256Of(bytes)}  ${name}\n`))
}
