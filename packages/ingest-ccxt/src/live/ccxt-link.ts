import { gunzipSync, inflateRawSync } from 'node:zlib'
import { type DatasetId, formatDatasetId, type LiveEndpoint, type Market } from '@lake/core'
import { environmentProxy, type EnvironmentTunnels, environmentTunnels } from '@lake/storage'
import { moveAddress } from '../move-address.ts'
import { raceAbort } from '../race-abort.ts'
import type { LinkEnd, LinkEvents, LinkTiming, LiveLink } from './live-link.ts'
import { type CcxtClient, type CcxtProExchange, loadCcxtPro } from './load-ccxt-pro.ts'

/*
 * ccxt knows how each venue wants to be connected to, subscribed and pinged. Its frames are caught where they come
 * from the socket, before ccxt looks at them: what is kept is what the venue sent, of compressed frames what was in
 * them. ccxt tells nothing of answers to subscriptions, so a dataset counts as covered from its first frame on, be it
 * an answer or a row; that is why each has a connection of its own.
 */

const [OPEN_BRACE, OPEN_BRACKET] = [123, 91] as const

export interface CcxtLinkOptions {
  readonly endpoint: Extract<LiveEndpoint, { readonly kind: 'ccxt' }>
  readonly datasets: readonly DatasetId[]
  readonly timing: LinkTiming
  readonly baseUrl?: string | undefined
}

/** A connection of ccxt Pro. */
export function ccxtLink({ endpoint, datasets, timing, baseUrl }: CcxtLinkOptions): LiveLink {
  return {
    url: `ccxt:${endpoint.exchange}.${endpoint.method}`,
    async connect(events, signal) {
      const over = new AbortController()
      let how: LinkEnd | undefined
      const end = (given: LinkEnd): void => {
        how ??= given
        over.abort()
      }
      const either = AbortSignal.any([signal, over.signal])
      let exchange: CcxtProExchange | undefined
      try {
        const Exchange = await loadCcxtPro(endpoint.exchange)
        exchange = new Exchange({ newUpdates: true, httpsProxyCallback: (url: string) => environmentProxy(url) ?? '' })
        moveUrls(exchange, baseUrl)
        if (baseUrl !== undefined) await exchange.loadHttpProxyAgent()
        const watched = watchClients(exchange, await environmentTunnels(), events, end)
        const silent = setInterval(() => {
          if (watched.silentMicros(timing.pingMicros) >= timing.stallMicros) {
            end({ reason: 'the connection was silent', isOrderly: false })
          }
        }, timing.pingMicros / 1000)
        const late = setTimeout(() => {
          if (!watched.isHeard()) end({ reason: 'connecting and subscribing took too long', isOrderly: false })
        }, timing.connectMicros / 1000)
        try {
          await raceAbort(exchange.loadMarkets(), either)
          await Promise.all(datasets.map((dataset) => watch(exchange, endpoint.method, dataset, either)))
        } finally {
          clearInterval(silent)
          clearTimeout(late)
        }
      } catch (error) {
        if (signal.aborted) end({ reason: reasonOf(signal), isOrderly: true })
        else end(endOf(error))
      } finally {
        over.abort()
        await exchange?.close().catch(() => undefined)
      }
      return how ?? { reason: 'the connection ended', isOrderly: false }
    },
  }
}

/** Asks again and again, so that ccxt stays subscribed; what it gives is not looked at. */
async function watch(
  exchange: CcxtProExchange | undefined,
  name: string,
  dataset: DatasetId,
  signal: AbortSignal,
): Promise<void> {
  const method: unknown = exchange === undefined ? undefined : Reflect.get(exchange, name)
  if (exchange === undefined || typeof method !== 'function') throw new Error(`ccxt has no method ${name}`)
  const timeframe = dataset.interval === undefined ? [] : [dataset.interval.replace('1mo', '1M')]
  const parameters = [symbolOf(exchange, dataset), ...timeframe]
  for (;;) await raceAbort(Promise.resolve(Reflect.apply(method, exchange, parameters)), signal)
}

