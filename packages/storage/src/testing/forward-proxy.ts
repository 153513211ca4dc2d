import { once } from 'node:events'
import { createServer, request as send } from 'node:http'
import { connect } from 'node:net'

export interface ForwardProxyOptions {
  /** Names that only the proxy knows, and the address behind each: `{ 'archive.test': '127.0.0.1:8080' }`. */
  readonly hosts?: Readonly<Record<string, string>> | undefined
}

export interface ForwardProxy extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, as the proxy variables want it. */
  readonly url: string
  /** What it was asked, as in `GET http://archive.test/a` and `CONNECT archive.test:443`. */
  readonly requests: readonly string[]
}

/**
 * A proxy on 127.0.0.1 as a company has it: it forwards plain HTTP and makes tunnels for the rest.
 *
 * @example
 * await using proxy = await startForwardProxy({ hosts: { 'archive.test': '127.0.0.1:8080' } })
 * process.env.HTTP_PROXY = proxy.url
 */
export async function startForwardProxy({ hosts = {} }: ForwardProxyOptions = {}): Promise<ForwardProxy> {
  const requests: string[] = []
  const placeOf = (hostname: string, port: string): { host: string; port: number } => {
    const [host = hostname, known = port] = (hosts[hostname] ?? '').split(':').filter(Boolean)
    return { host, port: Number(known) }
  }
  const server = createServer((incoming, response) => {
    const { method = '', url = '', headers } = incoming
    requests.push(`${method} ${url}`)
    const { hostname, port, pathname, search } = new URL(url)
    const path = pathname + search
    const outgoing = send({ ...placeOf(hostname, port || '80'), method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    outgoing.on('error', () => incoming.socket.destroy())
    incoming.pipe(outgoing)
  })
  server.on('connect', ({ url = '' }, near) => {
    requests.push(`CONNECT ${url}`)
    const [hostname = '', port = ''] = url.split(':')
    const far = connect(placeOf(hostname, port), () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n')
      far.pipe(near).pipe(far)
    })
    far.on('error', () => near.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'))
    near.on('error', () => far.destroy())
    near.on('close', () => far.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      })
    },
  }
}
