import { describe, expect, test } from 'vitest'
import type { ObjectStore } from '@lake/core'
import { startArchiveServer } from '@lake/core/testing'
import { s3Store } from './s3-store.ts'

interface PageServer extends AsyncDisposable {
  readonly store: ObjectStore
  readonly requests: readonly string[]
}

/** A server of S3 that only lists, with the pages in their order. */
async function listing(...pages: readonly (string | number)[]): Promise<PageServer> {
  let next = 0
  const server = await startArchiveServer({
    objects: new Map(),
    intercept: (_, response) => {
      const page = pages[next++] ?? ''
      if (typeof page === 'number') response.writeHead(page).end()
      else {
        const body = `<?xml version="1.0"?><ListBucketResult><Name>lake</Name>${page}</ListBucketResult>`
        response.setHeader('content-type', 'application/xml').end(body)
      }
      return true
    },
  })
  const store = s3Store({ bucket: 'lake', prefix: 'base', endpoint: server.url, anonymous: true, retries: 0 })
  return { store, requests: server.requests, [Symbol.asyncDispose]: async () => server.close() }
}

function entry(key: string): string {
  return `<Contents><Key>${key}</Key><Size>3</Size><ETag>"x"</ETag><LastModified>2024-01-02T03:04:05.678Z</LastModified></Contents>`
}

async function keysOf(store: ObjectStore, prefix?: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list({ prefix })) keys.push(key)
  return keys
}

const MORE = '<IsTruncated>true</IsTruncated>'

describe('a listing of S3', () => {
  test('goes from page to page by the token', async () => {
    const token = '<NextContinuationToken>t/1</NextContinuationToken>'
    await using server = await listing(entry('base/a') + MORE + token, entry('base/b'))
    const found: unknown[] = []
    for await (const info of server.store.list({ prefix: '' })) found.push(info)
    const expected = { size: 3, etag: 'x', lastModified: Date.UTC(2024, 0, 2, 3, 4, 5) * 1000 }
    expect(found).toEqual([
      { key: 'a', ...expected },
      { key: 'b', ...expected },
    ])
    expect(server.requests).toEqual([
      'GET /lake/?encoding-type=url&list-type=2&prefix=base%2F',
      'GET /lake/?continuation-token=t%2F1&encoding-type=url&list-type=2&prefix=base%2F',
    ])
  })

  test('decodes keys where the server has encoded them', async () => {
    const encoded = `<EncodingType>url</EncodingType>${entry('base/a+b%2B%E9%BE%99%01')}`
    await using server = await listing(encoded, entry('base/a+b%2B'))
    expect(await keysOf(server.store)).toEqual(['a b+龙\u0001'])
    expect(await keysOf(server.store)).toEqual(['a+b%2B'])
  })

  test('goes on by version 1 where the server took the request for one', async () => {
    await using server = await listing(
      entry('base/a') + MORE,
      `${entry('base/b')}${MORE}<NextMarker>base/b2</NextMarker>`,
      entry('base/c'),
    )
    expect(await keysOf(server.store)).toEqual(['a', 'b', 'c'])
    expect(server.requests.slice(1)).toEqual([
      'GET /lake/?encoding-type=url&marker=base%2Fa&prefix=base%2F',
      'GET /lake/?encoding-type=url&marker=base%2Fb2&prefix=base%2F',
    ])
  })

  test('begins with version 1 where the server refuses version 2', async () => {
    await using server = await listing(501, entry('base/a') + MORE, entry('base/b'))
    expect(await keysOf(server.store)).toEqual(['a', 'b'])
    expect(server.requests[1]).toBe('GET /lake/?encoding-type=url&prefix=base%2F')
    await using other = await listing(501, 501)
    await expect(keysOf(other.store)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await using failing = await listing(418)
    await expect(keysOf(failing.store)).rejects.toMatchObject({ code: 'STORE_FAILED', details: { status: 418 } })
  })

  test('leaves out the empty objects that stand for folders', async () => {
    await using server = await listing(entry('base/') + entry('base/a/') + entry('base/a/b'))
    expect(await keysOf(server.store)).toEqual(['a/b'])
  })

  test.each([
    ['that was not asked for', entry('other/a')],
    ['out of order', entry('base/b') + entry('base/a')],
    ['that leaves the store', entry('base/../../etc/passwd')],
    ['without end', `${entry('base/b')}${MORE}<NextContinuationToken>t</NextContinuationToken>`],
  ])('refuses a key %s', async (_, page) => {
    await using server = await listing(page, page.includes('true') ? MORE : '')
    await expect(keysOf(server.store)).rejects.toMatchObject({ code: 'STORE_FAILED' })
  })
})
