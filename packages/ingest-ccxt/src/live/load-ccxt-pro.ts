import type { Agent } from 'node:http'
import { LakeError } from '@lake/core'
import { ccxtEntry } from '../ccxt-entry.ts'

/** What this package uses of a connection of ccxt's. */
export interface CcxtClient {
  readonly url: string
  readonly gunzip?: boolean | undefined
  readonly inflate?: boolean | undefined
  onMessage(event: { readonly data: unknown }): void
  onPong(): void
  onPing(): void
  onClose(event: { readonly code?: number | undefined }): void
}

/** What this package uses of an exchange of ccxt Pro. */
export interface CcxtProExchange {
  urls: Record<string, unknown>
  markets_by_id: Readonly<Record<string, unknown>>
  client(url: string): CcxtClient
  /** What a new connection goes through; asked by `client`. */
  setProxyAgents(...proxies: unknown[]): Agent | undefined
  /** Must be called before addresses without TLS are connected to. */
  loadHttpProxyAgent(): Promise<unknown>
  loadMarkets(): Promise<unknown>
  close(): Promise<unknown>
}

type CcxtProClass = new (config: Readonly<Record<string, unknown>>) => CcxtProExchange

/**
 * The class of one of the exchanges of ccxt Pro, from its own file: all of ccxt takes far longer to load.
 *
 * @throws {@link LakeError} `UNSUPPORTED` when ccxt Pro has no such exchange.
 */
export async function loadCcxtPro(exchange: string): Promise<CcxtProClass> {
  if (/^[a-z][a-z0-9]*$/.test(exchange)) {
    const found = (await loadOne(exchange)) ?? (await loadFromWhole(exchange))
    if (isClass(found)) return found
  }
  throw new LakeError('UNSUPPORTED', `ccxt Pro has no exchange '${exchange}'.`, { details: { exchange } })
}

async function loadOne(exchange: string): Promise<unknown> {
  try {
    const loaded: unknown = await import(new URL(`../js/src/pro/${exchange}.js`, ccxtEntry()).href)
    return member(loaded, 'default')
  } catch {
    return undefined
  }
}

async function loadFromWhole(exchange: string): Promise<unknown> {
  const loaded: unknown = await import(ccxtEntry().href)
  return member(member(loaded, 'pro'), exchange)
}

function member(value: unknown, name: string): unknown {
  const isHolder = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isHolder ? Reflect.get(value, name) : undefined
}

function isClass(value: unknown): value is CcxtProClass {
  return typeof value === 'function' && typeof member(value.prototype, 'client') === 'function'
}
