import { LakeError } from '@lake/core'
import { codeOf, failure } from './ccxt-errors.ts'
import { type Credentials, redact } from './credentials.ts'
import { scanFlatRows } from './flat-rows.ts'
import type { CcxtResponse } from './load-ccxt.ts'
import { hasLongNumber } from './long-number.ts'
import { type CcxtTransportOptions, closeCcxt, openCcxt, type OpenCcxt } from './open-ccxt.ts'
import { raceAbort } from './race-abort.ts'
import { flatReply, parseJson, plainHeaders, textOf } from './reply-json.ts'
import type { RestReply, RestTransport } from './rest-transport.ts'
import type { RowsPlace } from './rows-place.ts'

/*
 * ccxt knows each venue's addresses, error words and signatures, and keeps connections open. Its answers are caught in
 * `handleRestResponse`, which every implicit method gives back as it is: there the bytes are still those of the venue,
 * and they are read once for bronze, for ccxt's own judgement of errors, and for the walk. Rows have no words of an error
 * in them, so ccxt judges what stands around them, over an empty list.
 */

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
    async send({ endpoint, parameters, rows, signal }) {
      signal?.throwIfAborted()
      if (endpoint.kind !== 'ccxt') throw new LakeError('UNSUPPORTED', `ccxt has no endpoint ${endpoint.url}.`)
      const { exchange, credentials, ask } = await clientOf(endpoint.exchange)
      const method: unknown = Reflect.get(exchange, endpoint.method)
      if (typeof method !== 'function') {
        throw new LakeError('UNSUPPORTED', `ccxt's ${endpoint.exchange} has no method ${endpoint.method}.`)
      }
      try {
        const answer = ask(rows, () => Reflect.apply(method, exchange, [parameters]))
        const heard: unknown = await raceAbort(answer, signal)
        if (isHeard(heard)) return heard[REPLY]
      } catch (error) {
        signal?.throwIfAborted()
        throw failure(error, `${endpoint.exchange}.${endpoint.method}`, credentials)
      }
      throw new LakeError('UNSUPPORTED', `${endpoint.exchange}.${endpoint.method} is no request over HTTP.`)
    },
    async close() {
      for (const client of await Promise.allSettled(clients.values())) {
        if (client.status === 'fulfilled') await closeCcxt(client.value.exchange)
      }
      clients.clear()
    },
  }
}

interface Client extends OpenCcxt {
  /** Sends a request by calling a method of ccxt; the rows of the answer ought to lie there. */
  readonly ask: (rows: RowsPlace | undefined, call: () => unknown) => Promise<unknown>
}

async function openClient(name: string, options: CcxtTransportOptions): Promise<Client> {
  const { exchange, credentials } = await openCcxt(name, options, { enableRateLimit: false })
  // ccxt looks at every number of an answer for digits that a double has lost; most texts cannot have any.
  const parseSafely = exchange.parseJson.bind(exchange)
  exchange.parseJson = (text) => (text.length < LONG_BODY || hasLongNumber(text) ? parseSafely(text) : parseJson(text))
  // ccxt sends a request before it waits for anything, so whoever sends is whoever has just asked. Should it ever wait,
  // rows are parsed. An AsyncLocalStorage would be surer, and cost a small page a twentieth.
  let asking: RowsPlace | undefined
  const places = new Map<string, RowsPlace>()
  const send = exchange.fetch.bind(exchange)
  exchange.fetch = async (url, ...request) => {
    if (asking !== undefined) places.set(url, asking)
    try {
      return await send(url, ...request)
    } finally {
      places.delete(url)
    }
  }
  const handle = exchange.handleRestResponse.bind(exchange)
  exchange.handleRestResponse = async (response, url, ...request): Promise<Heard> => {
    const judge: Judge = (body, text) => handle({ ...plainResponse(response, body), text }, url, ...request)
    return { [REPLY]: await readReply(response, places.get(url), judge, credentials) }
  }
  const ask: Client['ask'] = (rows, call) => {
    asking = rows
    try {
      return Promise.resolve(call())
    } finally {
      asking = undefined
    }
  }
  return { exchange, credentials, ask }
}

/** Marks what {@link readReply} made, among whatever else a method of ccxt may give. */
const REPLY: unique symbol = Symbol('reply')

interface Heard {
  readonly [REPLY]: RestReply
}

function isHeard(value: unknown): value is Heard {
  return typeof value === 'object' && value !== null && REPLY in value
}

/** ccxt's judgement of an answer with this text: the JSON of it, or one of its errors. */
type Judge = (body: Uint8Array, text: () => Promise<string>) => Promise<unknown>

function plainResponse({ status, statusText, headers }: CcxtResponse, body: Uint8Array): Omit<CcxtResponse, 'text'> {
  return { status, statusText, headers, arrayBuffer: () => Promise.resolve(body) }
}

async function readReply(
  response: CcxtResponse,
  place: RowsPlace | undefined,
  judge: Judge,
  credentials: Credentials | undefined,
): Promise<RestReply> {
  const received = await response.arrayBuffer()
  const body = received instanceof Uint8Array ? received : new Uint8Array(received)
  const { status, headers } = response
  const reply = { status, headers: plainHeaders(headers), body }
  const flatRows = place === undefined || body.length < LONG_BODY ? undefined : scanFlatRows(body, place)
  if (flatRows !== undefined && (await passes(judge, body, flatRows.shell))) return flatReply(reply, flatRows)
  const text = textOf(body)
  try {
    const judged = await judge(body, () => Promise.resolve(text))
    // ccxt gives the text where it found no JSON, or nothing in it.
    const json = typeof judged === 'string' ? parseJson(text) : judged
    if (json !== undefined && status < 400) return { ...reply, json }
    // Whoever answers may repeat what it was sent.
    return { ...reply, json, excerpt: redact(text, credentials).slice(0, LONGEST_EXCERPT) }
  } catch (error) {
    const message = redact(error instanceof Error ? error.message : String(error), credentials)
    return { ...reply, json: parseJson(text), refusal: { code: codeOf(error), message } }
  }
}

/** What does not pass is judged once more as it came, since the words of an error may be in what looks like a row. */
async function passes(judge: Judge, body: Uint8Array, shell: string): Promise<boolean> {
  try {
    await judge(body, () => Promise.resolve(shell))
    return true
  } catch {
    return false
  }
}

/** How much of a body that is no page is worth a message. */
const LONGEST_EXCERPT = 300

/** Below it there is nothing to gain. */
const LONG_BODY = 2000
