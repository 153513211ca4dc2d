import { LakeError, type ObjectInfo, type ObjectStore } from '@lake/core'
import { bodyChunks } from './body-chunks.ts'
import { clampRange, requestedRange } from './byte-range.ts'
import { foldFolders } from './fold-folders.ts'
import { compareKeys } from './key-order.ts'
import { checkKey } from './object-key.ts'
import { checkCondition, checkMatch, checkPutOptions } from './put-condition.ts'

/**
 * A store in the memory of this process, gone with it: for tests and for lakes that are only passed through.
 *
 * @example
 * const store = memoryStore()
 * await store.put('a/b', new TextEncoder().encode('hello'))
 */
export function memoryStore(): ObjectStore {
  const objects = new Map<string, { readonly info: ObjectInfo; readonly bytes: Uint8Array }>()
  let puts = 0

  async function* listAll(
    prefix: string,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ObjectInfo, void, undefined> {
    await nextTurn(signal)
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareKeys)
    for (const key of keys) {
      signal?.throwIfAborted()
      const object = objects.get(key)
      if (object !== undefined) yield object.info
    }
    signal?.throwIfAborted()
  }

  return {
    url: 'memory:',
    list({ prefix = '', delimiter, signal } = {}) {
      const all = listAll(prefix, signal)
      return delimiter === undefined ? all : foldFolders(all, prefix)
    },
    async head(key, { signal } = {}) {
      checkKey(key)
      await nextTurn(signal)
      return objects.get(key)?.info
    },
    async get(key, { range, ifMatch, signal } = {}) {
      checkKey(key)
      await nextTurn(signal)
      const requested = requestedRange(range)
      const object = objects.get(key)
      if (object === undefined) {
        throw new LakeError('NOT_FOUND', `There is no object '${key}' in this memory store.`, { details: { key } })
      }
      checkMatch(object.info, ifMatch)
      const { start, end } = clampRange(requested, object.bytes.length)
      return { info: object.info, body: copies(object.bytes.subarray(start, end), signal) }
    },
    async put(key, body, options = {}) {
      checkKey(key)
      await nextTurn(options.signal)
      checkPutOptions(key, options)
      checkCondition(key, objects.get(key)?.info, options)
      const chunks: Uint8Array[] = []
      for await (const chunk of bodyChunks(body, options.signal)) chunks.push(new Uint8Array(chunk))
      options.signal?.throwIfAborted()
      // Nothing is awaited from here on, so that no other put comes between the look and the change.
      checkCondition(key, objects.get(key)?.info, options)
      // Not a Buffer, whose `slice` would not copy.
      const bytes = new Uint8Array(Buffer.concat(chunks))
      const etag = (++puts).toString(36)
      const info = { key, size: bytes.length, etag, lastModified: Date.now() * 1000 }
      objects.set(key, { info, bytes })
      return info
    },
    async delete(key, { signal } = {}) {
      checkKey(key)
      await nextTurn(signal)
      objects.delete(key)
    },
  }
}

/** Lets others run first, as a store with a disk or a network does. */
async function nextTurn(signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  await new Promise(setImmediate)
  signal?.throwIfAborted()
}

const CHUNK_BYTES = 1_048_576

async function* copies(
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    await nextTurn(signal)
    yield bytes.slice(start, start + CHUNK_BYTES)
  }
  signal?.throwIfAborted()
}