/** ccxt's own name of an instrument. */
function symbolOf(exchange: CcxtProExchange, dataset: DatasetId): string {
  const found = exchange.markets_by_id[dataset.symbol]
  const markets: readonly unknown[] = Array.isArray(found) ? found : []
  const flag = { spot: 'spot', um: 'linear', cm: 'inverse', option: 'option' }[dataset.market satisfies Market]
  for (const market of markets) {
    if (typeof market !== 'object' || market === null || Reflect.get(market, flag) !== true) continue
    const symbol: unknown = Reflect.get(market, 'symbol')
    if (typeof symbol === 'string') return symbol
  }
  throw new Refused(`it does not know ${formatDatasetId(dataset)}`)
}

class Refused extends Error {}

function endOf(error: unknown): LinkEnd {
  const text = error instanceof Error ? error.message : String(error)
  const names = new Set<string>()
  for (let at: unknown = error; at instanceof Object; at = Object.getPrototypeOf(at)) names.add(at.constructor.name)
  if (names.has('RestrictedLocation')) return { reason: text, isOrderly: false, fatal: 'blocked' }
  if (error instanceof Refused || names.has('BadSymbol') || names.has('NotSupported')) {
    return { reason: text, isOrderly: false, fatal: 'refused' }
  }
  return { reason: `the connection failed: ${text}`, isOrderly: false }
}

/** Hears what every connection of an exchange hears. */
function watchClients(
  exchange: CcxtProExchange,
  tunnelTo: EnvironmentTunnels,
  events: LinkEvents,
  end: (how: LinkEnd) => void,
): { isHeard(): boolean; silentMicros(since: number): number } {
  const known = new WeakSet<CcxtClient>()
  let [isCovered, isHeard, silent] = [false, false, 0]
  const hear = (): void => {
    isHeard = true
    silent = 0
    events.alive()
  }
  const open = exchange.client.bind(exchange)
  exchange.client = (url) => {
    // ccxt asks for it while it opens the connection.
    exchange.setProxyAgents = () => tunnelTo(url)
    const client = open(url)
    if (known.has(client)) return client
    known.add(client)
    const [onMessage, onPong, onPing, onClose] = [
      client.onMessage.bind(client),
      client.onPong.bind(client),
      client.onPing.bind(client),
      client.onClose.bind(client),
    ]
    client.onMessage = (event) => {
      hear()
      if (!isCovered) events.covered()
      isCovered = true
      // What is broken would stop ccxt altogether.
      if (receive(client, event.data, events)) onMessage(event)
    }
    client.onPong = () => {
      hear()
      onPong()
    }
    client.onPing = () => {
      hear()
      onPing()
    }
    client.onClose = (event) => {
      const isOrderly = event.code !== undefined && event.code !== 1006
      end({ reason: isOrderly ? `the venue closed with code ${event.code}` : 'the connection broke', isOrderly })
      onClose(event)
    }
    return client
  }
  return {
    isHeard: () => isHeard,
    silentMicros: (since) => (silent += since),
  }
}

/** False for what ought to be JSON and is not; texts such as the answers to pings are none of ours. */
function receive(client: CcxtClient, data: unknown, events: LinkEvents): boolean {
  let bytes = Buffer.from('')
  let content: unknown
  try {
    bytes = Buffer.isBuffer(data) ? Buffer.from(unpacked(client, data)) : Buffer.from(String(data))
    if (bytes[0] !== OPEN_BRACE && bytes[0] !== OPEN_BRACKET) return true
    content = JSON.parse(bytes.toString('utf8'))
  } catch {
    events.malformed(bytes)
    return false
  }
  events.frame(bytes, content)
  return true
}

function unpacked(client: CcxtClient, data: Buffer): Buffer {
  if (client.gunzip === true) return gunzipSync(data)
  return client.inflate === true ? inflateRawSync(data) : data
}

/** ccxt keeps the addresses of a venue as texts in nested objects: those of pages and those of streams. */
function moveUrls(exchange: CcxtProExchange, baseUrl: string | undefined): void {
  if (baseUrl === undefined) return
  const move = (urls: unknown): unknown => {
    if (typeof urls === 'string')
      return moveAddress(urls, baseUrl.replace(/^ws/, urls.startsWith('ws') ? 'ws' : 'http'))
    if (typeof urls !== 'object' || urls === null) return urls
    return Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, move(url)]))
  }
  exchange.urls = { ...exchange.urls, api: move(exchange.urls['api']) }
}

function reasonOf(signal: AbortSignal): string {
  const reason: unknown = signal.reason
  return typeof reason === 'string' ? reason : 'stopped'
}
