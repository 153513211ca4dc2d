import type { ArchiveListing, ArchiveQuery, ArchiveRules, ObjectInfo, ObjectStore } from '@lake/core'
import { askPage, type AskPage } from './ask-page.ts'
import { mapInOrder } from './map-in-order.ts'

/** An entry of a listing, whatever kind of listing it is. */
export interface SourceEntry {
  readonly key: string
  /** Absent when the listing does not say. */
  readonly size?: number | undefined
  readonly etag: string
}

/** How a source is listed: by itself, or by the pages of its venue. */
export interface SourceListing {
  readonly source: ObjectStore
  readonly rules: ArchiveRules
  readonly listing: ArchiveListing
  /** Where the pages of an index are, ending in `/`. */
  readonly pageUrl: string
  readonly ask: AskPage
}

export interface ListingOptions {
  readonly source: ObjectStore
  readonly rules: ArchiveRules
  readonly listingUrl?: string | undefined
  readonly askPage?: AskPage | undefined
}

/** Pages at once: enough to hide the round trip, few enough to be a polite guest. */
const PAGES_AT_ONCE = 4

/**
 * How a source is listed. The pages of a venue's index, or that it has none, say something of its own web server only: a
 * mirror in a folder or a bucket lists itself.
 */
export function sourceListing({ source, rules, listingUrl, askPage: ask = askPage }: ListingOptions): SourceListing {
  const { listing = { kind: 's3' } } = rules
  const isWeb = /^https?:/i.test(source.url)
  const isOwn = withSlash(source.url) === withSlash(rules.url)
  const pageUrl = withSlash(listingUrl ?? (isOwn ? rules.listingUrl : undefined) ?? source.url)
  return { source, rules, listing: isWeb ? listing : { kind: 's3' }, pageUrl, ask }
}

/** Everything below a prefix, in the order of the listing. */
export function listBelow(
  listing: SourceListing,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<SourceEntry, void, undefined> | AsyncIterable<ObjectInfo> {
  return listing.listing.kind === 'html-index'
    ? crawl(listing, prefix, () => true, signal)
    : listing.source.list({ prefix, signal })
}

/** The files of an HTML index below a folder; enters only folders that pass the test. */
export async function* crawl(
  listing: SourceListing,
  folder: string,
  enters: (folder: string) => boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<SourceEntry, void, undefined> {
  const { listing: pages } = listing
  if (pages.kind !== 'html-index') return
  const read = async (place: string, either: AbortSignal | undefined) => {
    const text = await listing.ask(pageAddress(listing.pageUrl, place), { signal: either })
    return text === undefined ? { files: [], next: [] } : pages.readPage(text, place)
  }

  async function* visit(page: Awaited<ReturnType<typeof read>>): AsyncGenerator<SourceEntry, void, undefined> {
    for (const { key, size } of page.files) yield { key, size, etag: '' }
    const folders = page.next.filter(enters)
    for await (const below of mapInOrder(folders, { concurrency: PAGES_AT_ONCE, work: read, signal }))
      yield* visit(below)
  }

  yield* visit(await read(folder, signal))
}

/** The files that an API names. */
export async function* askIndex(
  listing: SourceListing,
  query: ArchiveQuery,
  signal: AbortSignal | undefined,
): AsyncGenerator<SourceEntry, void, undefined> {
  const { listing: pages, pageUrl, ask } = listing
  if (pages.kind !== 'index-api') return
  const asked = new Set<string>()
  const keys = new Set<string>()
  const waiting = [...pages.firstPages(query)]
  for (let page = waiting.shift(); page !== undefined; page = waiting.shift()) {
    // A page that leads back to itself must not go on for ever.
    if (asked.has(page)) continue
    asked.add(page)
    const text = await ask(new URL(page, pageUrl).href, { signal })
    if (text === undefined) continue
    const { files, next } = pages.readPage(text, page)
    waiting.push(...next)
    for (const { key, size } of files) {
      // Spans of time and families of symbols overlap.
      if (!keys.has(key)) yield { key, size, etag: '' }
      keys.add(key)
    }
  }
}

function pageAddress(pageUrl: string, folder: string): string {
  return pageUrl + folder.split('/').map(encodeURIComponent).join('/')
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}
