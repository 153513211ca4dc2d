import { type GetOptions, LakeError, type ObjectInfo, type ObjectStore, type StoredObject } from '@lake/core'
import { bodyChunks } from './body-chunks.ts'
import { type ByteRange, clampRange, requestedRange } from './byte-range.ts'
import { resumedBody } from './http-body.ts'
import { listBucket } from './http-listing.ts'
import { decodeText, parseLocation } from './http-location.ts'
import { describedObject, etagCondition, objectInfo } from './http-object.ts'
import { type HttpAnswer, type HttpRequest, sendOnce } from './http-request.ts'
import { statusError } from './http-status.ts'
import { checkKey } from './object-key.ts'
import { environmentFetch } from './proxy.ts'
import { checkMatch } from './put-condition.ts'
import { withRetries } from './retry.ts'

export interface HttpStoreOptions {
  /** Where the objects are: the object `a/b` is at `<url>/a/b`. `user:password@` is sent as Basic authorization. */
  readonly url: string
  /** Where the S3 listing is served, when that is another place than `url`. */
  readonly listingUrl?: string | undefined
  /** Used in place of the global `fetch`, and of the proxy variables, which are honoured without it. */
  readonly fetch?: typeof fetch | undefined
  /** How often a temporary failure is tried again; 5 when absent. */
  readonly retries?: number | undefined
  /** The pause before the first retry, doubled each time; 250 when absent. */
  readonly backoffMillis?: number | undefined
  /** How long to wait for an answer and for each chunk of a body; 30 000 when absent. */
  readonly timeoutMillis?: number | undefined
}

/**
 * A web server to read from: a public archive, an S3 bucket, any server of files. Broken transfers are resumed, and a
 * body is never shorter than it should be without an error.
 *
 * `list` needs a server that speaks the S3 protocol ListObjects. When the listing is at another place than the objects,
 * its keys are taken for the path of `url`, or for what that path has more than the path of a `listingUrl` on the same host.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when a URL is none, or `url` has a query. From its methods, as `ObjectStore`
 *   says; `UNSUPPORTED` when the server has no S3 listing or compresses what it sends; `READ_ONLY` from put and delete.
 *
 * @example
 * const store = httpStore({ url: 'https://data.binance.vision', listingUrl: 'https://s3-ap-northeast-1.amazonaws.com/data.binance.vision' })
 * for await (const { key, size } of store.list({ prefix: 'data/spot/daily/klines/BTCUSDT/1m/' })) console.log(key, size)
 */
