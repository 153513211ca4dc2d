import { createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http'
import { once } from 'node:events'

/**
 * What happens to a request: `reset` drops it unheard, `stall` leaves it without an answer, `lose` lets the server do it and drops
 * the answer, `cut` breaks the answer off in the middle of its body, `hang` stops there; or a status answers in the server's place.
 */
export type S3Fault = 'reset' | 'stall' | 'lose' | 'cut' | 'hang' | S3FaultStatus

export interface S3FaultStatus {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
}

export interface S3ProxyRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly url: string
  /** Counts all requests from 1. */
  readonly count: number
}

export interface S3ProxyOptions {
  /** The server behind it. */
  readonly endpoint: string
  /** Called for every request; `undefined` lets it through. */
  readonly fault?: ((request: S3ProxyRequest) => S3Fault | undefined) | undefined
}

export interface S3Proxy extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string
  /** Method and path of every request so far, as in `PUT /lake/a?partNumber=1`. */
  readonly requests: readonly string[]
  /** How many connections were made so far. */
  readonly connections: number
  close(): Promise<void>
}

/**
 * A proxy on 127.0.0.1 in front of a server of S3 that fails where it is told.
 *
 * @example
 * await using proxy = await startS3Proxy({ ...server, fault: ({ count }) => (count < 3 ? { status: 503 } : undefined) })
 * const store = s3Store({ bucket: 'lake', ...server, endpoint: proxy.endpoint })
 */
export async function startS3Proxy({ endpoint, fault }: S3ProxyOptions): Promise<S3Proxy> {
  const requests: string[] = []
  let connections = 0
  const server = createServer((incoming, response) => {
    const { method = '', url = '' } = incoming
    const count = requests.push(`${method} ${url}`)
    const happens = fault?.({ method, url, count })
    if (happens === 'reset') incoming.socket.destroy()
    else if (happens === 'stall') incoming.resume()
    else if (typeof happens === 'object') {
      incoming.resume()
      response.writeHead(happens.status, happens.headers).end(happens.body)
    } else forward(endpoint, incoming, response, happens)
  })
  server.on('connection', () => { connections++ }) // prettier-ignore
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const close = async (): Promise<void> => {
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function forward(
  endpoint: string,
  incoming: IncomingMessage,
  response: ServerResponse,
  fault: 'lose' | 'cut' | 'hang' | undefined,
): void {
  const { method, url, headers } = incoming
  // The headers stay as they are: the signature covers the host.
  const outgoing = send(new URL(url ?? '/', endpoint), { method, headers }, (answer) => {
    if (fault === 'lose') answer.resume().once('end', () => incoming.socket.destroy())
    else {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      if (fault === undefined) answer.pipe(response)
      else breakOff(answer, response, fault)
    }
  })
  outgoing.on('error', () => incoming.socket.destroy())
  response.on('close', () => outgoing.destroy())
  incoming.pipe(outgoing)
}

function breakOff(answer: IncomingMessage, response: ServerResponse, fault: 'cut' | 'hang'): void {
  answer.once('data', (chunk: Buffer) => {
    answer.destroy()
    response.write(chunk.subarray(0, chunk.length >> 1), () => {
      if (fault === 'cut') response.socket?.destroy()
    })
  })
}
