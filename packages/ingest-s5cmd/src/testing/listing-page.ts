import { type ObjectInfo, type ObjectStore } from '@lake/core'

export interface ListingRequest {
  readonly prefix: string
  readonly marker: string
  /** Empty for none. */
  readonly delimiter: string
  readonly maxKeys: number
}

/** One page of a bucket's listing as S3's ListObjects (version 1) writes it. */
export async function listingPage(store: ObjectStore, bucket: string, request: ListingRequest): Promise<string> {
  const { prefix, marker, delimiter, maxKeys } = request
  const page = await collectPage(store, request)
  // S3 gives NextMarker only with a delimiter; without one the last key is the marker.
  const nextMarker = page.isTruncated && delimiter !== '' ? element('NextMarker', page.last) : ''
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    element('Name', bucket) +
    element('Prefix', prefix) +
    element('Marker', marker) +
    nextMarker +
    element('MaxKeys', String(maxKeys)) +
    (delimiter === '' ? '' : element('Delimiter', delimiter)) +
    element('IsTruncated', String(page.isTruncated)) +
    page.contents.map(contentsElement).join('') +
    page.folders.map((folder) => `<CommonPrefixes>${element('Prefix', folder)}</CommonPrefixes>`).join('') +
    '</ListBucketResult>'
  )
}

/** The XML of an S3 error. */
export function errorPage(code: string, message: string, key: string): string {
  const body = element('Code', code) + element('Message', message) + element('Key', key)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${body}</Error>`
}

interface Page {
  readonly contents: ObjectInfo[]
  readonly folders: string[]
  /** The last key or folder of the page. */
  last: string
  isTruncated: boolean
}

async function collectPage(store: ObjectStore, request: ListingRequest): Promise<Page> {
  const { prefix, marker, delimiter, maxKeys } = request
  const page: Page = { contents: [], folders: [], last: '', isTruncated: false }
  for await (const info of store.list({ prefix })) {
    const end = delimiter === '' ? -1 : info.key.indexOf(delimiter, prefix.length)
    const entry = end < 0 ? info.key : info.key.slice(0, end + delimiter.length)
    // A folder that was the last entry of the page before covers all that is in it.
    if (entry === page.last || !follows(entry, marker)) continue
    if (page.contents.length + page.folders.length >= maxKeys) {
      page.isTruncated = true
      break
    }
    page.last = entry
    if (end < 0) page.contents.push(info)
    else page.folders.push(entry)
  }
  return page
}

/** S3 orders keys by their UTF-8 bytes. */
function follows(key: string, marker: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(marker)) > 0
}

function contentsElement({ key, size, etag, lastModified }: ObjectInfo): string {
  return (
    '<Contents>' +
    element('Key', key) +
    element('LastModified', new Date(lastModified / 1000).toISOString()) +
    element('ETag', `"${etag}"`) +
    element('Size', String(size)) +
    element('StorageClass', 'STANDARD') +
    '</Contents>'
  )
}

function element(name: string, text: string): string {
  const escaped = text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
  return `<${name}>${escaped}</${name}>`
}
