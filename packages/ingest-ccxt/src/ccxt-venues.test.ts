import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDatasetId } from '@lake/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  ccxtExchange,
  createRateLimiter,
  createTransport,
  type CredentialsSource,
  fetchRange,
  type RestTransport,
} from './index.ts'

const HOUR = 3_600_000
const START = Date.UTC(2024, 0, 1)

const bar = z.tuple([z.number()], z.unknown()).transform(([time]) => time)
const rate = z.looseObject({ timestamp: z.number() }).transform(({ timestamp }) => timestamp)
/** The times of a page. */
const unifiedBody = z.object({ rows: z.array(z.union([bar, rate])) })

/** What ccxt knows of a contract once it has asked for the markets, in the words that its methods look at. */
const CONTRACT = {
  ...{ id: 'BTC_USDT', symbol: 'BTC/USDT:USDT', base: 'BTC', quote: 'USDT', settle: 'USDT', baseId: 'BTC' },
  ...{ quoteId: 'USDT', settleId: 'usdt', baseName: 'BTC', type: 'swap', spot: false, swap: true, future: false },
  ...{ option: false, contract: true, linear: true, inverse: false, active: true, precision: {}, limits: {}, info: {} },
}
const PAIR = {
  ...{ id: 'BTCUSDT', symbol: 'BTC/USDT', base: 'BTC', quote: 'USDT', baseId: 'BTC', quoteId: 'USDT', type: 'spot' },
  ...{ spot: true, swap: false, future: false, option: false, contract: false, active: true },
  ...{ precision: {}, limits: {}, info: {} },
}

/** Answers of the server to come, by the address and what was sent with it. */
let answer: (url: URL, headers: IncomingHttpHeaders) => unknown = () => []
const asked: URL[] = []
let server: Server
let folder: string
const transports: RestTransport[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-ccxt-venues-'))
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://venue')
    asked.push(url)
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer(url, request.headers)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterEach(async () => {
  asked.length = 0
  for (const transport of transports.splice(0)) await transport.close()
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true })
})

async function fetchAll(id: string, from: number, to: number, credentials: CredentialsSource = () => undefined) {
  const dataset = parseDatasetId(id)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const transport = createTransport({
    ...{ baseUrl: `http://127.0.0.1:${port}`, credentials },
    settings: { markets: { [CONTRACT.symbol]: CONTRACT, [PAIR.symbol]: PAIR } },
  })
  transports.push(transport)
  const pages = fetchRange({
    ...{
      adapter: await ccxtExchange(dataset.exchange),
      dataset,
      range: { from: from * 1000, to: to * 1000 },
      transport,
    },
    ...{ limiter: createRateLimiter({ folder }), attempts: 1 },
  })
  const times: number[] = []
  for (;;) {
    const step = await pages.next()
    if (step.done === true) return { times, report: step.value }
    const { rows } = unifiedBody.parse(JSON.parse(Buffer.from(step.value.body).toString()))
    times.push(...rows)
  }
}

describe('the markets of an exchange are those that ccxt describes', () => {
  test.each([
    ['bitstamp', ['spot', 'um']],
    ['gate', ['spot', 'um', 'cm']],
    ['kucoin', ['spot', 'um', 'cm']],
    ['mexc', ['spot', 'um', 'cm']],
    ['htx', ['spot', 'um', 'cm']],
    ['bitfinex', ['spot', 'um']],
    ['upbit', ['spot']],
    ['deribit', ['spot', 'um', 'cm']],
    ['hyperliquid', ['spot', 'um']],
    ['poloniex', ['spot', 'um', 'cm']],
    ['binanceusdm', ['um']],
    ['binancecoinm', ['cm']],
    ['krakenfutures', ['um', 'cm']],
    ['bequant', ['spot']],
    ['lbank', ['spot', 'um']],
    ['bitflyer', ['spot']],
  ])('%s: %j', async (id, markets) => {
    const { rest } = await ccxtExchange(id)
    expect([...new Set(rest?.series.flatMap((series) => series.markets))]).toEqual(markets)
  })

  test('a dataset of another is refused with those that there are', async () => {
    const work = fetchAll('bitstamp/cm/klines/btcusd/1h', 0, HOUR)
    await expect(work).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(work).rejects.toThrow(/does not serve bitstamp\/cm\/klines.*spot\/klines.*um\/klines/)
    expect(asked).toEqual([])
  })

  test.each([
    ['gate/um/klines/BTCUSDT/1h', /'BTCUSDT' of gate\. It is traded in spot\. Symbols .* such as BTC_USDT\./],
    ['gate/spot/klines/BTC_USDT/1h', /'BTC_USDT' of gate\. It is traded in um\. Symbols .* such as BTCUSDT\./],
    ['gate/cm/klines/BTCUSDT/1h', /It is traded in spot\. It has no cm market at all\./],
  ])('a symbol of another market is named, and where it is traded: %s', async (id, message) => {
    const work = fetchAll(id, 0, HOUR)
    await expect(work).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(work).rejects.toThrow(message)
  })

  test('intervals are those of the kind of market', async () => {
    const { rest } = await ccxtExchange('mexc')
    const has = (market: string, interval: string): boolean =>
      rest?.series
        .find(({ id }) => id === `mexc-ccxt-${market}-klines`)
        ?.parameters({ dataset: parseDatasetId(`mexc/${market}/klines/X/${interval}`), from: 0, to: 1, limit: 1 }) !==
      undefined
    expect([has('spot', '4h'), has('spot', '8h'), has('um', '8h'), has('um', '2h')]).toEqual([true, false, true, false])
  })
})

