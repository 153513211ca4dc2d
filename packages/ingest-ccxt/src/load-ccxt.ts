import { LakeError } from '@lake/core'
import { ccxtEntry } from './ccxt-entry.ts'

/*
 * All of ccxt takes 0.6 s to load and 80 MB to hold; one exchange of it 0.3 s and 28 MB. Its package exports only the
 * whole, so the class is loaded from its own file beside the entry, and from the whole where a bundler has moved that.
 */

/** What this package uses of an instance of a ccxt exchange; its implicit methods are found by name. */
export interface CcxtExchange {
  apiKey?: string | undefined
  secret?: string | undefined
  password?: string | undefined
  urls: Record<string, unknown>
  /** Sends a request, and gives what `handleRestResponse` makes of the answer. */
  fetch(url: string, ...request: unknown[]): Promise<unknown>
  handleRestResponse(response: CcxtResponse, url: string, ...request: unknown[]): Promise<unknown>
  parseJson(text: string): unknown
  getDispatcherOptions(isPlainAgent?: boolean): Readonly<Record<string, unknown>>
  /** How `fetch` sends a request, where it does so by undici. */
  undiciRequest(url: string, request: CcxtRequest): Promise<CcxtResponse>
  close(): Promise<unknown>
  /** What it connects by: directly, and by proxies. */
  readonly fetchDispatcher?: CcxtDispatcher | undefined
  readonly proxyDictionaries?: Readonly<Record<string, CcxtDispatcher>> | undefined
}

/** What ccxt connects by: a dispatcher of undici. */
interface CcxtDispatcher {
  dispatch(request: Readonly<Record<string, unknown>>, handler: DispatchHandler): unknown
  destroy(): Promise<void>
}

/** By lower-case name. */
export type DispatchedHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** Stops a request that a dispatcher has begun. */
export interface DispatchController {
  abort(reason: Error): void
}

/** Whom a dispatcher tells how a request goes. */
export interface DispatchHandler {
  onRequestStart(controller: DispatchController): void
  /** Also for answers below 200, of which others follow. */
  onResponseStart(controller: DispatchController, status: number, headers: DispatchedHeaders): void
  onResponseData(controller: DispatchController, piece: Uint8Array): void
  onResponseEnd(): void
  onResponseError(controller: unknown, error: Error): void
}

/** What ccxt hands to `undiciRequest`. */
export interface CcxtRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal: AbortSignal
  readonly dispatcher: CcxtDispatcher
}

/** What ccxt hands to `handleRestResponse`, of undici or of the platform's fetch. */
export interface CcxtResponse {
  readonly status: number
  readonly statusText: string
  readonly headers: unknown
  text(): Promise<string>
  arrayBuffer(): Promise<ArrayBuffer | Uint8Array>
}

export type CcxtClass = new (config: Readonly<Record<string, unknown>>) => CcxtExchange

/**
 * The class of one of ccxt's exchanges, loaded on demand.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when ccxt has no such exchange.
 */
export async function loadCcxt(exchange: string): Promise<CcxtClass> {
  if (/^[a-z][a-z0-9]*$/.test(exchange)) {
    const found = (await loadOne(exchange)) ?? (await loadFromWhole(exchange))
    if (isClass(found)) return found
  }
  throw new LakeError('UNSUPPORTED', `ccxt has no exchange '${exchange}'.`, { details: { exchange } })
}

async function loadOne(exchange: string): Promise<unknown> {
  try {
    const loaded: unknown = await import(new URL(`../js/src/${exchange}.js`, ccxtEntry()).href)
    return member(loaded, 'default')
  } catch {
    return undefined
  }
}

async function loadFromWhole(exchange: string): Promise<unknown> {
  const loaded: unknown = await import(ccxtEntry().href)
  return member(loaded, exchange)
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function isClass(value: unknown): value is CcxtClass {
  return typeof value === 'function' && value.prototype !== undefined && 'handleRestResponse' in Object(value.prototype)
}
