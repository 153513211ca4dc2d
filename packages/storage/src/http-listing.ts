import { LakeError, type ListOptions, type ObjectInfo } from '@lake/core'
import { type HttpAnswer, type HttpClient, sendOnce } from './http-request.ts'
import type { HttpLocation } from './http-location.ts'
import { statusError } from './http-status.ts'
import { compareKeys } from './key-order.ts'
import { listedObjects, refusedEntry } from './listed-objects.ts'
import { type ListingPage, parseListingPage } from './listing-page.ts'
import { canStartKey } from './object-key.ts'
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
  const { base } = listing
  const url = listing.location.url.href
  let marker = ''
  for (;;) {
    const page = await fetchPage(listing, base + prefix, marker, signal)
    for (const object of listedObjects(page.objects, { url, base, prefix, after: marker })) {
      signal?.throwIfAborted()
      yield object
    }
    signal?.throwIfAborted()
    if (!page.isTruncated) return
    const next = page.nextMarker ?? page.objects.at(-1)?.key ?? marker
    if (compareKeys(next, marker) <= 0) throw refusedEntry(url, next, 'where the page began, so the listing has no end')
    marker = next
  }
}

async function fetchPage(
  { client, policy, location }: BucketListing,
  prefix: string,
  marker: string,
  signal: AbortSignal | undefined,
): Promise<ListingPage> {
  const { url, headers } = location
  return withRetries(policy, signal, async () => {
    const answer = await sendOnce(client, { method: 'GET', url: pageUrl(url, prefix, marker), headers, signal })
    if (answer.status === 200) {
      const text = await readText(answer)
      const page = text === undefined ? undefined : parseListingPage(text, url.href)
      if (page !== undefined) return page
    }
    answer.close()
    if (answer.status === 451) throw statusError(url.href, answer.status, answer.headers)
    const found = answer.status === 200 ? 'another kind of page' : `status ${answer.status}`
    const message = `${url.href} does not serve an S3 listing: it answered with ${found}. Give the address of the listing, or ask for objects by their keys.`
    throw new LakeError('UNSUPPORTED', message, { details: { url: url.href, status: answer.status } })
  })
}

function pageUrl(url: URL, prefix: string, marker: string): string {
  // Some servers of this protocol take slashes only as they are, and insist on `max-keys`.
  const encode = (text: string): string => encodeURIComponent(text).replaceAll('%2F', '/')
  const query = [`prefix=${encode(prefix)}`, ...(marker === '' ? [] : [`marker=${encode(marker)}`]), 'max-keys=1000']
  const separator = url.search === '' ? '?' : '&'
  return url.href + separator + query.join('&')
}

async function readText(answer: HttpAnswer): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer.chunks()) {
    chunks.push(chunk)
    size += chunk.length
    if (size > LARGEST_PAGE_BYTES) return undefined
  }
  return Buffer.concat(chunks).toString('utf8')
}
