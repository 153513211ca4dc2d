import { randomBytes } from 'node:crypto'
import { type ObjectStore, readObject } from '@lake/core'
import { describeObjectStore } from '@lake/core/testing'
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { memoryStore } from './memory-store.ts'
import { openStore } from './open-store.ts'
import { copierInto } from './s3-copy.ts'
import type { S3StoreOptions } from './s3-options.ts'
import { s3Store } from './s3-store.ts'
import { findTool, needsTool } from './testing/find-tool.ts'
import { type S3Fault, type S3ProxyRequest, startS3Proxy } from './testing/s3-proxy.ts'
import { type S3Server, startS3Server } from './testing/s3-server.ts'

const MEBIBYTE = 1_048_576
const ONE = Uint8Array.of(1)
const TWO = Uint8Array.of(2)
const READER = { accessKeyId: 'reader', secretAccessKey: 'reader-secret' }

const server: S3Server | undefined = await startServer()
afterAll(async () => server?.close())
beforeEach(({ skip }) => {
  if (server === undefined) skip(needsTool('versitygw'))
})

let folders = 0

if (server === undefined) test('s3Store keeps the promises of ObjectStore', () => undefined)
else {
  describeObjectStore('s3Store', () => s3Store({ bucket: 'lake', prefix: `suite-${folders++}`, ...server }), {
    etagsOfBytes: true,
  })
}

