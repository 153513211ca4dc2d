import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { copierInto } from './s3-copy.ts'
import type { S3StoreOptions } from './s3-options.ts'
import { s3Store } from './s3-store.ts'

/*
 * What only AWS answers, which no server on this machine does: simulated by what its documentation shows.
 */

const GIBIBYTE = 1024 ** 3
const SOURCE_ETAG = `${'a'.repeat(32)}-768`
const XML = { 'content-type': 'application/xml' }

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

describe('an object above 5 GiB', () => {
  test('is copied in parts that together are all of it, each within the limit, while the source is what it was', async () => {
    const size = 12 * GIBIBYTE + 7
    const asked = await answering(({ method, url, headers }) => {
      if (method === 'HEAD') return { status: 404 }
      if (url.includes('?uploads')) {
        const id = '<UploadId>one</UploadId>'
        return {
          status: 200,
          headers: XML,
          body: `<InitiateMultipartUploadResult>${id}</InitiateMultipartUploadResult>`,
        }
      }
      if (method === 'POST') {
        const etag = '<ETag>"whole-3"</ETag>'
        return {
          status: 200,
          headers: XML,
          body: `<CompleteMultipartUploadResult>${etag}</CompleteMultipartUploadResult>`,
        }
      }
      const etag = `<ETag>"${String(headers['x-amz-copy-source-range'])}"</ETag>`
      return { status: 200, headers: XML, body: `<CopyPartResult>${etag}</CopyPartResult>` }
    })
    const copy = copierInto(storeAt(asked.endpoint))
    const copied = await copy?.({ bucket: 'archive', key: 'a b.zip', size, etag: SOURCE_ETAG }, 'bronze/a b.zip')
    expect(copied).toMatchObject({ key: 'bronze/a b.zip', size })
    const parts = asked.requests.filter(({ method }) => method === 'PUT')
    const ranges = parts
      .map(({ headers }) => /^bytes=(\d+)-(\d+)$/.exec(String(headers['x-amz-copy-source-range'])))
      .map((range) => [Number(range?.[1]), Number(range?.[2])] as const)
      .sort(([a], [b]) => a - b)
    let next = 0
    for (const [from, to] of ranges) {
      expect(from).toBe(next)
      expect(to - from + 1).toBeLessThanOrEqual(5 * GIBIBYTE)
      next = to + 1
    }
    expect(next).toBe(size)
    expect(new Set(parts.map(({ headers }) => headers['x-amz-copy-source']))).toEqual(new Set(['archive/a%20b.zip']))
    expect(new Set(parts.map(({ headers }) => headers['x-amz-copy-source-if-match']))).toEqual(
      new Set([`"${SOURCE_ETAG}"`]),
    )
    const completed = asked.requests.find(({ method, url }) => method === 'POST' && url.includes('uploadId'))
    expect(completed?.headers['if-none-match']).toBe('*')
    expect(completed?.body.match(/<PartNumber>/g)).toHaveLength(ranges.length)
  })
})

describe('a bucket in another region', () => {
  const redirect = {
    status: 301,
    headers: { ...XML, 'x-amz-bucket-region': 'ap-northeast-1' },
    body: '<Error><Code>PermanentRedirect</Code><Message>Use the specified endpoint.</Message></Error>',
  }
  test('is named by every call that meets the redirect, which is not tried again', async () => {
    const asked = await answering(() => redirect)
    const store = storeAt(asked.endpoint)
    const calls = [
      async () => store.head('a'),
      async () => store.get('a'),
      async () => store.put('a', Uint8Array.of(1)),
      async () => {
        for await (const _ of store.list()) continue
      },
      async () => copierInto(store)?.({ bucket: 'archive', key: 'a', size: 1, etag: '' }, 'a'),
    ]
    for (const call of calls) {
      const expected = { code: 'BAD_REQUEST', details: { region: 'ap-northeast-1' } }
      await expect(Promise.resolve(call())).rejects.toMatchObject(expected)
    }
    // An answer to HEAD has no body that tells, so that some calls ask once more.
    expect(asked.requests.length).toBeLessThanOrEqual(2 * calls.length)
  })
})

