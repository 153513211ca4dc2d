import { LakeError } from '@lake/core'
import { ccxtTransport } from './ccxt-transport.ts'
import { fetchTransport } from './fetch-transport.ts'
import type { CcxtTransportOptions } from './open-ccxt.ts'
import { raceAbort } from './race-abort.ts'
import type { RestReply, RestRequest, RestTransport } from './rest-transport.ts'
import { isUnified, unifiedTransport } from './unified-transport.ts'

export interface CreateTransportOptions extends CcxtTransportOptions {
  /**
   * How long a request may take in all, from the look-up of the host's name to the last byte, in milliseconds.
   *
   * @default as long as it likes, since a venue may be slow and still answer
   */
  readonly deadlineMillis?: number | undefined
}

/**
 * Carries requests to every kind of endpoint: by ccxt, which is loaded at the first such request, and by `fetch`.
 *
 * @example
 * const transport = createTransport({ baseUrl: 'http://127.0.0.1:8080' })
 */
export function createTransport({ deadlineMillis, ...options }: CreateTransportOptions = {}): RestTransport {
  const ccxt = ccxtTransport(options)
  const unified = unifiedTransport(options)
  const plain = fetchTransport(options)
  const send = (request: RestRequest): Promise<RestReply> => {
    if (isUnified(request)) return unified.send(request)
    return (request.endpoint.kind === 'ccxt' ? ccxt : plain).send(request)
  }
  return {
    send: (request) => (deadlineMillis === undefined ? send(request) : sendBefore(deadlineMillis, request, send)),
    async close() {
      await Promise.race([Promise.all([ccxt.close(), unified.close(), plain.close()]), later(LETTING_GO)])
    },
  }
}

/** Milliseconds for connections to end. One that still looks up a name cannot be stopped, and is not waited for. */
const LETTING_GO = 500

function later(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis).unref())
}

async function sendBefore(
  millis: number,
  request: RestRequest,
  send: (request: RestRequest) => Promise<RestReply>,
): Promise<RestReply> {
  const deadline = AbortSignal.timeout(millis)
  const { endpoint, signal } = request
  const ended = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
  try {
    return await raceAbort(send({ ...request, signal: ended }), ended)
  } catch (error) {
    signal?.throwIfAborted()
    if (LakeError.is(error)) throw error
    const place = endpoint.kind === 'ccxt' ? `${endpoint.exchange}.${endpoint.method}` : endpoint.url
    throw new LakeError('UNAVAILABLE', `${place} did not answer within ${millis / 1000} s; nothing was stored.`, {
      cause: error,
      details: { endpoint: place },
    })
  }
}
