import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export interface ArchiveServerOptions {
  /** What is served under `/<key>`; changes of the map show at once. */
  readonly objects: ReadonlyMap<string, Uint8Array>
  /** Keys a listing page; 1000 when absent. */
  readonly pageKeys?: number | undefined
  /** False answers a listing with an HTML page, as a plain web server does. */
  readonly lists?: boolean | undefined
  /** Called first for every request; true when it has answered, or means to leave the request hanging. */
  readonly intercept?: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined
}

export interface ArchiveServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>/`, where the listing is served too. */
  readonly url: string
  /** Method and path of every request so far, as in `GET /?prefix=a`. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

/**
 * A web server on 127.0.0.1 that answers like an exchange's public archive on S3: objects with ranges, etags and
 * conditions, and listing pages of the ListObjects protocol, versions 1 and 2.
 *
 * @example
 * await using server = await startArchiveServer({ objects: new Map([['data/a.zip', bytes]]) })
 * const store = openStore(server.url)
 */
export async function startArchiveServer(options: ArchiveServerOptions): Promise<ArchiveServer> {
  const { objects, pageKeys = 1000, lists = true, intercept } = options
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`)
    if (intercept?.(request, response) === true) return
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (url.pathname !== '/') answerObject(objects, request, response, decodeURIComponent(url.pathname.slice(1)))
    else if (lists) response.setHeader('content-type', 'application/xml').end(listingPage(objects, url, pageKeys))
    else response.setHeader('content-type', 'text/html').end('<!DOCTYPE html><html><body>An archive</body></html>')
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) }) // prettier-ignore
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const close = async (): Promise<void> => {
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  }
  return { url: `http://127.0.0.1:${port}/`, requests, close, [Symbol.asyncDispose]: close }
}

function answerObject(
  objects: ReadonlyMap<string, Uint8Array>,
  request: IncomingMessage,
  response: ServerResponse,
  key: string,
): void {
  const bytes = objects.get(key)
  if (bytes === undefined) {
    response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
    return
  }
  const etag = etagOf(bytes)
  const ifMatch = request.headers['if-match']
  if (ifMatch !== undefined && ifMatch !== etag) {
    response.writeHead(412).end()
    return
  }
  response.setHeader('etag', etag).setHeader('last-modified', new Date(LAST_MODIFIED).toUTCString())
  const range =
    request.headers['if-range'] === undefined || request.headers['if-range'] === etag ? rangeOf(request) : undefined
  if (range !== undefined && range.start >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
    return
  }
  const { start, end } = { start: range?.start ?? 0, end: Math.min(range?.end ?? bytes.length, bytes.length) }
  if (range !== undefined) response.setHeader('content-range', `bytes ${start}-${end - 1}/${bytes.length}`)
  response.writeHead(range === undefined ? 200 : 206, { 'content-length': end - start })
  response.end(request.method === 'HEAD' ? undefined : bytes.subarray(start, end))
}

const LAST_MODIFIED = Date.UTC(2024, 0, 2, 3, 4, 5)

function etagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`
}

function rangeOf(request: IncomingMessage): { readonly start: number; readonly end: number } | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  if (match === null) return undefined
  const last = match[2] === '' ? Infinity : Number(match[2])
  return { start: Number(match[1]), end: last + 1 }
}

/** A ListBucketResult: the entries after `marker`, or after the `continuation-token`, in the order of their UTF-8 bytes. */
function listingPage(objects: ReadonlyMap<string, Uint8Array>, url: URL, pageKeys: number): string {
  const { searchParams } = url
  const isSecond = searchParams.get('list-type') === '2'
  const prefix = searchParams.get('prefix') ?? ''
  const delimiter = searchParams.get('delimiter') ?? ''
  const marker = Buffer.from(searchParams.get(isSecond ? 'continuation-token' : 'marker') ?? '')
  const limit = Math.min(Number(searchParams.get('max-keys') ?? pageKeys), pageKeys)
  const entries = new Map<string, Uint8Array | undefined>()
  for (const [key, bytes] of objects) {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    if (key.startsWith(prefix)) entries.set(end < 0 ? key : key.slice(0, end + 1), end < 0 ? bytes : undefined)
  }
  const rest = [...entries]
    .map(([key, bytes]) => ({ key, name: Buffer.from(key), bytes }))
    .filter(({ name }) => Buffer.compare(name, marker) > 0)
    .sort((a, b) => Buffer.compare(a.name, b.name))
  const page = rest.slice(0, limit)
  const last = page.at(-1)?.key ?? ''
  const next = isSecond
    ? `<NextContinuationToken>${escapeXml(last)}</NextContinuationToken>`
    : delimiter === ''
      ? ''
      : `<NextMarker>${escapeXml(last)}</NextMarker>`
  const contents = page.map(({ key, bytes }) =>
    bytes === undefined
      ? `<CommonPrefixes><Prefix>${escapeXml(key)}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${escapeXml(key)}</Key><LastModified>${new Date(LAST_MODIFIED).toISOString()}</LastModified>` +
        `<ETag>${escapeXml(etagOf(bytes))}</ETag><Size>${bytes.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  )
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    `<Name>archive</Name><Prefix>${escapeXml(prefix)}</Prefix><Marker></Marker><MaxKeys>${limit}</MaxKeys>` +
    `<IsTruncated>${String(rest.length > limit)}</IsTruncated>${rest.length > limit ? next : ''}${contents.join('')}</ListBucketResult>`
  )
}

function escapeXml(text: string): string {
  const named = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
  return named.replaceAll('\r', '&#13;')
}