describe('a bucket whose requester pays', () => {
  test('refuses, and that is told as a refusal', async () => {
    const body =
      '<Error><Code>AccessDenied</Code><Message>Bucket is requester pays bucket but no x-amz-request-payer in request</Message></Error>'
    const asked = await answering(() => ({ status: 403, headers: XML, body }))
    await expect(storeAt(asked.endpoint).get('a')).rejects.toMatchObject({
      ...{ code: 'NO_PERMISSION', message: expect.stringContaining('requesterPays') as unknown },
    })
    expect(asked.requests).toHaveLength(1)
  })

  test('answers who agrees to that with each request, also of a copy', async () => {
    const listing = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>'
    const copied = '<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>'
    const asked = await answering(({ method, url }) => {
      const nothing = '<Error><Code>NoSuchKey</Code></Error>'
      if (method !== 'PUT' && url.includes('copied')) return { status: 404, headers: XML, body: nothing }
      const body = method === 'PUT' ? copied : listing
      return { status: 200, headers: { ...XML, etag: '"e"', 'content-length': `${body.length}` }, body }
    })
    const store = storeAt(asked.endpoint, { requesterPays: true })
    await store.head('a')
    const { body } = await store.get('a')
    for await (const _ of body) continue
    for await (const _ of store.list()) continue
    const agreed = asked.requests.map(({ headers }) => headers['x-amz-request-payer'])
    expect(agreed).toEqual(['requester', 'requester', 'requester'])
    // The lake's own bucket is not the one that asks for it: only the copy from the other does.
    const source = { bucket: 'archive', key: 'a', size: 1, etag: '', requesterPays: true }
    await copierInto(storeAt(asked.endpoint))?.(source, 'copied')
    const copies = asked.requests.slice(3).map(({ method, headers }) => [method, headers['x-amz-request-payer']])
    expect(copies).toContainEqual(['PUT', 'requester'])
    expect(copies.filter(([method]) => method !== 'PUT').map(([, payer]) => payer)).not.toContain('requester')
  })
})

describe('checksum headers', () => {
  test('a put names one, and a wrong one in the answer of a get is not read as the object', async () => {
    const asked = await answering(({ method }) =>
      method === 'PUT'
        ? { status: 200, headers: { etag: '"e"' } }
        : { status: 200, headers: { etag: '"e"', 'x-amz-checksum-crc32': 'AAAAAA==' }, body: 'not that' },
    )
    const store = storeAt(asked.endpoint)
    await store.put('a', Buffer.from('hello'))
    const [put] = asked.requests
    const told = Object.keys(put?.headers ?? {}).filter((name) => /^x-amz-(?:checksum-|trailer$)/.test(name))
    expect(told).not.toEqual([])
    const read = async (): Promise<void> => {
      const { body } = await store.get('a')
      for await (const _ of body) continue
    }
    await expect(read()).rejects.toMatchObject({ name: 'LakeError' })
  })
})

interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
}

async function answering(
  answer: (request: Asked) => Answer,
): Promise<{ readonly endpoint: string; readonly requests: readonly Asked[] }> {
  const requests: Asked[] = []
  const server = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      const request = { method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body }
      requests.push(request)
      const { status, headers, body: told } = answer(request)
      response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : told)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(async () => {
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  })
  const address = server.address()
  return { endpoint: `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`, requests }
}

function storeAt(endpoint: string, more: Partial<S3StoreOptions> = {}): ReturnType<typeof s3Store> {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const options = { bucket: 'lake', endpoint, region: 'us-east-1', credentials, retries: 0, timeoutMillis: 5000 }
  return s3Store({ ...options, ...more })
}
