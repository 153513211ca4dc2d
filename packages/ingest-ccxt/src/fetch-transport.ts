import { LakeError } from '@lake/core'
import { environmentFetch } from '@lake/storage'
import { scanFlatRows } from './flat-rows.ts'
import { flatReply, parseJson } from './reply-json.ts'
import type { RestTransport } from './rest-transport.ts'
import { moveAddress } from './move-address.ts'

export interface FetchTransportOptions {
  /** Scheme and host that take the place of each endpoint's own, as in `http://127.0.0.1:8080`. */
  readonly baseUrl?: string | undefined
  /** How long an answer may take, in milliseconds. @default 20_000 */
  readonly timeoutMillis?: number | undefined
}

/**
 * Requests of `http` endpoints by the platform's own `fetch`, through the proxy that the environment names.
 *
 * @example
 * const transport = fetchTransport({ baseUrl: 'http://127.0.0.1:8080' })
 */
export function fetchTransport(options: FetchTransportOptions = {}): RestTransport {
  const { baseUrl, timeoutMillis = 20_000 } = options
  const fetch = environmentFetch()
  return {
    async send({ endpoint, parameters, rows, signal }) {
      if (endpoint.kind !== 'http') {
        throw new LakeError('UNSUPPORTED', `Plain requests cannot reach ${endpoint.exchange}.${endpoint.method}.`)
      }
      const url = new URL(moveAddress(endpoint.url, baseUrl))
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, String(value))
      const timeout = AbortSignal.timeout(timeoutMillis)
      try {
        const response = await fetch(url.href, {
          ...{ method: 'GET', redirect: 'error' },
          headers: { accept: 'application/json' },
          signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        })
        const body = new Uint8Array(await response.arrayBuffer())
        const headers = Object.fromEntries(response.headers)
        const reply = { status: response.status, headers, body }
        const flatRows = response.status === 200 && rows !== undefined ? scanFlatRows(body, rows) : undefined
        return flatRows === undefined
          ? { ...reply, json: parseJson(new TextDecoder().decode(body)) }
          : flatReply(reply, flatRows)
      } catch (cause) {
        signal?.throwIfAborted()
        throw new LakeError('UNAVAILABLE', `${url.origin}${url.pathname} did not answer; nothing was stored.`, {
          cause,
          details: { url: `${url.origin}${url.pathname}` },
        })
      }
    },
    close: () => Promise.resolve(),
  }
}
