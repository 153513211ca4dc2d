import { expect, test } from 'vitest'
import { startArchiveServer } from './archive-server.ts'

const OBJECTS = new Map([
  ['a/1', Buffer.from('one')],
  ['a/2', Buffer.from('two two')],
  ['a/&<币>', Buffer.from('three')],
  ['b', Buffer.from('')],
])

test('startArchiveServer serves objects with ranges and conditions', async () => {
  await using server = await startArchiveServer({ objects: OBJECTS })
  const whole = await fetch(`${server.url}a/2`)
  expect(await whole.text()).toBe('two two')
  const etag = whole.headers.get('etag') ?? ''
  const range = await fetch(`${server.url}a/2`, { headers: { range: 'bytes=4-' } })
  expect([range.status, range.headers.get('content-range'), await range.text()]).toEqual([206, 'bytes 4-6/7', 'two'])
  const changed = await fetch(`${server.url}a/2`, { headers: { range: 'bytes=4-5', 'if-range': '"x"' } })
  expect([changed.status, await changed.text()]).toEqual([200, 'two two'])
  const kept = await fetch(`${server.url}a/2`, { headers: { range: 'bytes=4-4', 'if-range': etag } })
  expect([kept.status, await kept.text()]).toEqual([206, 't'])
  expect((await fetch(`${server.url}a/2`, { headers: { range: 'bytes=7-' } })).status).toBe(416)
  expect((await fetch(`${server.url}a/2`, { headers: { 'if-match': '"x"' } })).status).toBe(412)
  expect((await fetch(`${server.url}none`)).status).toBe(404)
  const head = await fetch(`${server.url}a/1`, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '3'])
  expect(server.requests.at(-1)).toBe('HEAD /a/1')
})

test('startArchiveServer serves pages of a listing', async () => {
  await using server = await startArchiveServer({ objects: OBJECTS, pageKeys: 2 })
  const keys = async (query: string): Promise<string[]> => {
    const text = await (await fetch(`${server.url}?${query}`)).text()
    return [...text.matchAll(/<Key>(.*?)<\/Key>|<IsTruncated>(.*?)</g)].map(([, key, more]) => key ?? more ?? '')
  }
  expect(await keys('prefix=')).toEqual(['true', 'a/&amp;&lt;币&gt;', 'a/1'])
  expect(await keys('marker=a/1')).toEqual(['false', 'a/2', 'b'])
  expect(await keys('prefix=a/&max-keys=1')).toEqual(['true', 'a/&amp;&lt;币&gt;'])
})

test('startArchiveServer can do without a listing, and lets a test answer', async () => {
  await using server = await startArchiveServer({
    objects: OBJECTS,
    lists: false,
    intercept: (request, response) => {
      if (request.url !== '/slow') return false
      response.writeHead(503).end()
      return true
    },
  })
  expect(await (await fetch(server.url)).text()).toContain('<html>')
  expect((await fetch(`${server.url}slow`)).status).toBe(503)
  expect((await fetch(`${server.url}b`)).status).toBe(200)
})
