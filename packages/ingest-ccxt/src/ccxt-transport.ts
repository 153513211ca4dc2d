import { LakeError, type LakeErrorCode } from '@lake/core'
import { type Credentials, type CredentialsSource, environmentCredentials, redact } from './credentials.ts'
import { type CcxtExchange, type CcxtResponse, loadCcxt } from './load-ccxt.ts'
import { type FlatRows, scanFlatRows } from './flat-rows.ts'
import { hasLongNumber } from './long-number.ts'
import { moveAddress } from './move-address.ts'
import { promptLookup } from './prompt-lookup.ts'
import { raceAbort } from './race-abort.ts'
import type { RestReply, RestTransport } from './rest-transport.ts'

/*
 * ccxt knows each venue's addresses, error words and signatures, and keeps connections open. Its answers are caught in
 * `handleRestResponse`, which every implicit method gives back as it is: there the bytes are still those of the venue,
 * and they are read once for bronze, for ccxt's own judgement of errors, and for the walk. A list of rows has no words
 * of an error in it, so ccxt judges it by its status, over an empty list.
 */

export interface CcxtTransportOptions {
  /** Scheme and host that take the place of the venue's own in all its addresses, as in `http://127.0.0.1:8080`. */
  readonly baseUrl?: string | undefined
  /** How long an answer may take, in milliseconds. @default 20_000 */
  readonly timeoutMillis?: number | undefined
  /** How long the servers of names may be silent, in milliseconds. @default as long as the platform waits */
  readonly lookupMillis?: number | undefined
  /** Keys, where a venue wants them. @default the environment's */
  readonly credentials?: CredentialsSource | undefined
  /** Further settings of ccxt's instances, such as `{ httpsProxy: 'http://127.0.0.1:3128' }`. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Requests of `ccxt` endpoints by the implicit methods of ccxt's exchanges, which are loaded when first needed.
 * ccxt's own rate limiter is off: budgets are kept by a {@link RateLimiter}.
 *
 * @example
 * const transport = ccxtTransport({ credentials: () => undefined })
 */
export function ccxtTransport(options: CcxtTransportOptions = {}): RestTransport {
  const clients = new Map<string, Promise<Client>>()
  const clientOf = (exchange: string): Promise<Client> => {
    const client = clients.get(exchange) ?? openClient(exchange, options)
    clients.set(exchange, client)
    // What failed is tried anew.
    client.catch(() => clients.delete(exchange))
    return client
  }
  return {
    async send({ endpoint, parameters, signal }) {
      signal?.throwIfAborted()
      if (endpoint.kind !== 'ccxt') throw new LakeError('UNSUPPORTED', `ccxt has no endpoint ${endpoint.url}.`)
      const { exchange, credentials } = await clientOf(endpoint.exchange)
      const method: unknown = Reflect.get(exchange, endpoint.method)
      if (typeof method !== 'function') {
        throw new LakeError('UNSUPPORTED', `ccxt's ${endpoint.exchange} has no method ${endpoint.method}.`)
      }
      try {
        const reply: unknown = await raceAbort(Promise.resolve(Reflect.apply(method, exchange, [parameters])), signal)
        if (isReply(reply)) return reply
      } catch (error) {
        signal?.throwIfAborted()
        throw failure(error, `${endpoint.exchange}.${endpoint.method}`, credentials)
      }
      throw new LakeError('UNSUPPORTED', `${endpoint.exchange}.${endpoint.method} is no request over HTTP.`)
    },
    async close() {
      for (const client of await Promise.allSettled(clients.values())) {
        if (client.status === 'fulfilled') await client.value.exchange.fetchDispatcher?.destroy()
      }
      clients.clear()
    },
  }
}

interface Client {
  readonly exchange: CcxtExchange
  readonly credentials: Credentials | undefined
}

async function openClient(name: string, options: CcxtTransportOptions): Promise<Client> {
  const {
    baseUrl,
    timeoutMillis = 20_000,
    lookupMillis,
    credentials: source = environmentCredentials,
    settings,
  } = options
  const [Exchange, credentials] = await Promise.all([loadCcxt(name), source(name)])
  const exchange = new Exchange({ ...settings, ...credentials, enableRateLimit: false, timeout: timeoutMillis })
  if (baseUrl !== undefined) exchange.urls = { ...exchange.urls, api: moveAll(exchange.urls['api'], baseUrl) }
  // ccxt's own timeout ends with the headers; a body can stall for five minutes after them.
  const connection = exchange.getDispatcherOptions.bind(exchange)
  exchange.getDispatcherOptions = (isPlainAgent) => {
    const given = { ...connection(isPlainAgent), bodyTimeout: timeoutMillis }
    // A proxy looks up names itself.
    if (lookupMillis === undefined || isPlainAgent !== true) return given
    return { ...given, connect: { ...Object(connection(isPlainAgent)['connect']), lookup: promptLookup(lookupMillis) } }
  }
  // ccxt looks at every number of an answer for digits that a double has lost; most texts cannot have any.
  const parseSafely = exchange.parseJson.bind(exchange)
  exchange.parseJson = (text) => (text.length < LONG_BODY || hasLongNumber(text) ? parseSafely(text) : parseJson(text))
  const judge = exchange.handleRestResponse.bind(exchange)
  exchange.handleRestResponse = (response, ...request) => readReply(response, request, judge, credentials)
  return { exchange, credentials }
}

/** ccxt keeps the addresses of a venue as texts in nested objects. */
export function moveAll(urls: unknown, baseUrl: string): unknown {
  if (typeof urls === 'string') return moveAddress(urls, baseUrl)
  if (typeof urls !== 'object' || urls === null) return urls
  return Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, moveAll(url, baseUrl)]))
}