describe('s3Store', () => {
  test('is a whole bucket or a folder of it', async () => {
    const { store: whole } = opened({ bucket: 'whole' })
    const folder = s3Store({ bucket: 'whole', prefix: 'a/b', ...running() })
    await whole.put('a/b/c', ONE)
    await whole.put('a/bc', ONE)
    expect(await keysOf(folder)).toEqual(['c'])
    expect(await keysOf(whole)).toEqual(['a/b/c', 'a/bc'])
    expect([whole.url, folder.url]).toEqual(['s3://whole', 's3://whole/a/b'])
  })

  test('reads a public bucket without credentials, and does not write to it', async () => {
    const { endpoint } = running()
    await s3Store({ bucket: 'public', ...running() }).put('a', ONE)
    const store = s3Store({ bucket: 'public', endpoint, anonymous: true })
    expect(await keysOf(store)).toEqual(['a'])
    expect(await readObject(store, 'a')).toEqual(Buffer.from(ONE))
    await expect(store.put('a', TWO)).rejects.toMatchObject({
      code: 'NO_PERMISSION',
      message: containing('requests without a signature'),
    })
    const closed = s3Store({ bucket: 'lake', endpoint, anonymous: true })
    await expect(closed.get('a')).rejects.toMatchObject({ code: 'NO_PERMISSION', details: { reason: 'AccessDenied' } })
    await expect(closed.head('a')).rejects.toMatchObject({ code: 'NO_PERMISSION' })
  })

  test('takes everything from the AWS variables, and says so when they are not set', async () => {
    const { endpoint, region, credentials } = running()
    onTestFinished(() => { vi.unstubAllEnvs() }) // prettier-ignore
    const nowhere = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_PROFILE: undefined }
    const unset = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_SESSION_TOKEN: undefined }
    const place = { AWS_ENDPOINT_URL: endpoint, AWS_REGION: region, AWS_EC2_METADATA_DISABLED: 'true' }
    for (const [name, value] of Object.entries({ ...nowhere, ...unset, ...place })) vi.stubEnv(name, value)
    await expect(openStore('s3://lake/variables').put('a', ONE)).rejects.toMatchObject({
      code: 'NO_PERMISSION',
      message: containing('AWS_ACCESS_KEY_ID'),
    })
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey)
    const store = openStore('s3://lake/variables')
    await store.put('a', ONE)
    expect(await keysOf(store)).toEqual(['a'])
  })

  test('says what a user may not do', async () => {
    const store = s3Store({ bucket: 'public', ...running(), credentials: async () => Promise.resolve(READER) })
    expect(await store.head('none')).toBeUndefined()
    await expect(store.put('b', ONE)).rejects.toMatchObject({
      code: 'NO_PERMISSION',
      message: containing('s3:PutObject'),
      details: { key: 'b', reason: 'AccessDenied', status: 403 },
    })
  })

  test('tells of every call that the credentials are wrong, and never what they are', async () => {
    for (const credentials of [
      { accessKeyId: 'test', secretAccessKey: 'wrong-secret', sessionToken: 'wrong-token' },
      { accessKeyId: 'nobody', secretAccessKey: 'wrong-secret' },
    ]) {
      for (const call of callsOf(() => s3Store({ bucket: 'lake', ...running(), credentials }))) {
        const error: unknown = await call().catch((caught: unknown) => caught)
        expect(error).toMatchObject({ code: 'NO_PERMISSION' })
        expect(allOf(error)).not.toMatch(/wrong-secret|wrong-token|Signature=/)
      }
    }
  })

  test('tells of every call that there is no such bucket', async () => {
    for (const call of callsOf(() => s3Store({ bucket: 'missing', ...running() }))) {
      await expect(call()).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: containing('no such bucket'),
      })
    }
  })

  test('tells of every call in which region the bucket is', async () => {
    for (const call of callsOf(() => s3Store({ bucket: 'lake', ...running(), region: 'eu-west-1' }))) {
      await expect(call()).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        message: containing('in region us-east-1, not eu-west-1'),
        details: { region: 'us-east-1' },
      })
    }
  })

  test('refuses a key below an object, which this server cannot hold', async () => {
    const { store } = opened()
    await store.put('a', ONE)
    await expect(store.put('a/b', ONE)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  test('refuses an etag that no object has', async () => {
    const { store } = opened()
    await store.put('a', ONE)
    await expect(store.put('a', TWO, { ifMatch: 'W/"1"' })).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(store.get('a', { ifMatch: 'W/"1"' })).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  test('lists more keys than a page has', async () => {
    const { store } = opened()
    const keys = Array.from({ length: 1203 }, (_, index) => `k ${String(index).padStart(4, '0')}+%`)
    for (let start = 0; start < keys.length; start += 100) {
      await Promise.all(keys.slice(start, start + 100).map(async (key) => store.put(key, ONE)))
    }
    expect(await keysOf(store)).toEqual(keys)
  }, 60_000)
})

describe('a body of many parts', () => {
  test('is put in parts and read as it was', async () => {
    const { store, prefix } = opened({ partBytes: 5 * MEBIBYTE, concurrentParts: 2 })
    const bytes = randomBytes(17 * MEBIBYTE + 3)
    let ahead = 0
    const info = await store.put(
      'big',
      chunksOf(bytes, 1_000_003, () => ahead++),
    )
    expect(info).toMatchObject({ key: 'big', size: bytes.length, etag: matching(/-4$/) })
    expect(await store.head('big')).toMatchObject({ size: info.size, etag: info.etag })
    expect(Buffer.compare(await readObject(store, 'big'), bytes)).toBe(0)
    expect(ahead).toBe(18)
    expect(await requestsTo(`${prefix}/big`, 'UploadPart')).toHaveLength(4)
    const array = await store.put('big', bytes, { ifMatch: info.etag })
    expect(array.etag).toBe(info.etag)
  })

  test('is read no further ahead than the parts that are held in memory', async () => {
    const stalled = { partBytes: 5 * MEBIBYTE, concurrentParts: 2 }
    const { store, proxy } = await faulty(({ url }) => (url.includes('partNumber=') ? 'stall' : undefined), stalled)
    await using _ = proxy
    const controller = new AbortController()
    const reason = new Error('enough')
    let ahead = 0
    const endless = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      for (;;) {
        ahead++
        yield new Uint8Array(MEBIBYTE)
      }
    }
    const putting = store.put('big', endless(), { signal: controller.signal })
    await vi.waitFor(() => {
      expect(proxy.requests.filter((request) => request.includes('partNumber='))).toHaveLength(2)
    })
    controller.abort(reason)
    await expect(putting).rejects.toBe(reason)
    expect(ahead).toBeLessThanOrEqual(4 * 5)
  })

  test('meets its condition before anything is sent, and again at its end', async () => {
    const { store, prefix } = opened({ partBytes: 5 * MEBIBYTE })
    const { etag } = await store.put('big', ONE)
    const body = (): AsyncIterable<Uint8Array> => chunksOf(randomBytes(11 * MEBIBYTE), MEBIBYTE)
    await expect(store.put('big', body(), { ifAbsent: true })).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(store.put('none', body(), { ifMatch: etag })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await requestsTo(`${prefix}/big`, 'CreateMultipartUpload')).toHaveLength(0)
    let chunks = 0
    const overtaken = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const chunk of body()) {
        if (++chunks === 10) await store.put('big', TWO)
        yield chunk
      }
    }
    await expect(store.put('big', overtaken(), { ifMatch: etag })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(Buffer.compare(await readObject(store, 'big'), TWO)).toBe(0)
    expect(await requestsTo(`${prefix}/big`, 'AbortMultipartUpload')).toHaveLength(1)
  })

  test('leaves no part behind when its source breaks, or it is aborted', async () => {
    const { store, prefix } = opened({ partBytes: 5 * MEBIBYTE })
    const failure = new Error('the source broke')
    const breaking = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      yield randomBytes(12 * MEBIBYTE)
      throw failure
    }
    await expect(store.put('broken', breaking())).rejects.toBe(failure)
    const controller = new AbortController()
    const reason = new Error('enough')
    const aborting = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      yield randomBytes(12 * MEBIBYTE)
      controller.abort(reason)
      await new Promise(() => undefined)
    }
    await expect(store.put('aborted', aborting(), { signal: controller.signal })).rejects.toBe(reason)
    expect(await keysOf(store)).toEqual([])
    for (const key of ['broken', 'aborted']) {
      expect(await requestsTo(`${prefix}/${key}`, 'AbortMultipartUpload')).toHaveLength(1)
    }
  })

  test('is given up when a part cannot be sent', async () => {
    const { store, proxy } = await faulty(({ url }) => (url.includes('partNumber=2') ? { status: 503 } : undefined), {
      partBytes: 5 * MEBIBYTE,
      retries: 1,
    })
    await using _ = proxy
    const body = chunksOf(randomBytes(30 * MEBIBYTE), MEBIBYTE)
    await expect(store.put('big', body)).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { attempts: 2 } })
    expect(proxy.requests.at(-1)).toMatch(/^DELETE .*uploadId=/)
    expect(await keysOf(store)).toEqual([])
  })
})

