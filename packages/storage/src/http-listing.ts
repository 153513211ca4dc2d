import { LakeError, type ListOptions, type ObjectInfo } from '@lake/core'
import { type HttpAnswer, type HttpClient, sendOnce } from './http-request.ts'
import type { HttpLocation } from './http-location.ts'
import { foldFolders } from './fold-folders.ts'
import { statusError } from './http-status.ts'
import { compareKeys } from './key-order.ts'
import { listedObjects, refusedEntry } from './listed-objects.ts'
import type { ListingPage } from './listing-page.ts'
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
 * Lists through the S3 protocol ListObjects, page by page: version 1, which public archives speak, or version 2 where
 * the server refuses that.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when the server has no such listing, `STORE_FAILED` when it answers with keys
 *   that nobody asked for, that could leave the store, or that it has listed before.
 */
export async function* listBucket(
  listing: BucketListing,
  { prefix = '', delimiter, signal }: ListOptions,
): AsyncGenerator<ObjectInfo, void, undefined> {
  signal?.throwIfAborted()
  if (!canStartKey(prefix)) return
  // A server that does not know the delimiter lists what lies below: it is folded here.
  const entries = listPages(listing, { prefix, delimiter, signal })
  yield* delimiter === undefined ? entries : foldFolders(entries, prefix)
}

async function* listPages(
  listing: BucketListing,
  { prefix, delimiter, signal }: ListOptions & { readonly prefix: string },
): AsyncGenerator<ObjectInfo, void, undefined> {
  const { base } = listing
  const url = listing.location.url.href
  let place: PageRequest = { prefix: base + prefix, delimiter, version: 1, marker: '' }
  for (;;) {
    const { page, version } = await fetchPage(listing, place, signal)
    const { marker } = place
    for (const object of listedObjects(page.objects, { url, base, prefix, after: marker })) {
      signal?.throwIfAborted()
      yield object
    }
    signal?.throwIfAborted()
    if (!page.isTruncated) return
    const next = page.nextMarker ?? page.objects.at(-1)?.key ?? marker
    if (compareKeys(next, marker) <= 0) throw refusedEntry(url, next, 'where the page began, so the listing has no end')
    place = { ...place, version, marker: next, token: page.nextToken }
  }
}

interface PageRequest {
  readonly prefix: string
  readonly delimiter: '/' | undefined
  readonly version: 1 | 2
  /** The last key of the page before. */
  readonly marker: string
  /** Where version 2 goes on. */
  readonly token?: string | undefined
}

/** How servers that have given up version 1 answer it. */
const REFUSALS: readonly unknown[] = [400, 405, 501]

async function fetchPage(
  listing: BucketListing,
  request: PageRequest,
  signal: AbortSignal | undefined,
): Promise<{ readonly page: ListingPage; readonly version: 1 | 2 }> {
  try {
    return { page: await fetchVersion(listing, request, signal), version: request.version }
  } catch (error) {
    const isRefused = LakeError.is(error) && error.code === 'UNSUPPORTED' && REFUSALS.includes(error.details['status'])
    if (!isRefused || request.version === 2 || request.marker !== '') throw error
    const page = await fetchVersion(listing, { ...request, version: 2 }, signal).catch(() => undefined)
    signal?.throwIfAborted()
    // What the first version was told says more than that the second one failed as well.
    if (page === undefined) throw error
    return { page, version: 2 }
  }
}

async function fetchVersion(
  { client, policy, location }: BucketListing,
  request: PageRequest,
  signal: AbortSignal | undefined,
): Promise<ListingPage> {
  const { url, headers } = location
  return withRetries(policy, signal, async () => {
    const answer = await sendOnce(client, { method: 'GET', url: pageUrl(url, request), headers, signal })
    if (answer.status === 200) {
      const text = await readText(answer)
      // Loaded when it is needed: most stores have no listings to parse, and a parser of XML is many modules.
      const { parseListingPage } = await import('./listing-page.ts')
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

function pageUrl(url: URL, { prefix, delimiter, version, marker, token = '' }: PageRequest): string {
  // Some servers of this protocol take slashes only as they are, and insist on `max-keys`.
  const encode = (text: string): string => encodeURIComponent(text).replaceAll('%2F', '/')
  const from = version === 2 ? named('continuation-token', encodeURIComponent(token)) : named('marker', encode(marker))
  const query = [
    ...(version === 2 ? ['list-type=2'] : []),
    ...named('delimiter', delimiter ?? ''),
    `prefix=${encode(prefix)}`,
    ...from,
    'max-keys=1000',
  ]
  const separator = url.search === '' ? '?' : '&'
  return url.href + separator + query.join('&')
}

function named(name: string, value: string): string[] {
  return value === '' ? [] : [`${name}=${value}`]
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
