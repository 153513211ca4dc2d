import { createServer } from 'node:http'
import { once } from 'node:events'
import type { ObjectStore } from '@lake/core'
import { binance } from '@lake/exchanges'
import { serveArchive } from '@lake/ingest-s5cmd/testing'
import { memoryStore } from '@lake/storage'
import { expect, test } from 'vitest'
import { openSource } from './open-source.ts'
import { SAMPLE } from './testing/fixtures.ts'

const keysOf = async (store: ObjectStore): Promise<string[]> => {
  const keys: string[] = []
  for await (const { key } of store.list({ prefix: 'data/spot/daily/klines/BTCUSDT/1h/' })) keys.push(key)
  return keys
}

test('finds the listing at the root of a server, under the path of the venue, or where it is told', async () => {
  const expected = await keysOf(openSource({ source: SAMPLE }, binance))
  expect(expected.length).toBeGreaterThan(2)
  await using server = await serveArchive({ root: SAMPLE })
  const { url } = server
  expect(await keysOf(openSource({ source: url }, binance))).toEqual(expected)
  const listingUrl = `${url}/data.binance.vision`
  expect(await keysOf(openSource({ source: url, listingUrl }, binance))).toEqual(expected)

  // A server that has a page for people at its root, and the bucket below.
  const front = createServer((request, response) => {
    const path = request.url ?? ''
    if (!path.startsWith('/data.binance.vision')) {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>welcome</html>')
      return
    }
    fetch(url + path).then(
      async (answer) => response.writeHead(answer.status).end(await answer.text()),
      () => response.destroy(),
    )
  })
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  const address = front.address()
  const port = typeof address === 'object' ? address?.port : undefined
  expect(await keysOf(openSource({ source: `http://127.0.0.1:${port ?? 0}` }, binance))).toEqual(expected)
  front.closeAllConnections()
  front.close()
})

test("knows where the venue's own archive is listed", () => {
  expect(openSource({ source: 'https://data.binance.vision/' }, binance).url).toContain('data.binance.vision')
})

test('a store of your own is taken as it is', () => {
  const store = memoryStore()
  expect(openSource({ source: store }, binance)).toBe(store)
})
