import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { LakeError, type ObjectInfo, type ObjectStore } from '@lake/core'
import { type ArchiveServer, startArchiveServer } from '@lake/core/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { httpStore } from './http-store.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e'].map((name) => `data/BTC USDT/${name}.zip`)
const OBJECTS = new Map(NAMES.map((key, size) => [key, new Uint8Array(size)]))

describe('the listing of httpStore', () => {
  test('reads a page of a real archive', async () => {
    const page = await readFile(new URL('../fixtures/s3-listing-um-trades-2026-09.xml', import.meta.url), 'utf8')
    const { store } = await serving((response) => response.end(page))
    const prefix = 'data/futures/um/daily/trades/BTCUSDT/BTCUSDT-trades-2026-09'
    const at = (text: string): number => Date.parse(text) * 1000
    expect(await collect(store.list({ prefix }))).toEqual([
      { key: `${prefix}-01.zip`, size: 26_293_521, etag: '', lastModified: at('2026-09-02T07:40:48.000Z') },
      { key: `${prefix}-01.zip.CHECKSUM`, size: 96, etag: '', lastModified: at('2026-09-02T07:40:47.000Z') },
      { key: `${prefix}-12.zip`, size: 5_974_453, etag: '', lastModified: at('2026-09-13T06:56:57.000Z') },
    ])
  })

  test('asks for page after page, from the last key of the one before', async () => {
    const server = await startArchiveServer({ objects: OBJECTS, pageKeys: 2 })
    onTestFinished(async () => server.close())
    const store = httpStore({ url: server.url })
    const found = await collect(store.list({ prefix: 'data/BTC USDT/' }))
    expect(found.map(({ key, size }) => [key, size])).toEqual(NAMES.map((key, size) => [key, size]))
    expect(server.requests).toEqual([
      'GET /?prefix=data/BTC%20USDT/&max-keys=1000',
      'GET /?prefix=data/BTC%20USDT/&marker=data/BTC%20USDT/b.zip&max-keys=1000',
      'GET /?prefix=data/BTC%20USDT/&marker=data/BTC%20USDT/d.zip&max-keys=1000',
    ])
  })

  test('asks for no page that nobody reads', async () => {
    const server = await startArchiveServer({ objects: OBJECTS, pageKeys: 2 })
    onTestFinished(async () => server.close())
    for await (const { key } of httpStore({ url: server.url }).list()) {
      expect(key).toBe(NAMES[0])
      break
    }
    expect(server.requests).toHaveLength(1)
  })

  test('goes on from NextMarker where the server names one', async () => {
    const pages = [
      listing(entry('a/1'), '<IsTruncated>true</IsTruncated><NextMarker>a/7</NextMarker>'),
      listing(entry('a/8'), '<IsTruncated>false</IsTruncated>'),
    ]
    const { store, server } = await serving((response) => response.end(pages.shift()))
    expect((await collect(store.list())).map(({ key }) => key)).toEqual(['a/1', 'a/8'])
    expect(server.requests[1]).toContain('marker=a/7')
  })

  test('keeps a query of the listing address, and reads keys of the bucket below the path of the store', async () => {
    const { store, server } = await serving(
      (response) => response.end(listing(entry('x y/z/1') + entry('x y/z/2/3'))),
      {
        path: 'x%20y/z',
        listing: 'bucket?tenant=1',
      },
    )
    expect((await collect(store.list({ prefix: '' }))).map(({ key }) => key)).toEqual(['1', '2/3'])
    expect(server.requests).toEqual(['GET /bucket?tenant=1&prefix=x%20y/z/&max-keys=1000'])
  })

  test('takes the path below a listing on the same host for what the keys have more', async () => {
    const { store } = await serving((response) => response.end(listing(entry('data/1'))), {
      path: 'bucket/data/',
      listing: 'bucket',
    })
    expect((await collect(store.list())).map(({ key }) => key)).toEqual(['1'])
  })

  test('reads references, sections, etags and unsorted pages', async () => {
    const entries =
      entry('b&amp;amp;&#38;&#x5e01;&lt;&quot;') +
      entry('<![CDATA[a<&]]>', '<ETag>&quot;abc-1&quot;</ETag>') +
      entry('c', '<ETag/>')
    const { store } = await serving((response) => response.end(`\n${listing(entries)}\n`))
    expect((await collect(store.list())).map(({ key, etag }) => [key, etag])).toEqual([
      ['a<&', 'abc-1'],
      ['b&amp;&币<"', ''],
      ['c', ''],
    ])
  })

  test('leaves out the empty objects that stand for folders', async () => {
    const { store } = await serving((response) => response.end(listing(entry('a/') + entry('a/b/') + entry('a/b/c'))))
    expect((await collect(store.list({ prefix: 'a/' }))).map(({ key }) => key)).toEqual(['a/b/c'])
  })

  test('is empty where nothing is', async () => {
    const { store } = await serving((response) => response.end(listing('')))
    expect(await collect(store.list({ prefix: 'none' }))).toEqual([])
  })

  test.each([
    ['another prefix', listing(entry('b/1')), "not under 'a'"],
    ['a key that leaves the store', listing(entry('a/../../etc/passwd')), 'safe'],
    ['a key with an empty part', listing(entry('a//b')), 'safe'],
    ['a key with a backslash', listing(entry('a\\b')), 'safe'],
    ['a key twice', listing(entry('a/1') + entry('a/1')), "not after 'a/1'"],
    ['more pages without a key', listing('', '<IsTruncated>true</IsTruncated>'), 'no end'],
    ['the first page again and again', listing(entry('a/1'), '<IsTruncated>true</IsTruncated>'), "not after 'a/1'"],
    [
      'a marker that goes back',
      listing(entry('a/2'), '<IsTruncated>true</IsTruncated><NextMarker></NextMarker>'),
      'not after',
    ],
    ['an entry without a key', listing('<Contents><Size>1</Size></Contents>'), "key ''"],
    ['an entry without a size', listing('<Contents><Key>a</Key></Contents>'), "size ''"],
    ['an entry with a size that is none', listing('<Contents><Key>a</Key><Size>-1</Size></Contents>'), "size '-1'"],
  ])('refuses %s', async (_, page, why) => {
    const { store } = await serving((response) => response.end(page))
    const error = await failureOf(collect(store.list({ prefix: 'a' })))
    expect(error).toMatchObject({ code: 'STORE_FAILED' })
    expect(error.message).toContain(why)
  })

  test.each([
    ['an HTML page', 200, '<!DOCTYPE html><html><body>ListBucketResult</body></html>'],
    ['nothing', 200, ''],
    ['JSON', 200, '{"ListBucketResult":{}}'],
    ['other XML', 200, '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'],
    ['a document type', 200, `<!DOCTYPE a [<!ENTITY b "c">]>${listing(entry('&b;'))}`],
    ['something endless', 200, 'x'.repeat(34_000_000)],
    ['404', 404, '<Error/>'],
    ['403', 403, '<Error/>'],
    ['400', 400, ''],
    ['204', 204, ''],
  ])('tells that the server has none when it answers with %s', async (_, status, text) => {
    const { store, server } = await serving((response) => response.writeHead(status).end(text))
    const error = await failureOf(collect(store.list({ prefix: 'a' })))
    expect(error).toMatchObject({ code: 'UNSUPPORTED', details: { status } })
    expect(error.message).toContain('does not serve an S3 listing')
    // A server that refuses version 1 is asked once whether it speaks version 2.
    expect(server.requests).toHaveLength(status === 400 ? 2 : 1)
  })

  test('lists folders page by page, also from a server that does not know the delimiter', async () => {
    const objects = new Map(['a/1/x', 'a/1/y', 'a/2', 'a/3/x', 'a/3/y/z'].map((key) => [key, new Uint8Array(1)]))
    const server = await startArchiveServer({ objects, pageKeys: 1 })
    onTestFinished(async () => server.close())
    const expected = ['a/1/', 'a/2', 'a/3/']
    const folders = httpStore({ url: server.url }).list({ prefix: 'a/', delimiter: '/' })
    expect((await collect(folders)).map(({ key }) => key)).toEqual(expected)
    expect(server.requests).toEqual([
      'GET /?delimiter=/&prefix=a/&max-keys=1000',
      'GET /?delimiter=/&prefix=a/&marker=a/1/&max-keys=1000',
      'GET /?delimiter=/&prefix=a/&marker=a/2&max-keys=1000',
    ])
    const { store } = await serving((response) =>
      response.end(listing([...objects.keys()].map((key) => entry(key)).join(''))),
    )
    expect((await collect(store.list({ prefix: 'a/', delimiter: '/' }))).map(({ key }) => key)).toEqual(expected)
  })

  test.each([400, 405, 501])('speaks version 2 with a server that answers version 1 with %i', async (status) => {
    const server = await startArchiveServer({
      objects: OBJECTS,
      pageKeys: 2,
      intercept: ({ url = '' }, response) => {
        const isRefused = !url.includes('list-type=2')
        if (isRefused) response.writeHead(status).end('<Error><Code>NotImplemented</Code></Error>')
        return isRefused
      },
    })
    onTestFinished(async () => server.close())
    const store = httpStore({ url: server.url, retries: 0 })
    expect((await collect(store.list({ prefix: 'data/' }))).map(({ key }) => key)).toEqual(NAMES)
    expect(server.requests.slice(1)).toEqual([
      'GET /?list-type=2&prefix=data/&max-keys=1000',
      `GET /?list-type=2&prefix=data/&continuation-token=${encodeURIComponent(NAMES[1] ?? '')}&max-keys=1000`,
      `GET /?list-type=2&prefix=data/&continuation-token=${encodeURIComponent(NAMES[3] ?? '')}&max-keys=1000`,
    ])
  })

  test('refuses folders that are not safe to use or have no name', async () => {
    for (const folder of ['<Prefix>a/../</Prefix>', '<Prefix>b/</Prefix>', '']) {
      const { store } = await serving((response) => response.end(listing(`<CommonPrefixes>${folder}</CommonPrefixes>`)))
      const error = await failureOf(collect(store.list({ prefix: 'a', delimiter: '/' })))
      expect(error).toMatchObject({ code: 'STORE_FAILED' })
    }
  })

  test('tells a blocked region from a missing listing', async () => {
    const { store } = await serving((response) => response.writeHead(451).end())
    await expect(collect(store.list())).rejects.toMatchObject({ code: 'NO_PERMISSION' })
  })

  test('asks again for a page that failed or broke off', async () => {
    const page = listing(entry('a/1'))
    const failures = [
      (response: ServerResponse): unknown => response.writeHead(500).end(),
      (response: ServerResponse): unknown => response.end(page.slice(0, -5)),
      (response: ServerResponse): unknown =>
        response
          .writeHead(200, { 'content-length': page.length })
          .write(page.slice(0, 50), () => response.socket?.destroy()),
    ]
    const { store, server } = await serving((response) => {
      const fail = failures.shift()
      if (fail === undefined) response.end(page)
      else fail(response)
    })
    expect((await collect(store.list())).map(({ key }) => key)).toEqual(['a/1'])
    expect(server.requests).toHaveLength(4)
  })

  test('gives up a page that always breaks off', async () => {
    const { store } = await serving((response) => response.end('<ListBucketResult><Contents>'))
    await expect(collect(store.list())).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { attempts: 4 } })
  })
})

/** A store on a server that answers every request in one way. */
async function serving(
  answer: (response: ServerResponse) => unknown,
  { path = '', listing }: { readonly path?: string; readonly listing?: string } = {},
): Promise<{ readonly store: ObjectStore; readonly server: ArchiveServer }> {
  const intercept = (_: unknown, response: ServerResponse): boolean => {
    answer(response)
    return true
  }
  const server = await startArchiveServer({ objects: OBJECTS, intercept })
  onTestFinished(async () => server.close())
  const listingUrl = listing === undefined ? undefined : server.url + listing
  return { store: httpStore({ url: server.url + path, listingUrl, retries: 3, backoffMillis: 1 }), server }
}

function listing(entries: string, more = '<IsTruncated>false</IsTruncated>'): string {
  return `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Prefix>echo</Prefix>${more}${entries}</ListBucketResult>`
}

function entry(key: string, more = ''): string {
  return `<Contents><Key>${key}</Key><Size>7</Size><LastModified>2024-01-02T03:04:05.000Z</LastModified>${more}</Contents>`
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