describe('a copy', () => {
  test('moves no byte through this process', async () => {
    const { store, prefix } = opened()
    const bytes = randomBytes(MEBIBYTE)
    const from = await store.put('a b/1+%&', bytes)
    const info = await store.copy?.('a b/1+%&', '龙虾', {})
    expect(info).toEqual(await store.head('龙虾'))
    expect(info).toMatchObject({ key: '龙虾', size: MEBIBYTE, etag: from.etag })
    expect(Buffer.compare(await readObject(store, '龙虾'), bytes)).toBe(0)
    expect(await requestsTo(`${prefix}/龙虾`, 'CopyObject')).toHaveLength(1)
  })

  test('meets its condition', async () => {
    const { store } = opened()
    const { etag } = await store.put('from', TWO)
    await store.put('to', ONE)
    await expect(store.copy?.('from', 'to', { ifAbsent: true })).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(store.copy?.('from', 'to', { ifMatch: etag })).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(store.copy?.('from', 'none', { ifMatch: etag })).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(store.copy?.('none', 'to')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(store.copy?.('from', 'from', { ifAbsent: true })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await store.copy?.('from', 'from')).toEqual(await store.head('from'))
    expect(await keysOf(store)).toEqual(['from', 'to'])
    expect((await store.copy?.('from', 'new', { ifAbsent: true }))?.etag).toBe(etag)
  })

  test('of a source that is replaced meanwhile fails', async () => {
    const { store, proxy } = await faulty(({ method, url }) => {
      return method === 'PUT' && url.includes('CopyObject') ? { status: 412 } : undefined
    })
    await using _ = proxy
    await store.put('from', ONE)
    await expect(store.copy?.('from', 'to')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: containing('replaced while it was copied'),
    })
  })

  test('is made of parts when the object is too large for one request', async () => {
    await using small = await startS3Server({ buckets: ['lake'], arguments: ['--copy-object-threshold', '5242880'] })
    const store = s3Store({ bucket: 'lake', ...small, largestCopyBytes: 5 * MEBIBYTE })
    const bytes = randomBytes(12 * MEBIBYTE)
    await store.put('from', bytes)
    const info = await store.copy?.('from', 'to', { ifAbsent: true })
    expect(info).toMatchObject({ key: 'to', size: bytes.length, etag: matching(/-3$/) })
    expect(Buffer.compare(await readObject(store, 'to'), bytes)).toBe(0)
    const unaware = s3Store({ bucket: 'lake', ...small })
    await expect(unaware.copy?.('from', 'again')).rejects.toMatchObject({ code: 'STORE_FAILED' })
  })
})

