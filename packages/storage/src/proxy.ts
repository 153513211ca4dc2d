import type { Agent, AgentOptions } from 'node:http'
import type { HttpProxyAgent } from 'http-proxy-agent'
import type { HttpsProxyAgent } from 'https-proxy-agent'
import { getProxyForUrl } from 'proxy-from-env'
import type { FetchAnswer } from './http-request.ts'

/*
 * The variables HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in capitals or not, as curl reads them. What they need is
 * loaded only where one of them is set.
 */

/** As much of `fetch` as {@link environmentFetch} has. */
export type EnvironmentFetch = (
  url: string,
  init: {
    readonly method: string
    readonly headers: Record<string, string>
    readonly signal: AbortSignal
    /** What becomes of an answer that names another place. @default 'follow' */
    readonly redirect?: 'error' | 'follow'
  },
) => Promise<EnvironmentAnswer>

/** As much of a `Response`. */
export interface EnvironmentAnswer extends FetchAnswer {
  readonly headers: FetchAnswer['headers'] & Iterable<readonly [string, string]>
  arrayBuffer(): Promise<ArrayBuffer>
}

/**
 * The proxy that the environment names for an address; `undefined` when it names none. `ws:` and `wss:` go by the
 * variables of `http:` and `https:`.
 *
 * @example
 * environmentProxy('https://api.binance.com/api/v3/time') // 'http://127.0.0.1:3128' with that in HTTPS_PROXY
 */
export function environmentProxy(url: string): string | undefined {
  const proxy = getProxyForUrl(url.replace(/^ws/, 'http'))
  return proxy === '' ? undefined : proxy
}

/**
 * `fetch`, by way of the proxy that the environment names for a URL.
 *
 * @example
 * const fetch = environmentFetch()
 * const { status } = await fetch('https://api.binance.com/api/v3/time', { method: 'GET', headers: {}, signal })
 */
export function environmentFetch(): EnvironmentFetch {
  const fetchers = new Map<string, Promise<EnvironmentFetch>>()
  return async (url, init) => {
    const proxy = environmentProxy(url)
    if (proxy === undefined) return fetch(url, init)
    const fetcher = fetchers.get(proxy) ?? fetchBy(proxy)
    fetchers.set(proxy, fetcher)
    return (await fetcher)(url, init)
  }
}

/** The way to an address; `undefined` when the environment names no proxy for it. */
export type EnvironmentTunnels = (url: string) => Agent | undefined

/**
 * Agents that connect by a tunnel through the proxy which the environment names for an address, as WebSockets need them.
 *
 * @example
 * import { WebSocket } from 'ws'
 *
 * const tunnelTo = await environmentTunnels()
 * const socket = new WebSocket(url, { agent: tunnelTo(url) })
 */
export async function environmentTunnels(): Promise<EnvironmentTunnels> {
  const { HttpsProxyAgent } = await import('https-proxy-agent')
  return (url) => {
    const proxy = environmentProxy(url)
    return proxy === undefined ? undefined : new HttpsProxyAgent(proxy)
  }
}

async function fetchBy(proxy: string): Promise<EnvironmentFetch> {
  const undici = await import('undici')
  // A tunnel only where one is needed: many proxies allow none to the port of plain HTTP.
  const dispatcher = new undici.ProxyAgent({ uri: proxy, proxyTunnel: false })
  return async (url, init) => undici.fetch(url, { ...init, dispatcher })
}

interface ProxyAgents {
  readonly httpAgent: HttpProxyAgent<string>
  readonly httpsAgent: HttpsProxyAgent<string>
}

/** Agents of Node's own `http` that know the proxy which the environment names for a URL; `undefined` when it names none. */
export async function proxyAgents(url: string, options: AgentOptions): Promise<ProxyAgents | undefined> {
  const proxy = environmentProxy(url)
  if (proxy === undefined) return undefined
  const [http, https] = await Promise.all([import('http-proxy-agent'), import('https-proxy-agent')])
  return {
    httpAgent: new http.HttpProxyAgent(proxy, options),
    httpsAgent: new https.HttpsProxyAgent(proxy, options),
  }
}
