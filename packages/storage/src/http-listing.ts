import { LakeError, type ListOptions, type ObjectInfo } from '@lake/core'
import { type HttpClient, sendOnce } from './http-request.ts'
import type { HttpLocation } from './http-location.ts'
import { isTemporary, statusError } from './http-status.ts'
import { compareKeys } from './key-order.ts'
import { type ListingPage, parseListingPage } from './listing-page.ts'
import { canStartKey, isKey } from './object-key.ts'
import { type RetryPolicy, withRetries } from './retry.ts'

export interface BucketListing {
  readonly client: HttpClient
  readonly policy: RetryPolicy
  readonly location: HttpLocation
  /** What comes before the keys of the store in the keys of the bucket: nothing, or text that ends with a slash. */
  readonly base: string
}

/** The pages of a thousand keys stay far below it. */
const LARGEST_PAGE_BYTES = 33_554_432

/**
 * Lists through the S3 protocol ListObjects, version 1, page by page.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when the server has no such listing, `STORE_FAILED` when it answers with keys
 *   that nobody asked for, that could leave the store, or that it has listed before.
 */
export async function* listBucket(
  listing: BucketListing,
  { prefix = '', signal }: ListOptions,
): AsyncGenerator<ObjectInfo, void, undefined> {
  signal?.throwIfAborted()
  if (!canStartKey(prefix)) return
  const { base, location } = listing
  let previous = ''
  for (;;) {
    const page = await fetchPage(listing, base + prefix, previous, signal)
    for (const object of page.objects) {
      const key = object.key.slice(base.length)
      ...
    }
  }
}