describe('a copy from another bucket', () => {
  test('is made by the server, in parts where it must, and only where nothing is', async () => {
    await using server = await startS3Server({
      buckets: ['archive', 'lake'],
      arguments: ['--copy-object-threshold', '5242880'],
    })
    const options = { ...server, largestCopyBytes: 5 * MEBIBYTE }
    const archive = s3Store({ bucket: 'archive', prefix: 'über all', ...options })
    const lake = s3Store({ bucket: 'lake', prefix: 'p', ...options })
    const copyFrom = copierInto(lake)
    if (copyFrom === undefined) throw new Error('no copier')
    for (const [key, size] of [
      ['small é', 1000],
      ['large', 11 * MEBIBYTE],
    ] as const) {
      const bytes = randomBytes(size)
      const { etag } = await archive.put(key, bytes)
      const from = { bucket: 'archive', key: `über all/${key}`, size, etag }
      expect(await copyFrom(from, key)).toMatchObject({ key, size })
      expect(Buffer.compare(await readObject(lake, key), bytes)).toBe(0)
      await expect(copyFrom(from, key)).rejects.toMatchObject({ code: 'CONFLICT' })
      await expect(copyFrom({ ...from, key: 'nowhere' }, 'x')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    expect(copierInto(memoryStore())).toBeUndefined()
  })
})

describe('a server that fails', () => {
  test('is asked again after 503, resets and lost answers', async () => {
    const faults: (S3Fault | undefined)[] = [{ status: 503 }, 'reset', { status: 500 }, undefined]
    const { store, proxy } = await faulty(({ count }) => faults[(count - 1) % 4])
    await using _ = proxy
    await store.put('a', TWO)
    expect(Buffer.compare(await readObject(store, 'a'), TWO)).toBe(0)
    expect(await keysOf(store)).toEqual(['a'])
    expect(await store.head('a')).toMatchObject({ size: 1 })
    await store.delete('a')
    expect(proxy.requests).toHaveLength(20)
  })

  test('wins a put whose answer was lost, once', async () => {
    const lost = new Set<string>()
    const { store, proxy } = await faulty(
      ({ method, url }) => {
        const change = /PutObject|uploadId=[^&]*$|CompleteMultipart/.exec(url)?.[0]
        if (method === 'GET' || method === 'HEAD' || change === undefined || lost.has(url)) return undefined
        lost.add(url)
        return 'lose'
      },
      { partBytes: 5 * MEBIBYTE },
    )
    await using _ = proxy
    const { etag } = await store.put('a', ONE, { ifAbsent: true })
    expect(await store.head('a')).toMatchObject({ etag })
    const big = await store.put('big', randomBytes(6 * MEBIBYTE), { ifAbsent: true })
    expect(await store.head('big')).toMatchObject({ etag: big.etag, size: big.size })
    expect(lost.size).toBe(2)
    // Somebody else's object is no win.
    await expect(store.put('a', ONE, { ifAbsent: true })).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  test('is given up after the retries', async () => {
    const busy = { status: 503, headers: { 'retry-after': '0' }, body: errorBody('SlowDown') }
    const { store, proxy } = await faulty(() => busy, { retries: 2 })
    await using _ = proxy
    await expect(store.put('a', ONE)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { attempts: 3, reason: 'SlowDown', status: 503, retryAfterMillis: 0 },
    })
    expect(proxy.requests).toHaveLength(3)
  })

  test('is not waited for when the call is aborted', async () => {
    const { store, proxy } = await faulty(() => 'stall')
    await using _ = proxy
    const reason = new Error('enough')
    for (const call of [
      async (signal: AbortSignal) => store.head('a', { signal }),
      async (signal: AbortSignal) => store.put('a', ONE, { signal }),
      async (signal: AbortSignal) => keysOf(store, signal),
    ]) {
      const controller = new AbortController()
      setTimeout(() => { controller.abort(reason) }, 30) // prettier-ignore
      await expect(call(controller.signal)).rejects.toBe(reason)
    }
  })

  test('that stalls is left after the timeout', async () => {
    const { store, proxy } = await faulty(() => 'stall', { retries: 0, timeoutMillis: 50 })
    await using _ = proxy
    await expect(store.head('a')).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { timeoutMillis: 50 } })
    await expect(store.put('a', ONE)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  test.each(['cut', 'hang'] as const)('and breaks bodies off (%s) is read to the end all the same', async (fault) => {
    let broken = 0
    const { store, proxy } = await faulty(
      ({ method, url }) => (method === 'GET' && url.includes('/big') && broken++ < 3 ? fault : undefined),
      { timeoutMillis: 300, retries: 20 },
    )
    await using _ = proxy
    const bytes = randomBytes(2 * MEBIBYTE)
    const { etag } = await store.put('big', bytes)
    const end = MEBIBYTE + 5
    const range = { start: 7, end }
    expect(Buffer.compare(await readObject(store, 'big', { range, ifMatch: etag }), bytes.subarray(7, end))).toBe(0)
    expect(broken).toBe(4)
  })

  test('and breaks off before it has said why is asked again', async () => {
    let cuts = 0
    const { store, proxy } = await faulty(({ method }) => (method === 'GET' && cuts++ < 2 ? 'cut' : undefined))
    await using _ = proxy
    // The answer to HEAD has no reason in it; the one to the GET that asks for it is cut.
    expect(await store.head('nothing')).toBeUndefined()
    expect(cuts).toBe(3)
  })

  test('and replaces the object before it is read to the end says so', async () => {
    const { store, proxy } = await faulty(({ method, count }) => (method === 'GET' && count === 2 ? 'cut' : undefined))
    await using _ = proxy
    await store.put('big', randomBytes(2 * MEBIBYTE))
    const { body } = await store.get('big')
    await store.put('big', ONE)
    const reading = async (): Promise<void> => {
      for await (const _chunk of body);
    }
    await expect(reading()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: containing('replaced before the rest'),
    })
  })

  test('and is gone is told', async () => {
    const { proxy } = await faulty(() => undefined)
    await proxy.close()
    const store = s3Store({ bucket: 'lake', ...running(), endpoint: proxy.endpoint, retries: 0 })
    await expect(store.get('a')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: containing('ECONNREFUSED'),
    })
  })

  test('keeps its connections from one request to the next', async () => {
    const { store, proxy } = await faulty(() => undefined)
    await using _ = proxy
    for (let round = 0; round < 5; round++) {
      await store.put(`a/${round}`, ONE)
      await readObject(store, `a/${round}`)
      await store.head(`a/${round}`)
    }
    expect(proxy.connections).toBe(1)
  })
})

async function startServer(): Promise<S3Server | undefined> {
  if (findTool('versitygw') === undefined) return undefined
  return startS3Server({ buckets: ['lake', 'whole', 'public'], policies: { public: 'public-read' }, users: [READER] })
}

function running(): S3Server {
  return server ?? expect.fail('no server')
}

/** A store in a folder of its own. */
function opened(options: Partial<S3StoreOptions> = {}): { store: ObjectStore; prefix: string } {
  const { bucket = 'lake' } = options
  const folder = `folder-${folders++}`
  const store = s3Store({ bucket, ...(bucket === 'lake' ? { prefix: folder } : {}), ...running(), ...options })
  return { store, prefix: `${bucket}/${folder}` }
}

async function faulty(
  fault: (request: S3ProxyRequest) => S3Fault | undefined,
  options: Partial<S3StoreOptions> = {},
): Promise<{ store: ObjectStore; proxy: Awaited<ReturnType<typeof startS3Proxy>> }> {
  const proxy = await startS3Proxy({ endpoint: running().endpoint, fault })
  return { ...opened({ backoffMillis: 1, ...options, endpoint: proxy.endpoint }), proxy }
}

async function requestsTo(path: string, operation: string): Promise<readonly unknown[]> {
  return (await running().requests()).filter((request) => request.path === path && request.operation === operation)
}

/** Each call of the port, on a store that has not been used. */
function callsOf(open: () => ObjectStore): (() => Promise<unknown>)[] {
  return [
    async () => open().head('a'),
    async () => open().get('a'),
    async () => open().get('a', { range: { start: 5, end: 5 } }),
    async () => open().put('a', ONE),
    async () => open().put('a', ONE, { ifMatch: 'abc' }),
    async () => open().copy?.('a', 'b'),
    async () => open().delete('a'),
    async () => keysOf(open()),
  ]
}

async function keysOf(store: ObjectStore, signal?: AbortSignal): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list({ signal })) keys.push(key)
  return keys
}

async function* chunksOf(
  bytes: Uint8Array,
  size: number,
  onChunk?: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length; start += size) {
    onChunk?.()
    yield bytes.subarray(start, start + size)
  }
}

/** Everything that a logger could print of an error. */
function allOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = Object.getOwnPropertyNames(error).map((name) => JSON.stringify(Reflect.get(error, name)))
  return [String(error), ...own, allOf(error.cause)].join('\n')
}

function errorBody(code: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message></Error>`
}

function containing(text: string): unknown {
  return expect.stringContaining(text)
}

function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern)
}
