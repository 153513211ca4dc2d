import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { parseDatasetId, parseTimeRange, type RawPage } from '@lake/core'
import { binance } from '@lake/exchanges'
import { memoryStore } from '@lake/storage'
import { afterEach, expect, test } from 'vitest'
import { readPages } from './bronze-pages.ts'
import { ccxtTransport } from './ccxt-transport.ts'
import { ingestRange } from './ingest-range.ts'
import { createRateLimiter } from './rate-limiter.ts'
import type { RestReply } from './rest-transport.ts'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const stops: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('the very bytes of the venue land in bronze, whatever its spacing, order and compression', async () => {
  const body = ` [ [1704067200000,"1.10","2.0", "0.5","1.5","10",1704067259999,"15",7,"5","7.5","0"] ,\n[1704067260000,"1.5","2","1","1","0",1704067319999,"0",0,"0","0","0"]]\n`
  const asked: string[] = []
  const baseUrl = await serve((request, response) => {
    asked.push(request.url ?? '')
    const gzip = request.headers['accept-encoding']?.includes('gzip') === true
    response.writeHead(200, {
      'content-type': 'application/json',
      'X-MBX-USED-WEIGHT-1M': '2',
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    })
    response.end(gzip ? gzipSync(body) : body)
  })
  const target = memoryStore()
  const transport = ccxtTransport({ baseUrl, credentials: () => undefined })
  stops.push(() => transport.close())
  const dataset = parseDatasetId('binance/um/klines/BTCUSDT/1m')
  const report = await ingestRange({
    adapter: binance,
    dataset,
    range: parseTimeRange('2024-01-01T00:00:00Z', '2024-01-01T00:02:00Z'),
    transport,
    limiter: createRateLimiter({ folder: mkdtempSync(join(tmpdir(), 'lake-')) }),
    target,
  })
  expect(asked).toEqual([
    '/fapi/v1/klines?symbol=BTCUSDT&interval=1m&startTime=1704067200000&endTime=1704067319999&limit=2',
  ])
  expect(report).toMatchObject({ pages: 1, rows: 2, newPages: 1, requests: 1 })
  const pages: RawPage[] = []
  for await (const page of readPages({ store: target, dataset, month: '2024-01' })) pages.push(page)
  expect(pages.map((page) => Buffer.from(page.body).toString())).toEqual([body])
  expect(pages[0]?.envelope.headers['x-mbx-used-weight-1m']).toBe('2')
})

test('numbers that a double cannot hold keep their digits, in short and in long answers', async () => {
  const rowsOf = (count: number): string =>
    `[${Array.from({ length: count }, (_, row) => `{"T":1704067200000,"a":${9_007_199_254_740_993n + BigInt(row)}}`).join(',')}]`
  const baseUrl = await serve((request, response) => {
    response.end(rowsOf(Number(new URL(request.url ?? '', 'http://a').searchParams.get('limit'))))
  })
  const transport = ccxtTransport({ baseUrl, credentials: () => undefined })
  stops.push(() => transport.close())
  for (const limit of [1, 1000]) {
    const endpoint = { kind: 'ccxt', exchange: 'binance', method: 'fapiPublicGetKlines' } as const
    const { json } = await transport.send({ endpoint, parameters: { symbol: 'BTCUSDT', interval: '1m', limit } })
    expect(JSON.stringify(json)).toContain('"9007199254740993"')
    expect(JSON.stringify(json)).toContain(`"${9_007_199_254_740_992n + BigInt(limit)}"`)
  }
})

test('a long list of lists is not parsed until somebody wants it, and is whole or nothing', async () => {
  const row = (minute: number): string => `[${1_704_067_200_000 + minute * 60_000},"1.10","2.0",7,"0"]`
  const body = `[${Array.from({ length: 1000 }, (_, minute) => row(minute)).join(',')}]`
  const bodies = new Map([['WHOLE', body], ['HALF', body.slice(0, -1)], ['ESCAPED', body.replace('2.0', String.raw`2\u002e0`)]]) // prettier-ignore
  const baseUrl = await serve((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://a')
    const text = bodies.get(searchParams.get('symbol') ?? '') ?? body
    response.writeHead(searchParams.get('symbol') === 'BANNED' ? 418 : 200).end(text)
  })
  const transport = ccxtTransport({ baseUrl, credentials: () => undefined })
  stops.push(() => transport.close())
  const send = (symbol: string): Promise<RestReply> =>
    transport.send({ endpoint: { kind: 'ccxt', exchange: 'binance', method: 'fapiPublicGetKlines' }, parameters: { symbol, interval: '1m' } }) // prettier-ignore
  const whole = await send('WHOLE')
  expect(whole.flatRows?.count).toBe(1000)
  expect(whole.json).toEqual(JSON.parse(body))
  expect(Buffer.from(whole.body).toString()).toBe(body)
  expect((await send('ESCAPED')).json).toEqual(JSON.parse(body))
  const half = await send('HALF')
  expect([half.flatRows, half.json]).toEqual([undefined, undefined])
  expect((await send('BANNED')).refusal).toMatchObject({ code: 'RATE_LIMITED' })
})
