import { describe, test } from 'vitest'
import type { ObjectStore } from '../object-store.ts'
import { LISTING_CHECKS, READABLE_CHECKS, READABLE_OBJECTS } from './readable-store-checks.ts'

/**
 * Declares the tests of what an `ObjectStore` promises to readers, for stores that cannot be written.
 *
 * @param open gives a store that holds exactly the given objects; called once in each test, so `onTestFinished`
 *   can close what it opens
 * @param options `lists: false` for a store that cannot list
 *
 * @example
 * describeReadableStore('httpStore', async (objects) => httpStore({ url: await serve(objects) }))
 */
export function describeReadableStore(
  name: string,
  open: (objects: ReadonlyMap<string, Uint8Array>) => ObjectStore | Promise<ObjectStore>,
  options: { readonly lists?: boolean | undefined } = {},
): void {
  const checks = options.lists === false ? READABLE_CHECKS : [...READABLE_CHECKS, ...LISTING_CHECKS]
  describe(`${name} as an ObjectStore to read`, () => {
    for (const check of checks) {
      test(check.name, async () => check.run(await open(READABLE_OBJECTS)), TIMEOUT)
    }
  })
}

/** Generous: a slow disk or a far bucket is no failure. */
const TIMEOUT = 60_000
