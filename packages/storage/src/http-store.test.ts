import type { IncomingMessage, ServerResponse } from 'node:http'
import { LakeError, type ObjectInfo, type ObjectStore, readObject } from '@lake/core'
import { type ArchiveServer, describeReadableStore, startArchiveServer } from '@lake/core/testing'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { httpStore, type HttpStoreOptions } from './http-store.ts'

type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean

const BYTES = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251)
const OBJECTS = new Map([['data/a.zip', BYTES], ['data/b', Uint8Array.of(1)]]) // prettier-ignore

describeReadableStore('httpStore', async (objects) => {
  const server = await startArchiveServer({ objects, pageKeys: 3 })
  return disposing(httpStore({ url: server.url }), server)
})

describeReadableStore('httpStore below a path, listed at another', async (objects) => {
  const moved = new Map([...objects].map(([key, bytes]) => [`an archive/data/${key}`, bytes]))
  const server = await startArchiveServer({ objects: moved, pageKeys: 4 })
  return disposing(httpStore({ url: `${server.url}an%20archive/data`, listingUrl: server.url }), server)
})

describeReadableStore(
  'httpStore of a server without ranges, conditions and listing',
  async (objects) => {
    const intercept = ({ headers }: IncomingMessage): boolean => {
      for (const name of ['range', 'if-range', 'if-match']) Reflect.deleteProperty(headers, name)
      return false
    }
    const server = await startArchiveServer({ objects, intercept, lists: false })
    return disposing(httpStore({ url: server.url }), server)
  },
  { lists: false },
)

describeReadableStore(
  'httpStore of a server without HEAD that does not tell lengths',
  async (objects) => {
    const intercept: Intercept = (request, response) => {
      const bytes = objects.get(decodeURIComponent(request.url?.slice(1) ?? ''))
      if (request.method === 'HEAD') response.writeHead(405).end()
      else if (bytes === undefined) response.writeHead(404).end()
      else {
        response.writeHead(200, { etag: `"${bytes.length}"`, 'last-modified': 'Tue, 02 Jan 2024 03:04:05 GMT' })
        response.write(bytes.subarray(0, 1))
        response.end(bytes.subarray(1))
      }
      return true
    }
    const server = await startArchiveServer({ objects, intercept, lists: false })
    return disposing(httpStore({ url: server.url }), server)
  },
  { lists: false },
)

