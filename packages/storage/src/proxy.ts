import type { AgentOptions } from 'node:http'
import type { HttpProxyAgent } from 'http-proxy-agent'
import type { HttpsProxyAgent } from 'https-proxy-agent'
import { getProxyForUrl } from 'proxy-from-env'
import type { Fetch } from './http-request.ts'

/*
 * The variables HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in capitals or not, as curl reads them. What they need is
 * loaded only where one of them is set.
 */

/** `fetch`, by way of the proxy that the environment names for a URL. */
export function environmentFetch(): Fetch {
  const fetchers = new Map<string, Promise<Fetch>>()
  return async (url, init) => {
    const proxy = getProxyForUrl(url)
    if (proxy === '') return fetch(url, init)
    const fetcher = fetchers.get(proxy) ?? fetchBy(proxy)
    fetchers.set(proxy, fetcher)
    return (await fetcher)(url, init)
  }
}

async function fetchBy(proxy: string): Promise<Fetch> {
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
  const proxy = getProxyForUrl(url)
  if (proxy === '') return undefined
  const [http, https] = await Promise.all([import('http-proxy-agent'), import('https-proxy-agent')])
  return {
    httpAgent: new http.HttpProxyAgent(proxy, options),
    httpsAgent: new https.HttpsProxyAgent(proxy, options),
  }
}
