import { describe, test } from 'vitest'
import type { ObjectStore } from '../object-store.ts'
import { describeReadableStore } from './describe-readable-store.ts'
import { CONCURRENCY_CHECKS, WRITABLE_CHECKS } from './writable-store-checks.ts'

/**
 * Declares the tests of everything that the `ObjectStore` port promises: reading, listing, writing, conditions,
 * aborts, and writers and readers at once.
 *
 * @param open gives an empty store; called once in each test, so `onTestFinished` can close what it opens
 *
 * @example
 * describeObjectStore('memoryStore', () => memoryStore())
 */
export function describeObjectStore(name: string, open: () => ObjectStore | Promise<ObjectStore>): void {
  describeReadableStore(name, async (objects) => {
    const store = await open()
    for (const [key, bytes] of objects) await store.put(key, bytes)
    return store
  })
  describe(`${name} as an ObjectStore to write`, () => {
    for (const check of [...WRITABLE_CHECKS, ...CONCURRENCY_CHECKS]) {
      test(check.name, async () => check.run(await open()), TIMEOUT)
    }
  })
}

/** Generous: a slow disk or a far bucket is no failure. */
const TIMEOUT = 60_000
