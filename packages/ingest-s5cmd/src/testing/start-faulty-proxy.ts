import { once } from 'node:events'
import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'

/** What the proxy does with a request instead of passing it on. */
export type ProxyFault =
  /** Breaks the connection off at once. */
  | 'reset'
  /** Never answers. */
  | 'stall'
  /** Takes half of the body, then breaks off. */
  | 'half'
  /** Passes it on, and breaks off half of the answer's body. */
  | 'half-answer'
  | { readonly status: number; readonly code: string }

export interface ProxiedRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  /** An absolute address was asked for, as one asks a proxy. */
  readonly isForwarded: boolean
  readonly copySource: string | undefined
  readonly bodyBytes: () => number
}

export interface FaultyProxy extends AsyncDisposable {
  readonly endpoint: string
  readonly requests: readonly ProxiedRequest[]
}

/** A server on 127.0.0.1 before another one, which passes requests on unchanged, or fails them as it is told. */
export async function startFaultyProxy(options: {
  readonly target: string
  readonly fault?: (request: ProxiedRequest, count: number) => ProxyFault | undefined
}): Promise<FaultyProxy> {
  const target = new URL(options.target)
  const requests: ProxiedRequest[] = []
  const server = createServer((incoming, response) => {
    let bytes = 0
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    const asked = incoming.url ?? '/'
    const isForwarded = /^https?:/.test(asked)
    const path = isForwarded ? `${new URL(asked).pathname}${new URL(asked).search}` : asked
    const copySource = incoming.headers['x-amz-copy-source']
    const entry: ProxiedRequest = {
      ...{ method: incoming.method ?? '', path, isForwarded, bodyBytes: () => bytes },
      copySource: typeof copySource === 'string' ? copySource : undefined,
    }
    requests.push(entry)
    answer(incoming, response, { path, target, fault: options.fault?.(entry, requests.length) })
  })
  server.keepAliveTimeout = 1
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  { path, target, fault }: { path: string; target: URL; fault: ProxyFault | undefined },
): void {
  if (fault === 'stall') return
  if (fault === 'reset') {
    incoming.socket.resetAndDestroy()
    return
  }
  if (fault === 'half') {
    incoming.once('data', () => incoming.socket.destroy())
    incoming.once('end', () => incoming.socket.destroy())
    return
  }
  if (typeof fault === 'object') {
    incoming.resume()
    incoming.on('end', () => {
      response.writeHead(fault.status, { 'content-type': 'application/xml' })
      response.end(`<Error><Code>${fault.code}</Code><Message>told to fail</Message></Error>`)
    })
    return
  }
  const { hostname: host, port } = target
  const outgoing = httpRequest({ host, port, method: incoming.method, path, headers: incoming.headers }, (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.headers)
    if (fault !== 'half-answer') {
      answered.pipe(response)
      return
    }
    const length = Number(answered.headers['content-length'] ?? 0)
    let sent = 0
    answered.on('data', (chunk: Buffer) => {
      if (sent >= length / 2) return
      const part = chunk.subarray(0, Math.ceil(length / 2) - sent)
      sent += part.length
      response.write(part, () => {
        if (sent >= length / 2) response.destroy()
      })
    })
    answered.on('end', () => response.destroy())
  })
  outgoing.on('error', () => response.destroy())
  incoming.pipe(outgoing)
}
