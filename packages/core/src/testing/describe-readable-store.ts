import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ObjectStore } from '../object-store.ts'
import { LISTING_CHECKS, READABLE_CHECKS, READABLE_OBJECTS } from './readable-store-checks.ts'

/** A store under test; the suite disposes of it when it can be disposed of. */
export type OpenedStore = ObjectStore & Partial<AsyncDisposable>

/**
 * Declares the tests of what an `ObjectStore` promises to readers, for stores that cannot be written.
 *
 * @param open gives a store that holds exactly the given objects; called once
 * @param options `lists: false` for a store that cannot list
 *
 * @example
 * describeReadableStore('httpStore', async (objects) => {
 *   const server = await startArchiveServer({ objects })
 *   return { ...httpStore({ url: server.url }), [Symbol.asyncDispose]: () => server.close() }
 * })
 */
export function describeReadableStore(
  name: string,
  open: (objects: ReadonlyMap<string, Uint8Array>) => OpenedStore | Promise<OpenedStore>,
  options: { readonly lists?: boolean | undefined } = {},
): void {
  const checks = options.lists === false ? READABLE_CHECKS : [...READABLE_CHECKS, ...LISTING_CHECKS]
  describe(`${name} as an ObjectStore to read`, () => {
    let opened: OpenedStore | undefined
    beforeAll(async () => {
      opened = await open(READABLE_OBJECTS)
    }, TIMEOUT)
    afterAll(async () => opened?.[Symbol.asyncDispose]?.())
    for (const { name: promise, run } of checks) {
      test(promise, { timeout: TIMEOUT }, async () => run(opened ?? expect.fail('no store was opened')))
    }
  })
}

/** Generous: a slow disk or a far bucket is no failure. */
const TIMEOUT = 60_000