describe('a venue is asked in the way that it minds', () => {
  test('contracts of htx by both ends and without a limit', async () => {
    const bars = [3, 4, 5].map((hour) => ({ id: hour * 3600, open: 1, high: 2, low: 1, close: 2, amount: 3 }))
    answer = () => ({ status: 'ok', data: bars })
    const { times } = await fetchAll('htx/um/klines/BTC_USDT/1h', 3 * HOUR, 6 * HOUR)
    expect(times).toEqual([3 * HOUR, 4 * HOUR, 5 * HOUR])
    const [{ pathname, searchParams } = new URL('http://none')] = asked
    expect(pathname).toBe('/linear-swap-ex/market/history/kline')
    expect(Object.fromEntries(searchParams)).toEqual({
      ...{ contract_code: 'BTC_USDT', period: '60min', from: '10800', to: '21599' },
    })
  })

  test('contracts of kucoin by as many bars as are surely given at once', async () => {
    answer = ({ searchParams }) => {
      const [from, to] = [Number(searchParams.get('from')), Number(searchParams.get('to'))]
      const first = Math.ceil(from / HOUR)
      const count = Math.floor(to / HOUR) - first + 1
      const rows = Array.from({ length: count }, (_, index) => [(first + index) * HOUR, 1, 2, 1, 2, 3])
      // Where more are asked for than it gives, it gives the newest of them.
      return { code: '200000', data: rows.slice(-200) }
    }
    const { times } = await fetchAll('kucoin/um/klines/BTC_USDT/1h', START, START + 500 * HOUR)
    expect(new Set(times)).toEqual(new Set(Array.from({ length: 500 }, (_, hour) => START + hour * HOUR)))
  })

  test('for the newest bars of hyperliquid, since there are no others', async () => {
    const now = Math.floor(Date.now() / HOUR) * HOUR
    const bars = [3, 2, 1].map((ago) => ({ t: now - ago * HOUR, o: '1', h: '2', l: '1', c: '2', v: '3' }))
    answer = () => bars
    const { times, report } = await fetchAll('hyperliquid/um/klines/BTC_USDT/1h', now - 9 * HOUR, now)
    expect(times).toEqual(bars.map(({ t }) => t))
    expect(report.series).toMatchObject([
      { unreachable: [{ from: (now - 9 * HOUR) * 1000, to: (now - 3 * HOUR) * 1000 }] },
    ])
  })

  test('for the newest funding rates of mexc', async () => {
    const now = Math.floor(Date.now() / HOUR) * HOUR
    answer = () => ({ data: { resultList: [{ symbol: 'BTC_USDT', fundingRate: 0.0001, settleTime: now - 8 * HOUR }] } })
    const { report } = await fetchAll('mexc/um/fundingRate/BTC_USDT', now - 100 * HOUR, now)
    expect(report.series).toMatchObject([{ unreachable: [{ to: (now - 8 * HOUR) * 1000 }] }])
  })
})

test('a venue that wants a key for public data gets it', async () => {
  const keys: unknown[] = []
  answer = (_, { authorization }) => {
    keys.push(authorization)
    return { candles: [{ timestamp: START, open: '1', high: '2', low: '1', close: '2', volume: '3' }] }
  }
  const work = (credentials?: CredentialsSource) =>
    fetchAll(`luno/spot/klines/${PAIR.id}/1h`, START, START + HOUR, credentials)
  await expect(work()).rejects.toMatchObject({ code: 'NO_PERMISSION' })
  await expect(work()).rejects.toThrow('Give a key by LUNO_API_KEY')
  expect(keys).toEqual([])
  const { times } = await work(() => ({ apiKey: 'key-of-mine', secret: 'secret-of-mine' }))
  const basic = `Basic ${Buffer.from('key-of-mine:secret-of-mine').toString('base64')}`
  expect([times, keys]).toEqual([[START], [basic]])
})

describe('a venue that gives its newest rows whatever it is asked for', () => {
  const now = Math.floor(Date.now() / HOUR) * HOUR
  /** As Poloniex gives them: low, high, open, close, amount, quantity … and the time at the end. */
  const bars = [5, 4, 3, 2, 1, 0].map((ago) => {
    const time = now - ago * HOUR
    return ['1', '2', '1', '2', '0', '3', '0', '0', 0, 0, '0', 'HOUR_1', time, time + HOUR - 1]
  })

  test('fails, and says from where on there are rows', async () => {
    answer = ({ searchParams }) => bars.slice(-Number(searchParams.get('limit')))
    const work = fetchAll('poloniex/spot/klines/BTCUSDT/1h', now - 300 * HOUR, now)
    const first = new Date(now - 5 * HOUR).toISOString()
    await expect(work).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(work).rejects.toThrow(`the venue gave its newest, from ${first} on`)
  })

  test('is told from a symbol that was listed a while ago', async () => {
    answer = ({ searchParams }) => bars.slice(0, Number(searchParams.get('limit')))
    const { times } = await fetchAll('poloniex/spot/klines/BTCUSDT/1h', now - 300 * HOUR, now)
    expect(times.slice(0, 5)).toEqual([5, 4, 3, 2, 1].map((ago) => now - ago * HOUR))
  })
})
