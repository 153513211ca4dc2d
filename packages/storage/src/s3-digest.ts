import type { ObjectStore } from '@lake/core'
import { ask, type S3Connection } from './s3-connection.ts'

/** The sha256 that a server computed of an object by itself, 64 lower-case hex digits; `undefined` when it has none. */
export type StoredSha256 = (key: string, signal?: AbortSignal) => Promise<string | undefined>

/** What a store of S3 carries besides the port. The symbol is the same in every copy of this package. */
export const STORED_SHA256: unique symbol = Symbol.for('@lake/storage/stored-sha256')

/**
 * Asks a store of S3 for the sha256 that its server computed of an object, without reading it; `undefined` for any
 * other store. Servers compute one for objects that were uploaded with it, or copied from such.
 *
 * @example
 * const digest = await storedSha256(openStore('s3://my-bucket'))?.('data.zip')
 */
export function storedSha256(
  store: ObjectStore & { readonly [STORED_SHA256]?: StoredSha256 },
): StoredSha256 | undefined {
  return store[STORED_SHA256]
}

/** The function that the store of a connection carries. */
export function digestAsker(connection: S3Connection): StoredSha256 {
  const { bucket, base } = connection.settings
  return async (key, signal) => {
    const { ChecksumSHA256: digest } = await ask(connection, {
      key,
      signal,
      send: async (client, request) =>
        client.headObject({ Bucket: bucket, Key: base + key, ChecksumMode: 'ENABLED' }, request),
    })
    // That of an upload in parts is a sha256 of the parts' sha256, and ends with their number.
    const bytes = digest === undefined || digest.includes('-') ? undefined : Buffer.from(digest, 'base64')
    return bytes?.length === 32 ? bytes.toString('hex') : undefined
  }
}
