import { createHash } from 'node:crypto'
import { type GetOptions, type ObjectStore, readObject } from '@lake/core'
import { digestOf } from './verified-stream.ts'

/** Bytes that were read to compare them with their CHECKSUM, kept for whoever parses them next. */
export interface KeptBytes {
  /** Gives the bytes of an object away, once; `undefined` where they were not kept, and have to be read. */
  take(key: string, sha256: string): Uint8Array | undefined
  /**
   * The sha256 of an object of `size` bytes, 64 lower-case hex digits. Its bytes are kept while there is room for them,
   * and hashed as they stream otherwise.
   *
   * @throws what the store throws.
   */
  digest(
    store: ObjectStore,
    object: { readonly key: string; readonly size: number },
    options: GetOptions,
  ): Promise<string>
}

const LIMIT = 64 * 1024 ** 2

/**
 * Room for the bytes of files between being verified and being parsed, so that each is read once.
 *
 * @param limit how many bytes are kept at once. Default 64 MiB.
 *
 * @example
 * const kept = keptBytes()
 * const sha256 = await kept.digest(store, await store.head('day.zip'), {})
 * const bytes = kept.take('day.zip', sha256) ?? (await readObject(store, 'day.zip'))
 */
export function keptBytes(limit: number = LIMIT): KeptBytes {
  const entries = new Map<string, { readonly sha256: string; readonly bytes: Uint8Array }>()
  let used = 0
  const drop = (key: string): void => {
    used -= entries.get(key)?.bytes.length ?? 0
    entries.delete(key)
  }
  return {
    take: (key, sha256) => {
      const entry = entries.get(key)
      drop(key)
      return entry?.sha256 === sha256 ? entry.bytes : undefined
    },
    digest: async (store, { key, size }, options) => {
      if (used + size > limit) return digestOf((await store.get(key, options)).body)
      used += size
      try {
        const bytes = await readObject(store, key, options)
        const sha256 = createHash('sha256').update(bytes).digest('hex')
        drop(key)
        entries.set(key, { sha256, bytes })
        used += bytes.length
        return sha256
      } finally {
        used -= size
      }
    },
  }
}
