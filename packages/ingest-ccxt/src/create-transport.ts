import { ccxtTransport, type CcxtTransportOptions } from './ccxt-transport.ts'
import { fetchTransport } from './fetch-transport.ts'
import type { RestTransport } from './rest-transport.ts'
import { isUnified, unifiedTransport } from './unified-transport.ts'

/**
 * Carries requests to every kind of endpoint: by ccxt, which is loaded at the first such request, and by `fetch`.
 *
 * @example
 * const transport = createTransport({ baseUrl: 'http://127.0.0.1:8080' })
 */
export function createTransport(options: CcxtTransportOptions = {}): RestTransport {
  const ccxt = ccxtTransport(options)
  const unified = unifiedTransport(options)
  const plain = fetchTransport(options)
  return {
    send(request) {
      if (isUnified(request)) return unified.send(request)
      return (request.endpoint.kind === 'ccxt' ? ccxt : plain).send(request)
    },
    async close() {
      await ccxt.close()
      await unified.close()
      await plain.close()
    },
  }
}
