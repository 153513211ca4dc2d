import { describe, expect, test } from 'vitest'
import { LakeError } from '../lake-error.ts'
import type { ObjectInfo, ObjectStore } from '../object-store.ts'
import { collectBytes } from '../read-object.ts'
import { describeObjectStore } from './describe-object-store.ts'
import { chunked, type PlainStore, plainStore } from './plain-store.ts'
import { LISTING_CHECKS, READABLE_CHECKS, READABLE_OBJECTS } from './readable-store-checks.ts'
import { CHANGE_CHECKS, CONCURRENCY_CHECKS, WRITABLE_CHECKS } from './writable-store-checks.ts'

describeObjectStore('a correct store', () => plainStore())

interface BrokenStore {
  readonly name: string
  /** The check that must fail. */
  readonly caughtBy: string
  readonly breaks: (store: PlainStore) => Partial<ObjectStore>
}

// The suite is only worth something when it catches stores that break a promise: each of these breaks one.
const BROKEN: readonly BrokenStore[] = [
  {
    name: 'lists in the order of UTF-16',
    caughtBy: 'lists every object once, in the order of the UTF-8 bytes of the keys',
    breaks: (store) => ({
      async *list(options) {
        const all = await collect(store.list(options))
        yield* all.sort((a, b) => (a.key < b.key ? -1 : 1))
      },
    }),
  },
  {
    name: 'lists folders only, not prefixes',
    caughtBy: 'lists by any prefix, whether it ends at a folder or not',
    breaks: (store) => ({
      async *list(options) {
        for await (const info of store.list(options)) {
          const { prefix = '' } = options ?? {}
          if (prefix === '' || prefix.endsWith('/')) yield info
        }
      },
    }),
  },
  {
    name: 'ignores the delimiter',
    caughtBy: 'lists with a delimiter what lies directly below a prefix, a folder once',
    breaks: (store) => ({ list: (options) => store.list({ ...options, delimiter: undefined }) }),
  },
  {
    name: 'lists the first two keys only',
    caughtBy: 'lists every object once, in the order of the UTF-8 bytes of the keys',
    breaks: (store) => ({
      async *list(options) {
        yield* (await collect(store.list(options))).slice(0, 2)
      },
    }),
  },
  {
    name: 'takes any key',
    caughtBy: 'refuses keys that could leave the store',
    breaks: (store) => ({ head: async () => store.head('none') }),
  },
  {
    name: 'ignores ranges',
    caughtBy: 'reads ranges far into a big object',
    breaks: (store) => ({ get: async (key, options) => store.get(key, { ...options, range: undefined }) }),
  },
  {
    name: 'ignores ifMatch of a get',
    caughtBy: 'gets an object only with the etag that was asked for',
    breaks: (store) => ({ get: async (key, options) => store.get(key, { ...options, ifMatch: undefined }) }),
  },
  {
    name: 'ignores the signal of a get',
    caughtBy: 'throws the reason of an abort as it is, before and while it reads',
    breaks: (store) => ({ get: async (key, options) => store.get(key, { ...options, signal: undefined }) }),
  },
  {
    name: 'ignores ifAbsent',
    caughtBy: 'puts with ifAbsent only where nothing is',
    breaks: (store) => ({ put: async (key, body, options) => store.put(key, body, { ...options, ifAbsent: false }) }),
  },
  {
    name: 'ignores ifMatch',
    caughtBy: 'puts with ifMatch only over the object of that etag',
    breaks: (store) => ({
      put: async (key, body, options) => store.put(key, body, { ...options, ifMatch: undefined }),
    }),
  },
  {
    name: 'looks at the condition first and stores later',
    caughtBy: 'lets exactly one of 20 writers with the same ifMatch win',
    breaks: (store) => ({
      put: async (key, body, options) => {
        store.check(key, options)
        const bytes = Symbol.asyncIterator in body ? await collectBytes(body) : body
        await new Promise(setImmediate)
        return store.put(key, bytes)
      },
    }),
  },
  {
    name: 'takes the bytes as etag',
    caughtBy: 'gives every replacement another etag, also when the bytes are the same',
    breaks: (store) => {
      const constant = (info: ObjectInfo): ObjectInfo => ({ ...info, etag: String(info.size) })
      return {
        head: async (key, options) => {
          const info = await store.head(key, options)
          return info && constant(info)
        },
        put: async (key, body) => constant(await store.put(key, body)),
      }
    },
  },
  {
    name: 'stores what came before a body threw',
    caughtBy: 'stores nothing of a body that throws, and throws what the body threw',
    breaks: (store) => ({
      put: async (key, body, options) => {
        const chunks: Uint8Array[] = []
        try {
          for await (const chunk of Symbol.asyncIterator in body ? body : [body]) chunks.push(chunk.slice())
        } catch (error) {
          await store.put(key, Buffer.concat(chunks), options)
          throw error
        }
        return store.put(key, Buffer.concat(chunks), options)
      },
    }),
  },
  {
    name: 'fails to delete what is not there',
    caughtBy: 'deletes one object and no other, and what is not there without complaint',
    breaks: (store) => ({
      delete: async (key, options) => {
        if ((await store.head(key)) === undefined) throw new LakeError('NOT_FOUND', `There is no object ${key}.`)
        await store.delete(key, options)
      },
    }),
  },
  {
    name: 'deletes whole prefixes',
    caughtBy: 'deletes one object and no other, and what is not there without complaint',
    breaks: (store) => ({
      delete: async (key) => {
        for (const { key: found } of await collect(store.list({ prefix: key }))) await store.delete(found)
      },
    }),
  },
  {
    name: 'gives out its own memory',
    caughtBy: 'keeps its own copy of what it was given and of what it gave',
    breaks: (store) => ({
      get: async (key, options) => {
        const { info } = await store.get(key, options)
        const own = store.objects.get(key)?.bytes ?? new Uint8Array(0)
        return {
          info,
          body: chunked(options?.range === undefined ? own : own.slice(options.range.start, options.range.end)),
        }
      },
    }),
  },
  {
    name: 'shows readers a mix of two versions',
    caughtBy: 'never shows a reader half of an object or a mix of two, while a writer replaces it',
    breaks: (store) => ({
      get: async (key, options) => {
        const { info } = await store.get(key, options)
        return {
          info,
          body: (async function* () {
            for (let start = 0; start < info.size; start += 500_000) {
              await new Promise(setImmediate)
              yield (store.objects.get(key)?.bytes ?? new Uint8Array(0)).slice(start, start + 500_000)
            }
          })(),
        }
      },
    }),
  },
  {
    name: 'wraps the reason of an abort',
    caughtBy: 'throws the reason of an abort during the body as it is, closes the body and stores nothing',
    breaks: (store) => ({
      put: async (key, body, options) => {
        try {
          return await store.put(key, body, options)
        } catch (error) {
          if (options?.signal?.aborted !== true) throw error
          throw new LakeError('STORE_FAILED', 'The put was stopped.', { cause: error })
        }
      },
    }),
  },
  {
    name: 'throws what is no LakeError',
    caughtBy: 'does not find what is not there, nor folders, nor what would lie below an object',
    breaks: (store) => ({
      get: async (key) => ((await store.head(key)) ? store.get(key) : Promise.reject(new Error('no'))),
    }),
  },
]

describe('the suite of the ObjectStore', () => {
  test.each(BROKEN)('catches a store that $name', async ({ caughtBy, breaks }) => {
    const toRead = [...READABLE_CHECKS, ...LISTING_CHECKS].find(({ name }) => name === caughtBy)
    const toWrite = [...WRITABLE_CHECKS, ...CHANGE_CHECKS, ...CONCURRENCY_CHECKS].find(({ name }) => name === caughtBy)
    const store = plainStore()
    if (toRead !== undefined) for (const [key, bytes] of READABLE_OBJECTS) await store.put(key, bytes)
    await expect((toRead ?? toWrite)?.run({ ...store, ...breaks(store) })).rejects.toThrow()
  })
})

async function collect(infos: AsyncIterable<ObjectInfo>): Promise<ObjectInfo[]> {
  const out: ObjectInfo[] = []
  for await (const info of infos) out.push(info)
  return out
}