describe('httpStore', () => {
  test('tells what the headers tell', async () => {
    const { store, server } = await serving()
    const info = await store.head('data/a.zip')
    expect(info).toMatchObject({ size: 300_000, lastModified: Date.UTC(2024, 0, 2, 3, 4, 5) * 1000 })
    expect(info?.etag).toMatch(/^[0-9a-f]{32}$/)
    expect(store.url).toBe(server.url)
    expect(server.requests).toEqual(['HEAD /data/a.zip'])
  })

  test('tells less of a server that tells less', async () => {
    const { store } = await serving((_, response) => response.writeHead(200, { 'content-length': 3 }).end('abc'))
    expect(await store.head('a')).toEqual({ key: 'a', size: 3, etag: '', lastModified: 0 })
    expect((await store.get('a')).info).toEqual({ key: 'a', size: 3, etag: '', lastModified: 0 })
    await expect(store.get('a', { ifMatch: 'x' })).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  test('cannot be written', async () => {
    const { store, server } = await serving()
    await expect(store.put('data/b', BYTES)).rejects.toMatchObject({ code: 'READ_ONLY', details: { key: 'data/b' } })
    await expect(store.delete('data/b')).rejects.toMatchObject({ code: 'READ_ONLY' })
    expect(server.requests).toEqual([])
  })

  test('asks for nothing but the head when no bytes are wanted', async () => {
    const { store, server } = await serving()
    expect(await readObject(store, 'data/a.zip', { range: { start: 5, end: 5 } })).toHaveLength(0)
    expect(server.requests).toEqual(['HEAD /data/a.zip'])
  })

  test.each(['ftp://host/', 'host/path', '', 'http://', 'https://user:secret@'])('refuses %j as its url', (url) => {
    const error = thrownBy(() => httpStore({ url }))
    expect(error).toMatchObject({ code: 'BAD_REQUEST' })
    expect(error.message).not.toContain('secret')
    expect(thrownBy(() => httpStore({ url: 'http://host/', listingUrl: url }))).toMatchObject({ code: 'BAD_REQUEST' })
  })

  test('refuses a url with a query, without repeating it', () => {
    const error = thrownBy(() => httpStore({ url: 'https://host/path?token=secret' }))
    expect(error).toMatchObject({ code: 'BAD_REQUEST' })
    expect(error.message).not.toContain('secret')
  })

  test('sends credentials of its url, and shows them nowhere', async () => {
    const seen: (string | undefined)[] = []
    const intercept: Intercept = ({ headers, url }, response) => {
      seen.push(headers.authorization)
      if (url?.startsWith('/?') === true) return false
      response.writeHead(403).end()
      return true
    }
    const server = await startArchiveServer({ objects: OBJECTS, intercept })
    onTestFinished(async () => server.close())
    const { host } = new URL(server.url)
    const store = httpStore({ url: `http://us%40er:pass@${host}/`, listingUrl: `http://li%st:er@${host}/` })
    const error = await failureOf(store.get('data/a.zip'))
    expect(error.code).toBe('NO_PERMISSION')
    await collect(store.list())
    expect(seen).toEqual(['us@er:pass', 'li%st:er'].map((text) => `Basic ${Buffer.from(text).toString('base64')}`))
    expect(JSON.stringify([store.url, error.message, error.details])).not.toMatch(/pass|us@er|us%40er/)
  })
})

describe('httpStore told no', () => {
  const answers = [
    [400, 'STORE_FAILED', 1],
    [401, 'NO_PERMISSION', 1],
    [403, 'NO_PERMISSION', 1],
    [404, 'NOT_FOUND', 1],
    [410, 'NOT_FOUND', 1],
    [412, 'CONFLICT', 1],
    [451, 'NO_PERMISSION', 1],
    [501, 'STORE_FAILED', 1],
    [408, 'UNAVAILABLE', 3],
    [429, 'UNAVAILABLE', 3],
    [500, 'UNAVAILABLE', 3],
    [503, 'UNAVAILABLE', 3],
  ] as const
  test.each(answers)('%d becomes %s after %d requests', async (status, code, requests) => {
    const { store, server } = await serving((_, response) => response.writeHead(status).end('no'), { retries: 2 })
    const error = await failureOf(store.get('a/b'))
    expect(error).toMatchObject({ code, details: { url: `${server.url}a/b`, status } })
    expect(error.message).toContain(`${server.url}a/b answered ${status}: `)
    expect(server.requests).toHaveLength(requests)
  })

  test('says of 451 that the region is not served', async () => {
    const { store } = await serving((_, response) => response.writeHead(451).end())
    await expect(store.head('a')).rejects.toThrow('does not serve the region')
  })

  test('refuses a body that is compressed for the transfer', async () => {
    const { store } = await serving((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'))
    await expect(store.get('a')).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { encoding: 'gzip' } })
  })

  test.each([undefined, 'bytes 3-5/*', 'bytes 5-3/9', 'bytes 3-9/9', 'bytes 4-8/9', 'lines 3-8/9'])(
    'refuses a part that is not the one it asked for: %j',
    async (contentRange) => {
      const headers = contentRange === undefined ? {} : { 'content-range': contentRange }
      const { store } = await serving((_, response) => response.writeHead(206, headers).end('defghi'))
      await expect(store.get('a', { range: { start: 3 } })).rejects.toMatchObject({ code: 'STORE_FAILED' })
    },
  )

  test('refuses to take any number of bytes from a server that does not tell how many', async () => {
    const endless = new ReadableStream<Uint8Array>({ pull: (controller) => { controller.enqueue(new Uint8Array(4_194_304)) } }) // prettier-ignore
    const store = httpStore({ url: 'http://host/', fetch: async () => new Response(endless) })
    await expect(store.get('a')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
})

describe('httpStore on a bad connection', () => {
  test('tries again until there is an answer', async () => {
    let failures = 0
    const intercept: Intercept = (_, response) => {
      if (++failures > 3) return false
      if (failures === 1) response.socket?.destroy()
      else response.writeHead(503).end()
      return true
    }
    const server = await startArchiveServer({ objects: OBJECTS, intercept })
    onTestFinished(async () => server.close())
    const store = httpStore({ url: server.url, backoffMillis: 1 })
    expectBytes(await readObject(store, 'data/a.zip'), BYTES)
    expect(server.requests).toHaveLength(4)
  })

  test('says how often it tried', async () => {
    const { store, server } = await serving()
    await server.close()
    const error = await failureOf(store.get('data/a.zip'))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', details: { reason: 'ECONNREFUSED', attempts: 3 } })
    expect(error.message).toMatch(/failed: ECONNREFUSED\..*Tried 3 times\./)
    expect(error.cause).toBeInstanceOf(TypeError)
  })

  test.each([
    [new Error('no route'), 'no route'],
    [new TypeError('fetch failed', { cause: 'odd' }), 'odd'],
    ['odd', 'odd'],
  ])('names what fetch throws: %s', async (thrown, reason) => {
    const broken = vi.fn<typeof fetch>().mockRejectedValue(thrown)
    const store = httpStore({ url: 'http://host/', fetch: broken, retries: 0 })
    await expect(store.head('a')).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { reason, attempts: 1 } })
  })

  test('waits as long as the server asks', async () => {
    let requests = 0
    const { store } = await serving(
      (_, response) => {
        if (++requests === 1) response.writeHead(429, { 'retry-after': '0' }).end()
        else if (requests === 2) response.writeHead(503, { 'retry-after': new Date(0).toUTCString() }).end()
        else response.end('abc')
      },
      // Without the header, the test would run into its time limit.
      { backoffMillis: 50_000 },
    )
    expect(await readObject(store, 'a')).toHaveLength(3)
  })

  test('does not wait for an hour', async () => {
    const { store, server } = await serving((_, response) => response.writeHead(429, { 'retry-after': '3600' }).end())
    await expect(store.head('a')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { retryAfterMillis: 3_600_000 },
    })
    expect(server.requests).toHaveLength(1)
  })

  test('ignores a retry-after that is neither seconds nor a date', async () => {
    const { store } = await serving((_, response) => response.writeHead(429, { 'retry-after': 'later' }).end())
    await expect(store.head('a')).rejects.toMatchObject({ details: { attempts: 3 } })
  })

  test('gives up a server that does not answer', async () => {
    const { store, server } = await serving(() => undefined, { timeoutMillis: 20, retries: 1 })
    await expect(store.head('a')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { timeoutMillis: 20, attempts: 2 },
    })
    expect(server.requests).toHaveLength(2)
  })

  test('stops waiting for an answer, for a chunk and between attempts when it is aborted', async () => {
    const reason = new Error('enough')
    const silent = (): undefined => undefined
    const halting = (_: unknown, response: ServerResponse): unknown =>
      response.writeHead(200, { 'content-length': 9 }).write('abc')
    const failing = (_: unknown, response: ServerResponse): unknown => response.writeHead(503).end()
    for (const [answer, backoffMillis] of [
      [silent, 1],
      [halting, 1],
      [failing, 30_000],
    ] as const) {
      const { store, server } = await serving(answer, { backoffMillis })
      const controller = new AbortController()
      const read = Promise.allSettled([readObject(store, 'a', { signal: controller.signal })])
      while (server.requests.length === 0) await new Promise(setImmediate)
      setTimeout(() => { controller.abort(reason) }, 20) // prettier-ignore
      expect(await read).toEqual([{ status: 'rejected', reason }])
      expect(server.requests).toHaveLength(1)
    }
  })
})

describe('a body of httpStore that breaks off', () => {
  test('is resumed where it broke, under the condition that the object is the same', async () => {
    const { store, requests } = await breaking([100_000, 50_000])
    expectBytes(await readObject(store, 'data/a.zip'), BYTES)
    expect(requests.map(({ range }) => range)).toEqual([undefined, 'bytes=100000-299999', 'bytes=150000-299999'])
    const etag = (await store.head('data/a.zip'))?.etag
    expect(requests.slice(1, 3).map((headers) => headers['if-range'])).toEqual([`"${etag}"`, `"${etag}"`])
  })

  test('is the right bytes, whatever is asked for and wherever it breaks', { timeout: 60_000 }, async () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 150_000 }), { maxLength: 4 })
    const offset = fc.integer({ min: 0, max: 310_000 })
    const property = fc.asyncProperty(
      cuts,
      offset,
      fc.option(offset, { nil: undefined }),
      async (after, start, end) => {
        fc.pre(end === undefined || start <= end)
        await using archive = await startBreaking(after)
        const store = httpStore({ url: archive.server.url, backoffMillis: 1 })
        expectBytes(await readObject(store, 'data/a.zip', { range: { start, end } }), BYTES.slice(start, end))
      },
    )
    await fc.assert(property, { numRuns: 40 })
  })

  test('is resumed by reading over the start where the server does not know ranges', async () => {
    const { store } = await breaking([100_000], ({ headers }) => { Reflect.deleteProperty(headers, 'range') }) // prettier-ignore
    expectBytes(await readObject(store, 'data/a.zip'), BYTES)
  })

  test('is resumed when it stalls', async () => {
    let requests = 0
    const intercept: Intercept = ({ headers }, response) => {
      if (++requests > 1) {
        expect(headers.range).toBe('bytes=3-8')
        response.writeHead(206, { 'content-length': 6, 'content-range': 'bytes 3-8/9', etag: '"a"' }).end('defghi')
      } else response.writeHead(200, { 'content-length': 9, etag: '"a"' }).write('abc')
      return true
    }
    const server = await startArchiveServer({ objects: OBJECTS, intercept })
    onTestFinished(async () => server.close())
    const store = httpStore({ url: server.url, timeoutMillis: 100, backoffMillis: 1 })
    expect(Buffer.from(await readObject(store, 'a')).toString()).toBe('abcdefghi')
  })

  test('is not resumed with the bytes of another version', async () => {
    const objects = new Map(OBJECTS)
    const { store } = await breaking([100_000], () => { objects.set('data/a.zip', BYTES.map((byte) => byte + 1)) }, objects) // prettier-ignore
    const { body } = await store.get('data/a.zip')
    const chunks: Uint8Array[] = []
    const error = await failureOf((async () => { for await (const chunk of body) chunks.push(chunk) })()) // prettier-ignore
    expect(error).toMatchObject({ code: 'UNAVAILABLE', details: { position: 100_000 } })
    expect(error.message).toContain('replaced')
    expectBytes(Buffer.concat(chunks), BYTES.slice(0, 100_000))
  })

  test.each([{}, { etag: 'W/"a"' }])('is not resumed when nobody could tell another version: %j', async (headers) => {
    const { store, server } = await serving((_, response) => {
      response.writeHead(200, { 'content-length': 9, ...headers }).write('abc', () => response.socket?.destroy())
    })
    await expect(readObject(store, 'a')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(server.requests).toHaveLength(1)
  })

  test('is given up after the allowed number of attempts', async () => {
    const { store, requests } = await breaking(Array.from({ length: 50 }, () => 10))
    const error = await failureOf(readObject(store, 'data/a.zip'))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', details: { attempts: 6 } })
    expect(requests).toHaveLength(6)
  })

  test('is never taken for whole when it ends early without an error', async () => {
    const short = async (): Promise<Response> =>
      new Response('abc', { headers: { 'content-length': '9', etag: '"a"' } })
    const store = httpStore({ url: 'http://host/', fetch: short, retries: 2, backoffMillis: 1 })
    // Each attempt gets as far as the first, since this server knows no ranges.
    await expect(readObject(store, 'a')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { position: 3, expected: 9 },
    })
  })
})

