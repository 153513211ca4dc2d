import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseDatasetId, parseTimeRange } from '@lake/core'
import { binance } from '@lake/exchanges'
import { openStore } from '@lake/storage'
import { startForwardProxy } from '@lake/storage/testing'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRateLimiter, createTransport, fetchInstruments, ingestRange, recordLive } from './index.ts'
import { rowsFromPages, startVenue } from './testing/index.ts'

/*
 * The venue has a name that only the proxy knows, so whoever reaches it came through the proxy.
 */

const NAME = 'http://venue.test'
const TRADE = { a: 1, p: '1.5', q: '2', f: 1, l: 1, T: Date.UTC(2024, 0, 31), m: true }

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-proxy-'))
  for (const name of ['http', 'https', 'all', 'no'].map((word) => `${word}_proxy`)) {
    vi.stubEnv(name, '')
    vi.stubEnv(name.toUpperCase(), '')
  }
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

async function startBehindProxy() {
  const rows = rowsFromPages({ path: '/fapi/v1/aggTrades', symbol: 'BTCUSDT' }, [[TRADE]])
  const venue = await startVenue({ rows: [rows], answers: { '/fapi/v1/exchangeInfo': { symbols: [] } } })
  const proxy = await startForwardProxy({ hosts: { 'venue.test': new URL(venue.url).host } })
  return {
    venue,
    proxy,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]()
      await venue.close()
    },
  }
}

async function ingest(settings?: Readonly<Record<string, unknown>>) {
  const transport = createTransport({ baseUrl: NAME, credentials: () => undefined, timeoutMillis: 2000, settings })
  try {
    return await ingestRange({
      ...{ adapter: binance, dataset: parseDatasetId('binance/um/aggTrades/BTCUSDT') },
      range: parseTimeRange('2024-01-31', '2024-01-31T00:30:00Z'),
      ...{ target: openStore('memory:'), transport, attempts: 1, limiter: createRateLimiter({ folder }) },
    })
  } finally {
    await transport.close()
  }
}

test.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])('pages come by the proxy that %s names', async (name) => {
  await using both = await startBehindProxy()
  vi.stubEnv(name, both.proxy.url)
  expect(await ingest()).toMatchObject({ rows: 1 })
  expect(both.proxy.requests).toHaveLength(both.venue.requests.length)
  expect(both.proxy.requests.every((request) => request.startsWith(`GET ${NAME}/fapi/v1/aggTrades?`))).toBe(true)
})

test('so do lists of instruments and plain requests', async () => {
  await using both = await startBehindProxy()
  vi.stubEnv('HTTP_PROXY', both.proxy.url)
  const transport = createTransport({ baseUrl: NAME, credentials: () => undefined })
  const limiter = createRateLimiter({ folder })
  // Its list is empty.
  const listed = fetchInstruments({ adapter: binance, market: 'um', transport, limiter })
  await expect(listed).rejects.toMatchObject({ code: 'BAD_FORMAT' })
  const endpoint = { kind: 'http', url: 'https://elsewhere.example/fapi/v1/time' } as const
  expect(await transport.send({ endpoint, parameters: {} })).toMatchObject({ status: 200 })
  await transport.close()
  expect(both.proxy.requests.map((request) => request.split('?')[0])).toEqual([
    `GET ${NAME}/fapi/v1/exchangeInfo`,
    `GET ${NAME}/fapi/v1/time`,
  ])
})

test('NO_PROXY leads past it, and a proxy among the settings of ccxt counts instead', async () => {
  await using both = await startBehindProxy()
  vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:9')
  expect(await ingest({ httpProxy: both.proxy.url })).toMatchObject({ rows: 1 })
  vi.stubEnv('HTTP_PROXY', both.proxy.url)
  vi.stubEnv('NO_PROXY', 'venue.test')
  const before = both.proxy.requests.length
  await expect(ingest()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(both.proxy.requests).toHaveLength(before)
})

test('a proxy that is not there is told without the word that it wants', async () => {
  vi.stubEnv('HTTP_PROXY', 'http://me:word-of-mine@127.0.0.1:9')
  const failed: unknown = await ingest().catch((error: unknown) => error)
  expect(failed).toMatchObject({ code: 'UNAVAILABLE' })
  expect(JSON.stringify(failed) + String(failed)).not.toContain('word-of-mine')
})

test('streams are recorded through a tunnel', async () => {
  await using both = await startBehindProxy()
  vi.stubEnv('HTTP_PROXY', both.proxy.url)
  const stop = new AbortController()
  const recording = recordLive({
    ...{ adapter: binance, datasets: [parseDatasetId('binance/um/liquidations/BTCUSDT')] },
    ...{ target: openStore('memory:'), spool: join(folder, 'spool') },
    ...{ signal: stop.signal, baseUrl: NAME.replace('http', 'ws') },
  })
  while (both.venue.connections.length === 0) await delay(10)
  stop.abort()
  expect(await recording).toMatchObject({ reconnects: 0 })
  expect(both.proxy.requests).toEqual(['CONNECT venue.test:80'])
})
