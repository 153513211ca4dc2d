import { createServer } from 'node:http'
import { once } from 'node:events'
import { connect } from 'node:net'
import { readObject } from '@lake/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { httpStore } from './http-store.ts'
import { s3Store } from './s3-store.ts'
import { findTool, needsTool, startForwardProxy, startS3Server } from './testing/index.ts'

const PATIENCE = { retries: 0, timeoutMillis: 3000 }

beforeEach(() => {
  for (const name of ['http', 'https', 'all', 'no'].map((word) => `${word}_proxy`)) {
    vi.stubEnv(name, '')
    vi.stubEnv(name.toUpperCase(), '')
  }
})

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the proxy variables, for a web server', () => {
  test.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])('%s is the way to it', async (name) => {
    await using archive = await startArchive()
    await using proxy = await startForwardProxy({ hosts: { 'archive.test': archive.host } })
    vi.stubEnv(name, proxy.url)
    const store = httpStore({ url: 'http://archive.test/data/', ...PATIENCE })
    expect(text(await readObject(store, 'a'))).toBe('/data/a')
    expect(text(await readObject(store, 'b'))).toBe('/data/b')
    expect(proxy.requests).toEqual(['GET http://archive.test/data/a', 'GET http://archive.test/data/b'])
  })

  test('a loopback address is asked through it too, unless NO_PROXY says otherwise', async () => {
    await using archive = await startArchive()
    await using proxy = await startForwardProxy()
    vi.stubEnv('HTTP_PROXY', proxy.url)
    const store = httpStore({ url: `http://${archive.host}/`, ...PATIENCE })
    expect(text(await readObject(store, 'a'))).toBe('/a')
    expect(proxy.requests).toHaveLength(1)
    for (const [name, value] of [
      ['NO_PROXY', '127.0.0.1'],
      ['no_proxy', 'example.com,127.0.0.1'],
      ['NO_PROXY', '*'],
    ] as const) {
      vi.stubEnv('NO_PROXY', '')
      vi.stubEnv(name, value)
      expect(text(await readObject(store, 'a'))).toBe('/a')
    }
    expect(proxy.requests).toHaveLength(1)
  })

  test('HTTPS_PROXY makes a tunnel, and a proxy that is not there is named', async () => {
    await using proxy = await startForwardProxy({ hosts: { 'archive.test': '127.0.0.1:1' } })
    vi.stubEnv('HTTPS_PROXY', proxy.url)
    const store = httpStore({ url: 'https://archive.test/', ...PATIENCE })
    await expect(store.head('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(proxy.requests).toEqual(['CONNECT archive.test:443'])
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1')
    await expect(httpStore({ url: 'https://archive.test/', ...PATIENCE }).head('a')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('ECONNREFUSED') as string,
    })
  })
})

describe('the proxy variables, for a server of S3', () => {
  test.for(['path', 'host'] as const)(
    'every request of a store takes it (bucket in the %s)',
    async (style, { skip }) => {
      if (findTool('versitygw') === undefined) skip(needsTool('versitygw'))
      const forcePathStyle = style === 'path'
      await using server = await startS3Server({
        buckets: ['lake'],
        arguments: forcePathStyle ? [] : ['--virtual-domain', 's3.test:9000'],
      })
      const place = new URL(server.endpoint).host
      await using proxy = await startForwardProxy({ hosts: { 's3.test': place, 'lake.s3.test': place } })
      vi.stubEnv('http_proxy', proxy.url)
      const { credentials, region } = server
      const open = () => {
        const server = { endpoint: 'http://s3.test:9000', region, credentials, forcePathStyle }
        return s3Store({ bucket: 'lake', ...server, ...PATIENCE })
      }
      const store = open()
      await store.put('a b/ü', Buffer.from('hello'))
      expect(text(await readObject(store, 'a b/ü'))).toBe('hello')
      await store.put('large', Buffer.alloc(9_000_000, 'x'))
      expect((await store.head('large'))?.size).toBe(9_000_000)
      expect(proxy.requests.length).toBeGreaterThanOrEqual(6)
      const origin = forcePathStyle ? 'http://s3.test:9000/lake/' : 'http://lake.s3.test:9000/'
      expect(proxy.requests.every((request) => request.split(' ')[1]?.startsWith(origin))).toBe(true)
      vi.stubEnv('NO_PROXY', '.s3.test,s3.test')
      const before = proxy.requests.length
      await expect(open().head('large')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      expect(proxy.requests).toHaveLength(before)
    },
  )

  test('HTTPS_PROXY makes a tunnel to AWS', async () => {
    await using proxy = await startForwardProxy({ hosts: { 'lake.s3.eu-west-1.amazonaws.com': '127.0.0.1:1' } })
    vi.stubEnv('HTTPS_PROXY', proxy.url)
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
    const store = s3Store({ bucket: 'lake', region: 'eu-west-1', credentials, ...PATIENCE })
    await expect(store.head('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(proxy.requests).toEqual(['CONNECT lake.s3.eu-west-1.amazonaws.com:443'])
  })
})

describe('the proxy of these tests', () => {
  test('carries what goes through its tunnels', async () => {
    await using archive = await startArchive()
    await using proxy = await startForwardProxy({ hosts: { 'archive.test': archive.host } })
    const { hostname, port } = new URL(proxy.url)
    const socket = connect(Number(port), hostname)
    socket.write('CONNECT archive.test:80 HTTP/1.1\r\nhost: archive.test\r\n\r\n')
    await once(socket, 'data')
    socket.write('GET /x HTTP/1.0\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toContain('200 OK')
    socket.destroy()
  })
})

/** Answers each GET with its path. */
async function startArchive(): Promise<AsyncDisposable & { readonly host: string }> {
  const server = createServer(({ url = '' }, response) => {
    response.writeHead(200, { 'content-length': url.length }).end(url)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    host: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      })
    },
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}
