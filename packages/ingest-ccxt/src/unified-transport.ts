import { AsyncLocalStorage } from 'node:async_hooks'
import { LakeError } from '@lake/core'
import { codeOf, failure } from './ccxt-errors.ts'
import { type Credentials, environmentCredentials, redact } from './credentials.ts'
import type { CcxtResponse } from './load-ccxt.ts'
import { type CcxtTransportOptions, closeCcxt, openCcxt, type OpenCcxt } from './open-ccxt.ts'
import { raceAbort } from './race-abort.ts'
import { parseJson, plainHeaders } from './reply-json.ts'
import type { Refusal } from './refusal.ts'
import type { RestReply, RestRequest, RestTransport } from './rest-transport.ts'
import { checkUnifiedRows, memberOf } from './unified-rows.ts'
import { unifiedSymbol } from './unified-symbol.ts'

/*
 * A unified method turns a venue's answer into rows that look the same for every venue. Both go into the page: `rows`
 * for the parser, `answers` with the venue's own text, so that nothing of it is lost should somebody describe it later.
 */

/** The arguments of each method that this transport calls, by the names of the parameters, before all others. */
const METHODS: ReadonlyMap<string, readonly string[]> = new Map([
  ['fetchOHLCV', ['symbol', 'timeframe', 'since', 'limit']],
  ['fetchTrades', ['symbol', 'since', 'limit']],
  ['fetchFundingRateHistory', ['symbol', 'since', 'limit']],
])

/** True for requests of ccxt's unified methods. */
export function isUnified({ endpoint }: RestRequest): boolean {
  return endpoint.kind === 'ccxt' && METHODS.has(endpoint.method)
}

/**
 * Requests of `ccxt` endpoints by ccxt's unified methods, with the parameters `symbol` (the venue's own), `market`,
 * `timeframe`, `since` in milliseconds and `limit`; others are handed on. The body of an answer is a JSON object:
 *
 * - `rows`: what ccxt made of it
 * - `answers`: the texts of the venue, as received
 *
 * Bars must begin where those of the lake do: where ccxt gives days that begin at 16:00Z, the request fails. It fails too
 * where a venue gives its newest rows whatever time it is asked for, since ccxt then hides that by leaving out older ones.
 *
 * @example
 * const transport = unifiedTransport({ settings: { httpsProxy: 'http://127.0.0.1:3128' } })
 */
export function unifiedTransport(options: CcxtTransportOptions = {}): RestTransport {
  const clients = new Map<string, Promise<Client>>()
  const clientOf = (exchange: string): Promise<Client> => {
    const client = clients.get(exchange) ?? openClient(exchange, options)
    clients.set(exchange, client)
    // What failed is tried anew.
    client.catch(() => clients.delete(exchange))
    return client
  }
  return {
    async send(request) {
      const { endpoint, signal } = request
      signal?.throwIfAborted()
      const names = endpoint.kind === 'ccxt' ? METHODS.get(endpoint.method) : undefined
      if (endpoint.kind !== 'ccxt' || names === undefined) {
        throw new LakeError('UNSUPPORTED', `These are no unified methods: ${[...METHODS.keys()].join(' ')} are.`)
      }
      const client = await raceAbort(clientOf(endpoint.exchange), signal)
      return await raceAbort(call(client, endpoint.exchange, endpoint.method, names, request), signal)
    },
    async close() {
      for (const client of await Promise.allSettled(clients.values())) {
        if (client.status === 'fulfilled') await closeCcxt(client.value.exchange)
      }
      clients.clear()
    },
  }
}

/** What a call of ccxt heard from the venue. */
interface Heard {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** True once ccxt has found JSON in it. */
  isJson: boolean
}

interface Client extends OpenCcxt {
  readonly listening: AsyncLocalStorage<Heard[]>
}

