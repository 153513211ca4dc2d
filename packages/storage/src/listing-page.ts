import { LakeError, type ObjectInfo } from '@lake/core'
import { XMLParser } from 'fast-xml-parser'
import { etagOf, microsOfDate } from './http-object.ts'
import { compareKeys } from './key-order.ts'
import { cutContents, type ListedContents } from './listed-contents.ts'

/** One page of the S3 protocol ListObjects, version 1 or 2. */
export interface ListingPage {
  /** In the order of their keys' UTF-8 bytes; the keys are those of the bucket. Folders end in a slash. */
  readonly objects: readonly ListedObject[]
  readonly isTruncated: boolean
  readonly nextMarker: string | undefined
  /** Version 2 only. */
  readonly nextToken: string | undefined
}

interface ListedObject extends ObjectInfo {
  /** True for what stands for all keys below it, not for an object of that name. */
  readonly isFolder: boolean
}

/**
 * Reads a listing page; `undefined` when the text is something else, such as an HTML page.
 *
 * @throws {@link LakeError} `UNAVAILABLE` when the page breaks off, `STORE_FAILED` when an entry is not understood.
 */
export function parseListingPage(text: string, url: string): ListingPage | undefined {
  if (!ROOT.test(text)) return undefined
  if (!text.trimEnd().endsWith('</ListBucketResult>')) {
    throw new LakeError('UNAVAILABLE', `The listing at ${url} breaks off. Try again later.`, { details: { url } })
  }
  // `htmlEntities` stands for numeric references, which S3 writes for control characters.
  const parser = new XMLParser({ parseTagValue: false, trimValues: false, htmlEntities: true, isArray: isEntry })
  const cut = cutContents(text)
  const page = member(parser.parse(cut?.rest ?? text), 'ListBucketResult')
  const contents =
    cut?.contents ??
    entriesOf(page, 'Contents').map((entry) => ({
      key: textOf(entry, 'Key'),
      size: textOf(entry, 'Size'),
      etag: textOf(entry, 'ETag'),
      lastModified: textOf(entry, 'LastModified'),
    }))
  const objects = contents.map((entry) => objectOf(entry, url))
  const folders = entriesOf(page, 'CommonPrefixes').map((entry) => folderOf(entry, url))
  return {
    objects: [...objects, ...folders].sort((a, b) => compareKeys(a.key, b.key)),
    isTruncated: textOf(page, 'IsTruncated') === 'true',
    nextMarker: textOf(page, 'NextMarker'),
    nextToken: textOf(page, 'NextContinuationToken'),
  }
}

// Nothing but a declaration may come first: no document type, hence no entities that somebody else defines.
const ROOT = /^\s*(<\?xml[^>]*>\s*)?<ListBucketResult[\s>]/

function isEntry(name: string): boolean {
  return name === 'Contents' || name === 'CommonPrefixes'
}

function entriesOf(page: unknown, name: string): unknown[] {
  const entries = member(page, name)
  return Array.isArray(entries) ? entries : []
}

function folderOf(entry: unknown, url: string): ListedObject {
  const key = textOf(entry, 'Prefix')
  if (key !== undefined) return { key, size: 0, etag: '', lastModified: 0, isFolder: true }
  const message = `The listing at ${url} has a folder without a name. Nothing of this page was used.`
  throw new LakeError('STORE_FAILED', message, { details: { url } })
}

function objectOf({ key = '', size = '', etag, lastModified }: ListedContents, url: string): ListedObject {
  if (key === '' || !/^\d+$/.test(size)) {
    const message = `The listing at ${url} has an entry with key '${key}' and size '${size}'. Nothing of this page was used.`
    throw new LakeError('STORE_FAILED', message, { details: { url, key, size } })
  }
  return { key, size: Number(size), etag: etagOf(etag), lastModified: microsOfDate(lastModified), isFolder: false }
}

/** The text of a child element; `undefined` when it is absent or empty. */
function textOf(element: unknown, name: string): string | undefined {
  const text = member(element, name)
  return typeof text === 'string' && text !== '' ? text : undefined
}

function member(value: unknown, name: string): unknown {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return found
}
