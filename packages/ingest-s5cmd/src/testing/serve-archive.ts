import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { LakeError, type ObjectStore } from '@lake/core'
import { fileStore } from '@lake/storage'
import { answerRequest, type ArchiveAnswer, type ArchiveRequest, BUCKET, errorAnswer } from './answer-request.ts'
import { type ArchiveFault, createFaultPicker, type FaultPicker } from './archive-fault.ts'
import { sendAnswer } from './send-answer.ts'

export interface ServeOptions {
  /** What it serves: a folder … */
  readonly root?: string | undefined
  /** … or a store. One of the two. */
  readonly store?: ObjectStore | undefined
  /** Listed keys a page at most. Default 1000, as S3 has it. */
  readonly pageSize?: number | undefined
  /** False for a web server that has files but, at its root, a page for people. Default true. */
  readonly hasListing?: boolean | undefined
  /** Milliseconds before each answer. Default 0. */
  readonly latency?: number | undefined
  readonly faults?: readonly ArchiveFault[] | undefined
}

/** One request that the server got. */
export interface ServedRequest extends ArchiveRequest {
  /** 0 while there is no answer. */
  status: number
  /** Of the body that was sent so far. */
  bytes: number
}

export interface ArchiveServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string
  /** In the order of arrival; grows with each one. */
  readonly requests: readonly Readonly<ServedRequest>[]
  /** Breaks what is open and frees the port. */
  close(): Promise<void>
}

/**
 * A web server on 127.0.0.1 that answers like Binance's public archive: objects under their keys, with ETag, ranges
 * and If-Match; S3's XML listing (ListObjects version 1) at the root; the same below `/data.binance.vision`, as the
 * listing host has it; S3's XML for errors. Faults are injected on wish, and every request is on record.
 *
 * @throws {@link LakeError} `BAD_REQUEST` unless one of `root` and `store` is given.
 *
 * @example
 * const server = await serveArchive({ root: 'fixtures/archive', pageSize: 3 })
 * const source = httpStore({ url: server.url, listingUrl: `${server.url}/data.binance.vision` })
 * await server.close()
 */
export async function serveArchive(options: ServeOptions): Promise<ArchiveServer> {
  const store = storeOf(options)
  const pickFault = createFaultPicker(options.faults ?? [])
  const requests: ServedRequest[] = []
  const server = createServer((request, response) => {
    serve({ request, response, options, store, pickFault, requests }).catch(() => {
      // The client went away, or the store failed in the middle of a body: nothing can be said any more.
      response.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): Promise<void> => closeServer(server)
  return { url: urlOf(server), requests, close, [Symbol.asyncDispose]: close }
}

function storeOf({ root, store }: ServeOptions): ObjectStore {
  if (store !== undefined && root === undefined) return store
  if (root !== undefined && store === undefined) return fileStore({ root })
  throw new LakeError('BAD_REQUEST', 'Give either a root or a store to serve.')
}

interface Serving {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly options: ServeOptions
  readonly store: ObjectStore
  readonly pickFault: FaultPicker
  readonly requests: ServedRequest[]
}

async function serve({ request, response, options, store, pickFault, requests }: Serving): Promise<void> {
  const { pageSize = 1000, hasListing = true, latency = 0 } = options
  const asked = readRequest(request)
  const record: ServedRequest = { ...asked, status: 0, bytes: 0 }
  requests.push(record)
  const fault = pickFault({ method: asked.method, key: asked.key === '' ? (asked.query['prefix'] ?? '') : asked.key })
  if (latency > 0) await sleep(latency)
  const answer = failedAnswer(asked, fault) ?? (await answerRequest(asked, { store, pageSize, hasListing }))
  record.status = answer.status
  const onBytes = (bytes: number): void => {
    record.bytes += bytes
  }
  await sendAnswer(response, answer, { isHead: asked.method === 'HEAD', fault, onBytes })
}

function readRequest({ method = 'GET', url = '/', headers }: IncomingMessage): ArchiveRequest {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1')
  const path = decoded(pathname.slice(1))
  const key = path === BUCKET || path.startsWith(`${BUCKET}/`) ? path.slice(BUCKET.length + 1) : path
  return { method, key, query: Object.fromEntries(searchParams), range: headers.range, ifMatch: headers['if-match'] }
}

/** What is not percent-encoded correctly stands for itself, and no object has such a key. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function failedAnswer({ key }: ArchiveRequest, fault: ArchiveFault | undefined): ArchiveAnswer | undefined {
  if (fault?.kind !== 'status') return undefined
  const { status, retryAfterSeconds } = fault
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  return errorAnswer(status, 'InjectedFault', key, headers)
}

function urlOf(server: Server): string {
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