async function openClient(name: string, options: CcxtTransportOptions): Promise<Client> {
  const credentials = await (options.credentials ?? environmentCredentials)(name)
  const { exchange } = await openCcxt(name, { ...options, credentials: () => undefined }, { enableRateLimit: true })
  const listening = new AsyncLocalStorage<Heard[]>()
  const judge = exchange.handleRestResponse.bind(exchange)
  exchange.handleRestResponse = async (response: CcxtResponse, ...request) => {
    const text = await response.text()
    const { status, statusText, headers } = response
    const answer = { status, headers: plainHeaders(headers), text, isJson: false }
    listening.getStore()?.push(answer)
    const bytes = (): Promise<Uint8Array> => Promise.resolve(Buffer.from(text))
    const plain = { status, statusText, headers, text: () => Promise.resolve(text), arrayBuffer: bytes }
    const judged = await judge(plain, ...request)
    // ccxt gives the text itself where it found no JSON, or nothing in it.
    answer.isJson = typeof judged === 'object' && judged !== null
    return judged
  }
  const client = { exchange, credentials, listening }
  const heard: Heard[] = []
  try {
    await withKeyIfWanted(client, () => listening.run(heard, () => apply(client, 'loadMarkets', [])))
  } catch (error) {
    throw failure(error, `${name}.loadMarkets`, credentials)
  }
  const strange = strangeAnswer(heard, credentials)
  if (strange === undefined) return client
  const { code, message } = strange.refusal
  throw new LakeError(code, `${name}.loadMarkets failed, nothing was stored: ${message}. Try again later.`, {
    details: { method: `${name}.loadMarkets` },
  })
}

async function call(
  client: Client,
  name: string,
  method: string,
  names: readonly string[],
  { parameters }: RestRequest,
): Promise<RestReply> {
  const { symbol, market, ...rest } = parameters
  const known: Readonly<Record<string, string | number>> = {
    ...rest,
    symbol: unifiedSymbol(memberOf(client.exchange, 'markets'), name, String(symbol), String(market)),
  }
  const others = Object.entries(known).filter(([key]) => !names.includes(key))
  const ask = (asked: typeof known): Promise<unknown> =>
    apply(client, method, [...names.map((key) => asked[key]), Object.fromEntries(others)])
  const heard: Heard[] = []
  let rows: unknown
  try {
    rows = await withKeyIfWanted(client, () => {
      heard.length = 0
      return client.listening.run(heard, () => ask(known))
    })
  } catch (error) {
    const last = heard.at(-1)
    if (last === undefined) throw failure(error, `${name}.${method}`, client.credentials)
    const { status, headers, text } = last
    return { status, headers, body: Buffer.from(text), json: parseJson(text), refusal: refusalOf(error, client) }
  }
  const strange = strangeAnswer(heard, client.credentials)
  if (strange !== undefined) return strange
  // Those of trades can lie any time apart.
  if (method !== 'fetchTrades') {
    await checkUnifiedRows(rows, {
      ...{ what: `${name} ${String(symbol)}`, timeframe: rest['timeframe']?.toString() },
      since: rest['since'] === undefined ? undefined : Number(rest['since']),
      again: (limit) =>
        ask({ ...known, limit }).catch((error: unknown) => {
          throw failure(error, `${name}.${method}`, client.credentials)
        }),
    })
  }
  const json = { rows, answers: heard.map(({ text }) => text) }
  const { status, headers } = heard.at(-1) ?? { status: 200, headers: {} }
  return { status, headers, body: Buffer.from(JSON.stringify(json)), json }
}

interface StrangeAnswer extends RestReply {
  readonly refusal: Refusal
}

/** Half a body, or a page for people: ccxt makes no rows of it, as if there were none. */
function strangeAnswer(heard: readonly Heard[], credentials: Credentials | undefined): StrangeAnswer | undefined {
  const strange = heard.find(({ isJson }) => !isJson)
  if (strange === undefined) return undefined
  const { status, headers, text } = strange
  const message = `${redact(text, credentials).slice(0, 120)} (no JSON)`
  return { status, headers, body: Buffer.from(text), json: undefined, refusal: { code: 'UNAVAILABLE', message } }
}

/** With a key, ccxt also asks for what belongs to the account; so it gets one only where the venue wants one for public data. */
async function withKeyIfWanted<T>({ exchange, credentials }: Client, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (credentials === undefined || exchange.apiKey === credentials.apiKey || codeOf(error) !== 'NO_PERMISSION') {
      throw error
    }
    Object.assign(exchange, credentials)
    return await work()
  }
}

async function apply({ exchange }: Client, method: string, work: readonly unknown[]): Promise<unknown> {
  const found: unknown = Reflect.get(exchange, method)
  if (typeof found !== 'function') throw new LakeError('UNSUPPORTED', `ccxt's exchange has no method ${method}.`)
  return await Reflect.apply(found, exchange, work)
}

function refusalOf(error: unknown, { credentials }: Client): Refusal {
  return { code: codeOf(error), message: redact(error instanceof Error ? error.message : String(error), credentials) }
}
