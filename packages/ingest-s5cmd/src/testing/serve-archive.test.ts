import { fileURLToPath } from 'node:url'
import { LakeError, type ObjectStore } from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { memoryStore } from '@lake/storage'
import { afterEach, describe, expect, test } from 'vitest'
import { type ArchiveServer, serveArchive, type ServeOptions } from './serve-archive.ts'

const FIXTURES = fileURLToPath(new URL('../../../../fixtures/archive', import.meta.url))
const HOURS = 'data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h-2026-05-08.zip'

const servers: ArchiveServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

describe('objects', () => {
  test('come with their length and an etag, from a folder', async () => {
    const { url } = await serve({ root: FIXTURES })
    const response = await fetch(`${url}/${HOURS}.CHECKSUM`)
    expect(await response.text()).toMatch(/^[0-9a-f]{64} {2}BTCUSDT-1h-2026-05-08\.zip\n$/)
    expect(response.headers.get('content-length')).toBe('92')
    expect(response.headers.get('etag')).toMatch(/^".+"$/)
  })

  test('are found below the bucket too, and under percent-encoded names', async () => {
    const { url } = await serve({ store: await storeWith('data/币安人生USDT a+b.zip') })
    for (const folder of ['', '/data.binance.vision']) {
      const response = await fetch(`${url}${folder}/data/${encodeURIComponent('币安人生USDT a+b.zip')}`)
      expect(await response.text()).toBe('data/币安人生USDT a+b.zip')
    }
  })

  test('show their head without a body', async () => {
    const { url, requests } = await serve({ store: await storeWith('a/b.zip') })
    const response = await fetch(`${url}/a/b.zip`, { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-length')).toBe('7')
    expect(requests).toEqual([expect.objectContaining({ method: 'HEAD', key: 'a/b.zip', status: 200, bytes: 0 })])
  })

  test.each([
    ['bytes=2-4', 206, 'b.z', 'bytes 2-4/7'],
    ['bytes=5-', 206, 'ip', 'bytes 5-6/7'],
    ['bytes=-3', 206, 'zip', 'bytes 4-6/7'],
    ['bytes=-30', 206, 'a/b.zip', 'bytes 0-6/7'],
    ['bytes=2-400', 206, 'b.zip', 'bytes 2-6/7'],
    ['bytes=4-2', 200, 'a/b.zip', null],
    ['bytes=-', 200, 'a/b.zip', null],
    ['lines=1-2', 200, 'a/b.zip', null],
  ])('answer the range %s with %i', async (range, status, text, contentRange) => {
    const { url } = await serve({ store: await storeWith('a/b.zip') })
    const response = await fetch(`${url}/a/b.zip`, { headers: { range } })
    expect(response.status).toBe(status)
    expect(await response.text()).toBe(text)
    expect(response.headers.get('content-range')).toBe(contentRange)
  })

  test.each(['bytes=7-', 'bytes=-0'])('refuse the range %s that has no byte', async (range) => {
    const { url } = await serve({ store: await storeWith('a/b.zip') })
    const response = await fetch(`${url}/a/b.zip`, { headers: { range } })
    expect(response.status).toBe(416)
    expect(response.headers.get('content-range')).toBe('bytes */7')
  })

  test('are refused when they are no longer what the client saw', async () => {
    const { url } = await serve({ store: await storeWith('a/b.zip') })
    const etag = (await fetch(`${url}/a/b.zip`)).headers.get('etag') ?? ''
    expect((await fetch(`${url}/a/b.zip`, { headers: { 'if-match': etag } })).status).toBe(200)
    expect((await fetch(`${url}/a/b.zip`, { headers: { 'if-match': '"another"' } })).status).toBe(412)
  })

  test.each([
    ['an absent key', '/absent.zip', 'GET', 404, 'NoSuchKey'],
    ['a key that leaves the store', '/a%2F..%2F..%2Fb', 'GET', 400, 'InvalidURI'],
    ['a path that is not percent-encoded correctly', '/%zz', 'GET', 404, 'NoSuchKey'],
    ['a write', '/a/b.zip', 'PUT', 405, 'MethodNotAllowed'],
  ])('refuse %s in the words of S3', async (_, path, method, status, code) => {
    const { url } = await serve({ store: await storeWith('a/b.zip') })
    const response = await fetch(`${url}${path}`, { method })
    expect(response.status).toBe(status)
    expect(await response.text()).toContain(`<Error><Code>${code}</Code>`)
  })

  test('fail with 500 when the store fails, and break off when it fails in the middle', async () => {
    const broken = new LakeError('STORE_FAILED', 'The disk is broken.')
    const inner = await storeWith('head.zip', 'get.zip')
    const store = faultyStore(inner, { fail: (operation, key) => (key === `${operation}.zip` ? broken : undefined) })
    const { url } = await serve({ store })
    expect((await fetch(`${url}/head.zip`)).status).toBe(500)
    await expect(read(`${url}/get.zip`)).rejects.toThrow()
  })
})

describe('listings', () => {
  test('continue after the last key of a page, which is no NextMarker without a delimiter', async () => {
    const { url } = await serve({ store: await storeWith('p/a', 'p/b', 'p/c', 'q/d'), pageSize: 2 })
    const first = await list(`${url}/?prefix=p/`)
    expect(first).toMatchObject({ keys: ['p/a', 'p/b'], isTruncated: true, nextMarker: undefined })
    const second = await list(`${url}/?prefix=p/&marker=p/b`)
    expect(second).toMatchObject({ keys: ['p/c'], isTruncated: false })
  })

  test('roll folders up, name the next marker, and go on after a folder', async () => {
    const store = await storeWith('p/a', 'p/b/1', 'p/b/2', 'p/c', 'p/d/1')
    const { url } = await serve({ store, pageSize: 2 })
    const first = await list(`${url}/data.binance.vision?prefix=p/&delimiter=/`)
    expect(first).toEqual({ keys: ['p/a'], folders: ['p/b/'], isTruncated: true, nextMarker: 'p/b/' })
    const second = await list(`${url}/data.binance.vision?prefix=p/&delimiter=/&marker=p/b/`)
    expect(second).toEqual({ keys: ['p/c'], folders: ['p/d/'], isTruncated: false, nextMarker: undefined })
  })

  test('never give more keys than asked for', async () => {
    const { url } = await serve({ store: await storeWith('a', 'b', 'c') })
    expect(await list(`${url}/?max-keys=2`)).toMatchObject({ keys: ['a', 'b'], isTruncated: true })
    expect(await list(`${url}/?max-keys=3`)).toMatchObject({ keys: ['a', 'b', 'c'], isTruncated: false })
  })

  test('hold size, etag and time of each key, and escape what XML needs', async () => {
    const { url } = await serve({ store: await storeWith(`a&b<c>"d"`) })
    const xml = await (await fetch(`${url}/?prefix=a%26`)).text()
    expect(xml).toContain('<Prefix>a&amp;</Prefix>')
    expect(xml).toMatch(
      /<Contents><Key>a&amp;b&lt;c&gt;&quot;d&quot;<\/Key><LastModified>\d{4}-\d\d-\d\dT[\d:.]+Z<\/LastModified><ETag>&quot;.+?&quot;<\/ETag><Size>9<\/Size>/,
    )
  })

  test('are absent from a plain web server', async () => {
    const { url } = await serve({ store: await storeWith('a'), hasListing: false })
    const response = await fetch(`${url}/?prefix=a`)
    expect(response.headers.get('content-type')).toBe('text/html')
    expect(await response.text()).not.toContain('ListBucketResult')
  })
})

describe('faults', () => {
  test('befall the requests that they are meant for', async () => {
    const { url, requests } = await serve({
      store: await storeWith('a.zip', 'b.zip'),
      faults: [
        { kind: 'status', status: 503, match: 'b', nth: 2, times: 2, retryAfterSeconds: 7 },
        { kind: 'status', status: 403, method: 'HEAD', times: Infinity },
      ],
    })
    const statuses: number[] = []
    for (const path of ['b.zip', 'a.zip', 'b.zip', 'b.zip', 'b.zip']) {
      const response = await fetch(`${url}/${path}`)
      statuses.push(response.status)
      expect(response.headers.get('retry-after')).toBe(response.status === 503 ? '7' : null)
    }
    for (let count = 0; count < 2; count++) statuses.push((await fetch(`${url}/a.zip`, { method: 'HEAD' })).status)
    expect(statuses).toEqual([200, 200, 503, 503, 200, 403, 403])
    expect(requests.map(({ status }) => status)).toEqual(statuses)
  })

  test('befall listings by their prefix', async () => {
    const { url } = await serve({ store: memoryStore(), faults: [{ kind: 'status', status: 500, match: 'data/' }] })
    expect((await fetch(`${url}/?prefix=data/spot/`)).status).toBe(500)
    expect((await fetch(`${url}/?prefix=data/spot/`)).status).toBe(200)
    expect((await fetch(`${url}/`)).status).toBe(200)
  })

  test('cut the body short with a length that fits', async () => {
    const { url, requests } = await serve({ store: await storeWith('a.zip'), faults: [{ kind: 'truncate', bytes: 3 }] })
    expect(await read(`${url}/a.zip`)).toBe('a.z')
    expect(requests[0]).toMatchObject({ status: 200, bytes: 3 })
    expect(await read(`${url}/a.zip`)).toBe('a.zip')
  })

  test.each([0, 3])('break the connection after %i bytes', async (bytes) => {
    const { url } = await serve({ store: await storeWith('a.zip'), faults: [{ kind: 'reset', bytes }] })
    await expect(read(`${url}/a.zip`)).rejects.toThrow()
  })

  test('stall until the server is closed', async () => {
    const server = await serve({ store: await storeWith('a.zip'), faults: [{ kind: 'stall', bytes: 3 }] })
    const response = await fetch(`${server.url}/a.zip`)
    const reader = response.body?.getReader()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('a.z')
    const next = reader?.read()
    await server.close()
    await expect(next).rejects.toThrow()
  })

  test('flip one bit', async () => {
    const { url } = await serve({ store: await storeWith('a.zip'), faults: [{ kind: 'corrupt', offset: 0 }] })
    expect(await read(`${url}/a.zip`)).toBe('`.zip')
  })
})

describe('the server', () => {
  test('answers later when it is told to', async () => {
    const { url, requests } = await serve({ store: await storeWith('a.zip'), latency: 20 })
    const response = fetch(`${url}/a.zip`)
    while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(requests[0]?.status).toBe(0)
    expect((await response).status).toBe(200)
    expect(requests[0]?.status).toBe(200)
  })

  test('lets go of its port when closed, also twice and by await using', async () => {
    const server = await serve({ store: memoryStore() })
    await server.close()
    await server.close()
    await server[Symbol.asyncDispose]()
    await expect(fetch(server.url)).rejects.toThrow()
  })

  test.each([
    ['nothing', {}],
    ['both', { root: FIXTURES, store: memoryStore() }],
  ])('refuses %s to serve', async (_, options) => {
    await expect(serveArchive(options)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })
})

async function serve(options: ServeOptions): Promise<ArchiveServer> {
  const server = await serveArchive(options)
  servers.push(server)
  return server
}

/** Each object holds its own key. */
async function storeWith(...keys: readonly string[]): Promise<ObjectStore> {
  const store = memoryStore()
  for (const key of keys) await store.put(key, Buffer.from(key))
  return store
}

async function read(url: string): Promise<string> {
  return (await fetch(url)).text()
}

interface Listing {
  readonly keys: string[]
  readonly folders: string[]
  readonly isTruncated: boolean
  readonly nextMarker: string | undefined
}

async function list(url: string): Promise<Listing> {
  const xml = await read(url)
  return {
    keys: [...xml.matchAll(/<Contents><Key>(.*?)<\/Key>/g)].map((match) => match[1] ?? ''),
    folders: [...xml.matchAll(/<CommonPrefixes><Prefix>(.*?)<\/Prefix>/g)].map((match) => match[1] ?? ''),
    isTruncated: xml.includes('<IsTruncated>true</IsTruncated>'),
    nextMarker: /<NextMarker>(.*?)<\/NextMarker>/.exec(xml)?.[1],
  }
}