export function httpStore(options: HttpStoreOptions): ObjectStore {
  const { retries = 5, backoffMillis = 250, timeoutMillis = 30_000 } = options
  const client = { fetch: options.fetch ?? environmentFetch(), timeoutMillis }
  const policy = { retries, backoffMillis }
  const location = parseLocation(options.url)
  if (location.url.search !== '') {
    throw new LakeError(
      'BAD_REQUEST',
      `The url of a store has no query: ${location.url.origin}${location.url.pathname} has one.`,
    )
  }
  if (!location.url.pathname.endsWith('/')) location.url.pathname += '/'
  const listingLocation = options.listingUrl === undefined ? location : parseLocation(options.listingUrl)
  const listing = { client, policy, location: listingLocation, base: keyBase(location.url, listingLocation.url) }

  function urlOf(key: string): string {
    checkKey(key)
    return location.url.href + key.split('/').map(encodeURIComponent).join('/')
  }

  /** Asks for an object until there is an answer, which is 200, 206 or 416. */
  async function ask(
    method: HttpRequest['method'],
    url: string,
    headers: HttpRequest['headers'],
    signal: AbortSignal | undefined,
  ): Promise<HttpAnswer> {
    return withRetries(policy, signal, async () => {
      const answer = await sendOnce(client, { method, url, headers: { ...location.headers, ...headers }, signal })
      if (answer.status === 200 || answer.status === 206 || answer.status === 416) return answer
      answer.close()
      throw statusError(url, answer.status, answer.headers)
    })
  }

  async function look(key: string, signal: AbortSignal | undefined): Promise<ObjectInfo> {
    const url = urlOf(key)
    const answer = await ask('HEAD', url, {}, signal).catch(refusedMethod)
    answer?.close()
    const object = answer && describedObject(key, url, answer)
    if (object !== undefined) return object.info
    // The server does not tell without the body, so begin to read it.
    const { info, body } = await read(key, { signal })
    for await (const _ of body) break
    return info
  }

  async function read(key: string, { range, ifMatch, signal }: GetOptions): Promise<StoredObject> {
    const url = urlOf(key)
    const requested = requestedRange(range)
    const condition = etagCondition(ifMatch)
    const headers = { ...rangeHeader(requested), ...(condition === undefined ? {} : { 'if-match': condition }) }
    const answer = requested.start === requested.end ? undefined : await ask('GET', url, headers, signal)
    if (answer === undefined || answer.status === 416) {
      // No bytes, or none of this object: there is nothing to read but what it is.
      answer?.close()
      const info = await look(key, signal)
      checkMatch(info, ifMatch)
      return { info, body: bodyChunks(new Uint8Array(0), signal) }
    }
    try {
      return await received(key, answer, requested, { ifMatch, signal })
    } catch (error) {
      answer.close()
      throw error
    }
  }

  async function received(
    key: string,
    answer: HttpAnswer,
    requested: ByteRange,
    { ifMatch, signal }: GetOptions,
  ): Promise<StoredObject> {
    const url = urlOf(key)
    const object = describedObject(key, url, answer)
    if (object === undefined && answer.status === 200) {
      const bytes = await collectUnmeasured(url, answer)
      const info = objectInfo(key, bytes.length, answer.headers)
      checkMatch(info, ifMatch)
      const { start, end } = clampRange(requested, bytes.length)
      return { info, body: bodyChunks(bytes.subarray(start, end), signal) }
    }
    if (object === undefined || object.start > requested.start) throw wrongPart(url, answer)
    checkMatch(object.info, ifMatch)
    const range = clampRange(requested, object.info.size)
    const again = async (headers: HttpRequest['headers']): Promise<HttpAnswer> => ask('GET', url, headers, signal)
    return { info: object.info, body: resumedBody({ url, object, answer, range, policy, signal, ask: again }) }
  }

  return {
    url: location.url.href,

    list(listOptions = {}) {
      return listBucket(listing, listOptions)
    },

    async head(key, { signal } = {}) {
      try {
        return await look(key, signal)
      } catch (error) {
        if (LakeError.is(error) && error.code === 'NOT_FOUND') return undefined
        throw error
      }
    },

    async get(key, getOptions = {}) {
      return read(key, getOptions)
    },

    async put(key) {
      return Promise.reject(readOnly(location.url, key))
    },

    async delete(key) {
      return Promise.reject(readOnly(location.url, key))
    },
  }
}

/** What the keys of the bucket have before those of the store. */
function keyBase(url: URL, listing: URL): string {
  const listed = listing.pathname.endsWith('/') ? listing.pathname : `${listing.pathname}/`
  const isBelow = url.origin === listing.origin && url.pathname.startsWith(listed)
  return decodeText(url.pathname.slice(isBelow ? listed.length : 1))
}

function rangeHeader({ start, end }: ByteRange): HttpRequest['headers'] {
  if (start === 0 && end === Infinity) return {}
  return { range: `bytes=${start}-${end === Infinity ? '' : end - 1}` }
}

/** Servers that do not know HEAD say so with one of two statuses. */
function refusedMethod(error: unknown): undefined {
  const status = LakeError.is(error) ? error.details['status'] : undefined
  if (status !== 405 && status !== 501) throw error
}

/** The longest body that is taken without an announced length, since it has to be read before its size can be told. */
const UNMEASURED_BYTES = 67_108_864

async function collectUnmeasured(url: string, answer: HttpAnswer): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer.chunks()) {
    chunks.push(chunk)
    size += chunk.length
    if (size > UNMEASURED_BYTES) {
      const message = `${url} does not tell how long it is and is longer than ${UNMEASURED_BYTES} bytes. Use another mirror.`
      throw new LakeError('UNSUPPORTED', message, { details: { url } })
    }
  }
  return Buffer.concat(chunks)
}

function wrongPart(url: string, { headers }: HttpAnswer): LakeError {
  const contentRange = headers.get('content-range') ?? ''
  const message = `${url} answered with the part '${contentRange}', which was not asked for. Use another mirror.`
  return new LakeError('STORE_FAILED', message, { details: { url, contentRange } })
}

function readOnly(url: URL, key: string): LakeError {
  return new LakeError(
    'READ_ONLY',
    `${url.href} is only read from: '${key}' was not changed. Write to another store.`,
    {
      details: { url: url.href, key },
    },
  )
}
