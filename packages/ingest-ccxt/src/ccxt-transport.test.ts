import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { parseDatasetId, parseTimeRange, type RawPage } from '@lake/core'
import { binance } from '@lake/exchanges'
import { memoryStore } from '@lake/storage'
import { afterEach, describe, expect, test } from 'vitest'
import { readPages } from './bronze-pages.ts'
import { ccxtTransport } from './ccxt-transport.ts'
import { ingestRange } from './ingest-range.ts'
import { createRateLimiter } from './rate-limiter.ts'
import type { RestReply } from './rest-transport.ts'
import { mkdtempSync, rmSync } from 'node:fs'
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
  const budgetFolder = mkdtempSync(join(tmpdir(), 'lake-transport-'))
  stops.push(() => {
    rmSync(budgetFolder, { recursive: true })
  })
  const transport = ccxtTransport({ baseUrl, credentials: () => undefined })
  stops.push(() => transport.close())
  const dataset = parseDatasetId('binance/um/klines/BTCUSDT/1m')
  const report = await ingestRange({
    adapter: binance,
    dataset,
    range: parseTimeRange('2024-01-01T00:00:00Z', '2024-01-01T00:02:00Z'),
    transport,
    limiter: createRateLimiter({ folder: budgetFolder }),
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

describe('long answers are not parsed until somebody wants it, and are whole or nothing', () => {
  const minutes = Array.from({ length: 1000 }, (_, minute) => 1_704_067_200_000 + minute * 60_000)
  const listOf = (row: (time: number) => string): string => `[${minutes.map(row).join(',')}]`
  const bars = listOf((time) => `[${time},"1.10","2.0",7,"0"]`)
  const okxBars = listOf((time) => `["${time}","1.10","2.0","0.5","1.5","7","7","10","1"]`)
  const rates = listOf((time) => `{"symbol":"BTCUSDT","fundingRate":"0.0001","fundingRateTimestamp":"${time}"}`)
  test.each([
    ['a list of lists', 'binance.fapiPublicGetKlines', { path: [], shape: 'array', cells: ['0'] }, bars],
    [
      'lists in an object',
      'okx.publicGetMarketHistoryCandles',
      { path: ['data'], shape: 'array', cells: ['0', '8'] },
      `{"code":"0","msg":"","data":${okxBars}}`,
    ],
    [
      'objects in objects',
      'bybit.publicGetV5MarketFundingHistory',
      { path: ['result', 'list'], shape: 'object', cells: ['fundingRateTimestamp'] },
      `{"retCode":0,"retMsg":"OK","result":{"category":"linear","list":${rates}},"retExtInfo":{},"time":1}`,
    ],
  ] as const)('%s', async (_, name, rows, body) => {
    const [exchange = '', method = ''] = name.split('.')
    const bodies = new Map([['WHOLE', body], ['HALF', body.slice(0, -1)], ['ESCAPED', body.replace('0', String.raw`\u0030`)]]) // prettier-ignore
    const baseUrl = await serve((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://a')
      const text = bodies.get(searchParams.get('symbol') ?? '') ?? body
      response.writeHead(searchParams.get('symbol') === 'BANNED' ? 418 : 200).end(text)
    })
    const transport = ccxtTransport({ baseUrl, credentials: () => undefined })
    stops.push(() => transport.close())
    const send = (symbol: string, place?: typeof rows): Promise<RestReply> =>
      transport.send({ endpoint: { kind: 'ccxt', exchange, method }, parameters: { symbol }, rows: place })
    const [whole, parsed] = await Promise.all([send('WHOLE', rows), send('WHOLE')])
    expect([whole.flatRows?.count, parsed.flatRows]).toEqual([1000, undefined])
    expect(whole.flatRows?.digits(999, 0)).toBe(minutes[999])
    expect(whole.json).toEqual(JSON.parse(body))
    expect(parsed.json).toEqual(whole.json)
    expect(Buffer.from(whole.body).toString()).toBe(body)
    const half = await send('HALF', rows)
    expect([half.flatRows, half.json]).toEqual([undefined, undefined])
    expect((await send('ESCAPED', rows)).json).toEqual((await send('ESCAPED')).json)
    expect((await send('BANNED', rows)).refusal).toMatchObject({ code: 'RATE_LIMITED' })
  })

  test('an error in an object is heard in ccxt’s words, also where it says more in what looks like rows', async () => {
    const details = Array.from({ length: 100 }, () => '{"sCode":"51001","sMsg":"Instrument ID does not exist"}')
    const body = `{"code":"1","msg":"","data":[${details.join(',')}]}`
    const baseUrl = await serve((_, response) => response.end(body))
    const transport = ccxtTransport({ baseUrl, credentials: () => undefined })
    stops.push(() => transport.close())
    const { refusal, json } = await transport.send({
      endpoint: { kind: 'ccxt', exchange: 'okx', method: 'publicGetMarketHistoryTrades' },
      parameters: { instId: 'NO-SUCH' },
      rows: { path: ['data'], shape: 'object', cells: ['ts'] },
    })
    expect(refusal).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('51001') as string })
    expect(json).toEqual(JSON.parse(body))
  })
})

describe('an answer is taken whole', () => {
  const body = JSON.stringify(Array.from({ length: 3000 }, (_, row) => [1_704_067_200_000 + row * 60_000, `${row}.5`]))
  const endpoint = { kind: 'ccxt', exchange: 'binance', method: 'fapiPublicGetKlines' } as const
  const ask = async (
    answer: (request: IncomingMessage, response: ServerResponse) => void,
    timeoutMillis?: number,
  ): Promise<RestReply> => {
    const transport = ccxtTransport({ baseUrl: await serve(answer), credentials: () => undefined, timeoutMillis })
    stops.push(() => transport.close())
    return await transport.send({ endpoint, parameters: { symbol: 'BTCUSDT', interval: '1m' } })
  }

  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['identity', (text: string) => Buffer.from(text)],
  ])('in pieces, compressed as %s', async (encoding, compress) => {
    const reply = await ask((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding, 'set-cookie': ['a=1', 'b=2'] })
      const bytes = compress(body)
      for (let at = 0; at < bytes.length; at += 5000) response.write(bytes.subarray(at, at + 5000))
      response.end()
    })
    expect(Buffer.from(reply.body).toString()).toBe(body)
    expect(reply.headers['set-cookie']).toBe('a=1, b=2')
  })

  test('after hints that it is going to come', async () => {
    const reply = await ask((_, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      response.end('[]')
    })
    expect(reply).toMatchObject({ status: 200, json: [] })
  })

  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['a redirect', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1/portal' }).end(body)],
    ['half of it', (_, response) => response.writeHead(200, { 'content-length': body.length }).end(body.slice(9))],
    ['a connection that ends', (request) => request.socket.end()],
    ['silence', () => undefined],
    ['a body that stalls', (_, response) => response.writeHead(200).write('[')],
    ['other bytes than it says', (_, response) => response.writeHead(200, { 'content-encoding': 'br' }).end(body)],
  ])('and %s is none', async (_, answer) => {
    await expect(ask(answer, 300)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})