/** Marks what {@link readReply} made, among whatever else a method of ccxt may give. */
const REPLY: unique symbol = Symbol('reply')

interface CcxtReply extends RestReply {
  readonly [REPLY]: true
}

function isReply(value: unknown): value is CcxtReply {
  return typeof value === 'object' && value !== null && REPLY in value
}

async function readReply(
  response: CcxtResponse,
  request: readonly unknown[],
  judge: CcxtExchange['handleRestResponse'],
  credentials: Credentials | undefined,
): Promise<CcxtReply> {
  const received = await response.arrayBuffer()
  const body = received instanceof Uint8Array ? received : new Uint8Array(received)
  const { status, statusText, headers } = response
  const flatRows = body.length < LONG_BODY ? undefined : scanFlatRows(body)
  const text = flatRows === undefined ? textOf(body) : '[]'
  const reply = { [REPLY]: true, status, headers: plainHeaders(headers), body } as const
  try {
    const told = {
      status,
      statusText,
      headers,
      text: () => Promise.resolve(text),
      arrayBuffer: () => Promise.resolve(body),
    }
    const json = await judge(told, ...request)
    if (flatRows !== undefined) return flatReply(reply, flatRows)
    // ccxt gives the text where it found no JSON, or nothing in it.
    return { ...reply, json: typeof json === 'string' ? parseJson(text) : json }
  } catch (error) {
    const message = redact(error instanceof Error ? error.message : String(error), credentials)
    return { ...reply, json: parseJson(textOf(body)), refusal: { code: codeOf(error), message } }
  }
}

function flatReply(reply: Omit<CcxtReply, 'json'>, flatRows: FlatRows): CcxtReply {
  let parsed: { readonly json: unknown } | undefined
  return {
    ...reply,
    flatRows,
    get json() {
      parsed ??= { json: parseJson(textOf(reply.body)) }
      return parsed.json
    },
  }
}

/** Several times faster than a TextDecoder. */
function textOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.length).toString()
}

/** Headers by lower-case name. */
export function plainHeaders(headers: unknown): Record<string, string> {
  const entries: Iterable<readonly [string, unknown]> =
    headers instanceof Headers ? headers.entries() : Object.entries(headers ?? {})
  const plain: Record<string, string> = {}
  for (const [name, value] of entries) {
    plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value)
  }
  return plain
}

/** The JSON of a text; `undefined` when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Below it there is nothing to gain. */
const LONG_BODY = 10_000

/** ccxt's classes of errors, the special before the general, and what they mean to the lake. */
const MEANINGS: readonly (readonly [string, LakeErrorCode])[] = [
  ['DDoSProtection', 'RATE_LIMITED'],
  ['RateLimitExceeded', 'RATE_LIMITED'],
  ['NetworkError', 'UNAVAILABLE'],
  ['OperationFailed', 'UNAVAILABLE'],
  ['RestrictedLocation', 'BLOCKED_REGION'],
  ['BadSymbol', 'NOT_FOUND'],
  ['AuthenticationError', 'NO_PERMISSION'],
  ['NotSupported', 'UNSUPPORTED'],
  ['BaseError', 'BAD_REQUEST'],
]

/** What an error of ccxt's means. */
export function codeOf(error: unknown): LakeErrorCode {
  const names = new Set<string>()
  for (let at: unknown = error; at instanceof Object; at = Object.getPrototypeOf(at)) names.add(at.constructor.name)
  // What is no error of ccxt's comes from the connection.
  return MEANINGS.find(([name]) => names.has(name))?.[1] ?? 'UNAVAILABLE'
}

/** Without ccxt's error as the cause: it may hold an address with a key in it. */
export function failure(error: unknown, method: string, credentials: Credentials | undefined): LakeError {
  const code = codeOf(error)
  const message = redact(error instanceof Error ? error.message : String(error), credentials)
  const advice =
    code === 'NO_PERMISSION'
      ? ` Give a key by ${method.split('.')[0]?.toUpperCase() ?? ''}_API_KEY, or by the option 'credentials'.`
      : ''
  return new LakeError(code, `${method} failed, nothing was stored: ${message}.${advice}`, { details: { method } })
}