/** A store on a server that answers every request in its own way, or as an archive with {@link OBJECTS}. */
async function serving(
  answer?: (request: IncomingMessage, response: ServerResponse) => unknown,
  options: Omit<HttpStoreOptions, 'url'> = {},
): Promise<{ readonly store: ObjectStore; readonly server: ArchiveServer }> {
  const intercept: Intercept = (request, response) => {
    answer?.(request, response)
    return answer !== undefined
  }
  const server = await startArchiveServer({ objects: OBJECTS, intercept })
  onTestFinished(async () => server.close())
  return { store: httpStore({ url: server.url, retries: 2, backoffMillis: 1, ...options }), server }
}

interface BreakingArchive extends AsyncDisposable {
  readonly server: ArchiveServer
  readonly requests: IncomingMessage['headers'][]
}

/** An archive that breaks off the body of its first answers, each after so many bytes. */
async function startBreaking(
  after: readonly number[],
  onBreak: (request: IncomingMessage) => void = () => undefined,
  objects: ReadonlyMap<string, Uint8Array> = OBJECTS,
): Promise<BreakingArchive> {
  const requests: IncomingMessage['headers'][] = []
  const intercept: Intercept = (request, response) => {
    requests.push({ ...request.headers })
    const bytes = after[requests.length - 1]
    if (requests.length > 1) onBreak(request)
    if (bytes === undefined || request.method === 'HEAD') return false
    const end = response.end.bind(response)
    Object.assign(response, {
      end: (body: Uint8Array | undefined) => {
        response.end = end
        if (body === undefined || body.length <= bytes) return response.end(body)
        response.write(body.subarray(0, bytes), () => response.socket?.destroy())
        return response
      },
    })
    return false
  }
  const server = await startArchiveServer({ objects, intercept })
  return { server, requests, [Symbol.asyncDispose]: async () => server.close() }
}

async function breaking(
  ...args: Parameters<typeof startBreaking>
): Promise<BreakingArchive & { readonly store: ObjectStore }> {
  const archive = await startBreaking(...args)
  onTestFinished(async () => archive.server.close())
  return { ...archive, store: httpStore({ url: archive.server.url, backoffMillis: 1 }) }
}

function disposing(store: ObjectStore, server: ArchiveServer): ObjectStore & AsyncDisposable {
  return { ...store, [Symbol.asyncDispose]: async () => server.close() }
}

/** `toEqual` takes a second for so many bytes. */
function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  expect(Buffer.compare(actual, expected)).toBe(0)
}

async function collect(infos: AsyncIterable<ObjectInfo>): Promise<ObjectInfo[]> {
  const all: ObjectInfo[] = []
  for await (const info of infos) all.push(info)
  return all
}

async function failureOf(work: Promise<unknown>): Promise<LakeError> {
  try {
    await work
  } catch (error) {
    if (LakeError.is(error)) return error
  }
  return expect.fail('expected a LakeError')
}

function thrownBy(work: () => unknown): LakeError {
  try {
    work()
  } catch (error) {
    if (LakeError.is(error)) return error
  }
  return expect.fail('expected a LakeError')
}
