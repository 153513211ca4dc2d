import type { OutgoingHttpHeaders } from 'node:http'
import { LakeError, type ObjectInfo, type ObjectStore } from '@lake/core'
import { parseByteRange } from './byte-range.ts'
import { errorPage, listingPage } from './listing-page.ts'

/** What a request asks for. */
export interface ArchiveRequest {
  readonly method: string
  /** Decoded, without the bucket; empty for a listing. */
  readonly key: string
  readonly query: Readonly<Record<string, string>>
  readonly range?: string | undefined
  readonly ifMatch?: string | undefined
}

/** What is sent back. */
export interface ArchiveAnswer {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  readonly length: number
  readonly body: AsyncIterable<Uint8Array>
}

export interface AnswerOptions {
  readonly store: ObjectStore
  readonly pageSize: number
  readonly hasListing: boolean
}

export const BUCKET = 'data.binance.vision'

/** The answer to a request, as the public archive gives it. */
export async function answerRequest(request: ArchiveRequest, options: AnswerOptions): Promise<ArchiveAnswer> {
  const { method, key } = request
  if (method !== 'GET' && method !== 'HEAD') return errorAnswer(405, 'MethodNotAllowed', key)
  try {
    if (key === '') return options.hasListing ? await listing(request, options) : webPage()
    return await object(request, options.store)
  } catch (error) {
    const isRefused = LakeError.is(error) && error.code === 'BAD_REQUEST'
    return isRefused ? errorAnswer(400, 'InvalidURI', key) : errorAnswer(500, 'InternalError', key)
  }
}

/** The XML that S3 sends with an error status. */
export function errorAnswer(
  status: number,
  code: string,
  key: string,
  headers: OutgoingHttpHeaders = {},
): ArchiveAnswer {
  return xmlAnswer(status, errorPage(code, `The request was refused with ${status}.`, key), headers)
}

async function listing({ query }: ArchiveRequest, { store, pageSize }: AnswerOptions): Promise<ArchiveAnswer> {
  const { prefix = '', marker = '', delimiter = '' } = query
  const maxKeys = Math.min(Number(query['max-keys'] ?? 1000), 1000, pageSize)
  return xmlAnswer(200, await listingPage(store, BUCKET, { prefix, marker, delimiter, maxKeys }))
}

async function object(request: ArchiveRequest, store: ObjectStore): Promise<ArchiveAnswer> {
  const { key, ifMatch } = request
  const info = await store.head(key)
  if (info === undefined) return errorAnswer(404, 'NoSuchKey', key)
  const headers = objectHeaders(info)
  if (ifMatch !== undefined && ifMatch !== headers.etag) return errorAnswer(412, 'PreconditionFailed', key)
  const range = parseByteRange(request.range, info.size)
  if (range === 'unsatisfiable') {
    return errorAnswer(416, 'InvalidRange', key, { 'content-range': `bytes */${info.size}` })
  }
  const body = bodyOf(store, key, range)
  if (range === undefined) return { status: 200, headers, length: info.size, body }
  const { start, end } = range
  const contentRange = `bytes ${start}-${end - 1}/${info.size}`
  return { status: 206, headers: { ...headers, 'content-range': contentRange }, length: end - start, body }
}

function objectHeaders({ etag, lastModified }: ObjectInfo): OutgoingHttpHeaders {
  return {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'last-modified': new Date(lastModified / 1000).toUTCString(),
    etag: `"${etag}"`,
  }
}

/** Opens the object when its first byte is read: never for a HEAD. */
async function* bodyOf(
  store: ObjectStore,
  key: string,
  range: { readonly start: number; readonly end: number } | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { body } = await store.get(key, { range })
  yield* body
}

/** What a web server shows at its root. */
function webPage(): ArchiveAnswer {
  return textAnswer(200, '<!DOCTYPE html><html><body>An archive</body></html>', { 'content-type': 'text/html' })
}

function xmlAnswer(status: number, xml: string, headers: OutgoingHttpHeaders = {}): ArchiveAnswer {
  return textAnswer(status, xml, { ...headers, 'content-type': 'application/xml' })
}

function textAnswer(status: number, text: string, headers: OutgoingHttpHeaders): ArchiveAnswer {
  const bytes = Buffer.from(text)
  return { status, headers, length: bytes.length, body: only(bytes) }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
}
