import { describe, test } from 'vitest'
import { describeReadableStore, type OpenedStore } from './describe-readable-store.ts'
import { CHANGE_CHECKS, CONCURRENCY_CHECKS, WRITABLE_CHECKS } from './writable-store-checks.ts'

/**
 * Declares the tests of everything that the `ObjectStore` port promises: reading, listing, writing, conditions,
 * aborts, and writers and readers at once.
 *
 * @param open gives an empty store, another one at each call; the suite disposes of those that can be disposed of
 * @param options `etagsOfBytes: true` for a store whose etags are hashes and whose puts tell no time, as those of S3
 *
 * @example
 * describeObjectStore('memoryStore', () => memoryStore())
 */
export function describeObjectStore(
  name: string,
  open: () => OpenedStore | Promise<OpenedStore>,
  options: { readonly etagsOfBytes?: boolean | undefined } = {},
): void {
  const changes = options.etagsOfBytes === true ? [] : CHANGE_CHECKS
  describeReadableStore(name, async (objects) => {
    const store = await open()
    await Promise.all([...objects].map(async ([key, bytes]) => store.put(key, bytes)))
    return store
  })
  describe(`${name} as an ObjectStore to write`, () => {
    for (const { name: promise, run } of [...WRITABLE_CHECKS, ...changes, ...CONCURRENCY_CHECKS]) {
      test(promise, { timeout: TIMEOUT }, async () => {
        const store = await open()
        try {
          await run(store)
        } finally {
          await store[Symbol.asyncDispose]?.()
        }
      })
    }
  })
}

/** Generous: a slow disk or a far bucket is no failure. */
const TIMEOUT = 60_000
