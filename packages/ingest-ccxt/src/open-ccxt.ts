import { environmentProxy } from '@lake/storage'
import { type Credentials, type CredentialsSource, environmentCredentials } from './credentials.ts'
import { type CcxtExchange, loadCcxt } from './load-ccxt.ts'
import { moveAddress } from './move-address.ts'
import { promptLookup } from './prompt-lookup.ts'
import { requestWhole } from './whole-answer.ts'

/** How the exchanges of ccxt are reached. */
export interface CcxtTransportOptions {
  /** Scheme and host that take the place of the venue's own in all its addresses, as in `http://127.0.0.1:8080`. */
  readonly baseUrl?: string | undefined
  /** How long an answer may take, in milliseconds. @default 20_000 */
  readonly timeoutMillis?: number | undefined
  /** How long the servers of names may be silent, in milliseconds. @default as long as the platform waits */
  readonly lookupMillis?: number | undefined
  /** Keys, where a venue wants them. @default the environment's */
  readonly credentials?: CredentialsSource | undefined
  /**
   * Further settings of ccxt's instances, such as `{ httpsProxy: 'http://127.0.0.1:3128' }`, which then counts instead of
   * the proxy variables of the environment.
   */
  readonly settings?: Readonly<Record<string, unknown>> | undefined
}

/** An exchange of ccxt that is ready to be asked, and the key that it has. */
export interface OpenCcxt {
  readonly exchange: CcxtExchange
  readonly credentials: Credentials | undefined
}

/**
 * Loads an exchange of ccxt and makes an instance of it.
 *
 * @param settings of ccxt, beside those of the options
 * @throws {@link LakeError} `UNSUPPORTED` when ccxt has no such exchange.
 */
export async function openCcxt(
  name: string,
  options: CcxtTransportOptions,
  settings: Readonly<Record<string, unknown>>,
): Promise<OpenCcxt> {
  const { baseUrl, timeoutMillis = 20_000, lookupMillis, credentials: source = environmentCredentials } = options
  const [Exchange, credentials] = await Promise.all([loadCcxt(name), source(name)])
  const given = { ...options.settings, ...credentials, ...settings, timeout: timeoutMillis }
  const exchange = new Exchange(namesProxy(given) ? given : { ...given, httpsProxyCallback: proxyFinder() })
  if (baseUrl !== undefined) exchange.urls = { ...exchange.urls, api: moveAll(exchange.urls['api'], baseUrl) }
  exchange.undiciRequest = requestWhole
  const connection = exchange.getDispatcherOptions.bind(exchange)
  exchange.getDispatcherOptions = (isPlainAgent) => {
    // ccxt's own timeout ends with the headers; a body can stall for five minutes after them.
    const common: Record<string, unknown> = { ...connection(isPlainAgent), bodyTimeout: timeoutMillis }
    // A proxy looks up names itself, and many allow no tunnel to the port of plain HTTP, which can do without.
    if (isPlainAgent !== true) return { ...common, proxyTunnel: false }
    if (lookupMillis === undefined) return common
    return { ...common, connect: { ...Object(common['connect']), lookup: promptLookup(lookupMillis) } }
  }
  return { exchange, credentials }
}

/** Lets go of the connections of an exchange, those to proxies among them. */
export async function closeCcxt({ fetchDispatcher, proxyDictionaries = {} }: CcxtExchange): Promise<void> {
  await fetchDispatcher?.destroy()
  for (const dispatcher of Object.values(proxyDictionaries)) await dispatcher.destroy()
}

/** What ccxt asks before each request. The environment is looked at once for each host, since that is slow. */
function proxyFinder(): (url: string) => string {
  const proxies = new Map<string, string>()
  return (url) => {
    const origin = url.slice(0, url.indexOf('/', 'https://'.length))
    const proxy = proxies.get(origin) ?? environmentProxy(url) ?? ''
    proxies.set(origin, proxy)
    return proxy
  }
}

function namesProxy(settings: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(settings).some((key) => /proxy|^(?:https?)?agent$/i.test(key))
}

/** ccxt keeps the addresses of a venue as texts in nested objects. */
function moveAll(urls: unknown, baseUrl: string): unknown {
  if (typeof urls === 'string') return moveAddress(urls, baseUrl)
  if (typeof urls !== 'object' || urls === null) return urls
  return Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, moveAll(url, baseUrl)]))
}
