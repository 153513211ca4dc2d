import { readFile } from 'node:fs/promises'
import { parseDatasetId, parseInstant } from '@lake/core'
import ccxt from 'ccxt'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import {
  rowsFromArchive,
  rowsFromPages,
  startVenue,
  type Venue,
  type VenueFrame,
  type VenueOptions,
  type VenueRows,
} from './index.ts'

const recordings = z.array(z.object({ data: z.unknown() }))
const FIXTURES = new URL('../../../../fixtures/', import.meta.url)
const ARCHIVE = new URL('archive/data/', FIXTURES)

const minutes = await fromArchive(
  'spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01-02.zip',
  'binance/spot/klines/BTCUSDT/1m',
)
const funding = await fromArchive(
  'futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-04.zip',
  'binance/um/fundingRate/BTCUSDT',
)
const trades = await fromArchive(
  'futures/cm/daily/aggTrades/BTCUSD_PERP/BTCUSD_PERP-aggTrades-2026-05-08.zip',
  'binance/cm/aggTrades/BTCUSD_PERP',
)
const days = rowsFromPages({ path: '/fapi/v1/klines', symbol: 'BTCUSDT', interval: '1d' }, [
  await recordedRows('fapi_v1_klines', 2),
])
const openInterest = rowsFromPages({ path: '/futures/data/openInterestHist', symbol: 'LTCUSDT', interval: '1d' }, [
  await recordedRows('futures_data_openInterestHist', 0),
])
const indexBars = rowsFromPages({ path: '/dapi/v1/indexPriceKlines', symbol: 'BTCUSD', interval: '1M' }, [
  await recordedRows('dapi_v1_indexPriceKlines', 0),
])
const frames: readonly VenueFrame[] = (await readFile(new URL('frames/binance-um-2026-08-08.jsonl', FIXTURES), 'utf8'))
  .split('\n')
  .flatMap((line) => {
    const match = /^\{"stream":"([^"]+)","data":(.+)\}$/.exec(line)
    return match === null ? [] : [{ stream: match[1] ?? '', data: match[2] ?? '' }]
  })

const START = parseInstant('2020-01-02') / 1000
const MINUTE = 60_000

let venue: Venue | undefined

afterEach(async () => {
  await venue?.close()
  venue = undefined
})

async function start(options: VenueOptions = {}): Promise<Venue> {
  venue = await startVenue({ rows: [...minutes, ...funding, ...trades, days, openInterest, indexBars], ...options })
  return venue
}

describe('pages of bars', () => {
  const klines = async (query: Record<string, string | number>, options?: VenueOptions) =>
    page(await start(options), '/api/v3/klines', { symbol: 'BTCUSDT', interval: '1m', ...query })

  test('are rows of the real file with the same decimals, in the form of the interface', async () => {
    const { body } = await klines({ startTime: START, limit: 1 })
    expect(body).toBe('[[1577923200000,"7200.77000000","7200.99000000","7193.11000000","7194.87000000","13.10971500",1577923259999,"94358.51811521",220,"3.37405500","24284.26957108","0"]]') // prettier-ignore
  })

  test('start with the oldest row where a start is given, both times inclusive', async () => {
    const { times } = await klines({ startTime: START + MINUTE, endTime: START + 3 * MINUTE })
    expect(times).toEqual([1, 2, 3].map((minute) => START + minute * MINUTE))
  })

  test('hold the newest rows where no start is given', async () => {
    expect((await klines({ limit: 2 })).times).toEqual([START + 1438 * MINUTE, START + 1439 * MINUTE])
    const { times } = await klines({ limit: 2, endTime: START + 10 * MINUTE })
    expect(times).toEqual([START + 9 * MINUTE, START + 10 * MINUTE])
  })

  test('hold 500 rows unless asked, and never more than 1000', async () => {
    expect((await klines({ startTime: START })).times).toHaveLength(500)
    expect((await klines({ startTime: START, limit: 5000 })).times).toHaveLength(1000)
  })

  test('end with what exists by the clock of the venue', async () => {
    const { times, headers } = await klines({}, { now: () => (START + 2.5 * MINUTE) * 1000 })
    expect(times).toEqual([0, 1, 2].map((minute) => START + minute * MINUTE))
    expect(headers.get('date')).toBe('Thu, 02 Jan 2020 00:02:30 GMT')
  })

  test.each([
    [{ symbol: 'NOPE', interval: '1m' }, -1121],
    [{ interval: '1m' }, -1102],
    [{ symbol: 'BTCUSDT' }, -1102],
  ])('are refused for %j with %i', async (query, code) => {
    const { status, body } = await page(await start(), '/api/v3/klines', query)
    expect(status).toBe(400)
    expect(JSON.parse(body)).toMatchObject({ code })
  })

  test('of another interval of a known symbol are empty', async () => {
    expect((await klines({ interval: '3m' })).body).toBe('[]')
  })
})

describe('pages by id and other rules', () => {
  test('start at an id, or within at most an hour of time', async () => {
    const server = await start()
    const byId = await page(server, '/dapi/v1/aggTrades', { symbol: 'BTCUSD_PERP', fromId: 480537904, limit: 2 })
    expect(byId.body).toMatch(/^\[\{"a":480537904,"p":"79972.9","q":"1.0","f":1123474165,"l":1123474165,"T":1778198400024,"m":false\},\{"a":480537905,/) // prettier-ignore
    const startTime = 1_778_198_400_020
    const hour = await page(server, '/dapi/v1/aggTrades', {
      symbol: 'BTCUSD_PERP',
      startTime,
      endTime: startTime + 3_600_000,
    })
    expect(hour.body.split('{')).toHaveLength(501)
    const longer = await page(server, '/dapi/v1/aggTrades', {
      symbol: 'BTCUSD_PERP',
      startTime,
      endTime: startTime + 3_600_001,
    })
    expect(longer.body).toContain('-1127')
  })

  test('old trades need a key', async () => {
    const rows: VenueRows[] = [
      rowsFromPages({ path: '/api/v3/historicalTrades', symbol: 'BTCUSDT' }, [
        await recordedRows('api_v3_historicalTrades', 0),
      ]),
    ]
    const server = await start({ rows })
    const query = { symbol: 'BTCUSDT', fromId: 870281751, limit: 1 }
    expect(await page(server, '/api/v3/historicalTrades', query)).toMatchObject({
      status: 401,
      body: '{"code":-2014,"msg":"API-key format invalid."}',
    })
    const response = await fetch(`${server.url}/api/v3/historicalTrades?symbol=BTCUSDT&limit=1`, {
      headers: { 'x-mbx-apikey': 'k' },
    })
    expect(await response.json()).toMatchObject([{ id: 870281754 }])
  })

  test('coin-margined bars are refused above 200 days, as recorded', async () => {
    const server = await start()
    const query = { pair: 'BTCUSD', interval: '1M', startTime: 1546300800000, endTime: 1577836800000 }
    const { body } = await page(server, '/dapi/v1/indexPriceKlines', query)
    expect(JSON.parse(body)).toEqual({ code: -4088, msg: 'Maximum time interval is 200 days.' })
  })

  test('statistics reach back 30 days', async () => {
    const server = await start({ now: () => 1_602_820_000_000_000 })
    const query = { symbol: 'LTCUSDT', period: '1d' }
    const near = await page(server, '/futures/data/openInterestHist', { ...query, startTime: 1602028800000 })
    expect(near.body.split('{')).toHaveLength(11)
    const far = await page(server, '/futures/data/openInterestHist', { ...query, startTime: 1577836800000 })
    expect(far.status).toBe(400)
  })

  test('other addresses answer what was handed over; ping and time are built in; the rest is not found', async () => {
    const server = await start({
      answers: { '/fapi/v1/fundingInfo': [{ symbol: 'X' }], '/other': 'as it is' },
      now: () => 5_000_000,
    })
    expect((await page(server, '/fapi/v1/fundingInfo')).body).toBe('[{"symbol":"X"}]')
    expect((await page(server, '/other')).body).toBe('as it is')
    expect((await page(server, '/fapi/v1/time')).body).toBe('{"serverTime":5000}')
    expect((await page(server, '/api/v3/ping')).body).toBe('{}')
    expect((await page(server, '/api/v3/nothing')).status).toBe(404)
  })
})

describe('the budget', () => {
  const bars = { symbol: 'BTCUSDT', interval: '1d' }

  test.each([
    [99, 1],
    [499, 2],
    [1000, 5],
    [1500, 10],
  ])('a page of %i futures bars weighs %i', async (limit, weight) => {
    const { headers } = await page(await start(), '/fapi/v1/klines', { ...bars, limit })
    expect(headers.get('x-mbx-used-weight-1m')).toBe(String(weight))
  })

  test('is refused beyond its weight with 429, then with 418, and begins anew with the window', async () => {
    let now = 0
    const limits = { um: { weight: 10, patience: 1, banMillis: 90_000 } }
    const server = await start({ limits, now: () => now * 1000, rows: [days] })
    const ask = async () => page(server, '/fapi/v1/klines', { ...bars, limit: 1000 })
    now = 30_500
    for (const status of [200, 200]) expect((await ask()).status).toBe(status)
    const refused = await ask()
    expect([refused.status, refused.headers.get('retry-after'), refused.times]).toEqual([429, '30', []])
    const banned = await ask()
    expect([banned.status, banned.headers.get('retry-after')]).toEqual([418, '90'])
    now = 60_000
    expect((await ask()).status).toBe(418)
    // Another market has a budget of its own.
    expect((await page(server, '/api/v3/ping')).status).toBe(200)
    now = 121_000
    expect([(await ask()).status, server.used('um')]).toEqual([200, 5])
    expect(server.requests.map(({ status }) => status)).toEqual([200, 200, 429, 418, 418, 200, 200])
  })
})

describe('faults on request', () => {
  const query = { symbol: 'BTCUSDT', interval: '1m', startTime: START, limit: 3 }
  const range = { from: (START + MINUTE) * 1000, to: (START + 2 * MINUTE) * 1000 }

  test('late rows come after some requests for them, doubled rows come twice', async () => {
    const server = await start({ late: [{ ...range, after: 2 }], doubled: [{ from: START * 1000, to: range.from }] })
    const pages = []
    for (let turn = 0; turn < 3; turn++) pages.push((await page(server, '/api/v3/klines', query)).times)
    const [zero, one, two] = [START, START + MINUTE, START + 2 * MINUTE]
    expect(pages).toEqual([
      [zero, zero, two],
      [zero, zero, two],
      [zero, zero, one],
    ])
    const newest = await page(server, '/api/v3/klines', {
      symbol: 'BTCUSDT',
      interval: '1m',
      endTime: START + MINUTE,
      limit: 3,
    })
    expect(newest.times).toEqual([zero, zero, one])
  })

  test('a page repeats, is short, is empty, or is no page', async () => {
    const faults = [
      undefined,
      { kind: 'repeat' },
      { kind: 'short', rows: 1 },
      { kind: 'empty' },
      { kind: 'body', body: '<html>' },
    ] as const
    const server = await start({ fault: ({ number }) => faults[number - 1] })
    await page(server, '/api/v3/klines', query)
    const repeated = await page(server, '/api/v3/klines', { ...query, startTime: START + 10 * MINUTE })
    expect(repeated.times[0]).toBe(START)
    expect((await page(server, '/api/v3/klines', query)).times).toHaveLength(1)
    expect((await page(server, '/api/v3/klines', query)).body).toBe('[]')
    expect((await page(server, '/api/v3/klines', query)).body).toBe('<html>')
  })

  test('storms of errors pass, regions are blocked in the words of the venue', async () => {
    const server = await start({
      fault: ({ number }) => ({ kind: 'status', status: number === 1 ? 451 : 503, retryAfter: 7 }),
    })
    expect((await page(server, '/api/v3/klines', query)).body).toContain('restricted location')
    const { status, headers } = await page(server, '/api/v3/klines', query)
    expect([status, headers.get('retry-after')]).toEqual([503, '7'])
  })

  test.each([
    [{ kind: 'cut' }],
    [{ kind: 'cut', afterBytes: 10 }],
    [{ kind: 'stall' }],
    [{ kind: 'stall', afterBytes: 10 }],
  ] as const)('%j leaves the client without a page', async (fault) => {
    const server = await start({ fault: () => fault })
    const signal = AbortSignal.timeout(200)
    const work = fetch(`${server.url}/api/v3/klines?symbol=BTCUSDT&interval=1m`, { signal }).then(async (response) =>
      response.text(),
    )
    await expect(work).rejects.toThrow(fault.kind === 'cut' ? TypeError : /aborted/)
  })

  test('latency keeps an answer back', async () => {
    const server = await start({ latencyMillis: 600_000 })
    const controller = new AbortController()
    const work = fetch(`${server.url}/api/v3/ping`, { signal: controller.signal })
    await vi.waitFor(() => { expect(server.requests).toHaveLength(1) }) // prettier-ignore
    controller.abort(new Error('waited long enough'))
    await expect(work).rejects.toThrow('waited long enough')
    await server.close()
    const quick = await start({ latencyMillis: 1 })
    expect((await page(quick, '/api/v3/ping')).body).toBe('{}')
  })
})

describe('ccxt, unchanged', () => {
  test('reads bars, funding, trades and statistics of all markets by its implicit methods', async () => {
    const server = await start({ now: () => 1_602_820_000_000_000 })
    const exchange = new ccxt.binance()
    Object.assign(exchange.urls['api'], server.urls)
    const spot = await exchange.publicGetKlines({ symbol: 'BTCUSDT', interval: '1m', startTime: START, limit: 2 })
    expect(
      z
        .tuple([z.array(z.unknown()), z.array(z.unknown())])
        .parse(spot)[0]
        .slice(0, 2),
    ).toEqual([START, '7200.77000000'])
    expect(await exchange.fapiPublicGetKlines({ symbol: 'BTCUSDT', interval: '1d', limit: 3 })).toHaveLength(3)
    expect(await exchange.fapiPublicGetFundingRate({ symbol: 'BTCUSDT' })).toEqual([])
    expect(await exchange.dapiPublicGetAggTrades({ symbol: 'BTCUSD_PERP', fromId: 480537903 })).toEqual([])
    expect(await exchange.dapiPublicGetIndexPriceKlines({ pair: 'BTCUSD', interval: '1M' })).toHaveLength(5)
    expect(await exchange.fapiDataGetOpenInterestHist({ symbol: 'LTCUSDT', period: '1d' })).toHaveLength(10)
    await exchange.close()
  })

  test('throws its own errors for 429 and 451', async () => {
    const server = await start({ limits: { um: { weight: 0 } }, fault: () => ({ kind: 'status', status: 451 }) })
    const exchange = new ccxt.binance()
    Object.assign(exchange.urls['api'], server.urls)
    await expect(exchange.fapiPublicGetKlines({ symbol: 'BTCUSDT', interval: '1d' })).rejects.toBeInstanceOf(
      ccxt.DDoSProtection,
    )
    await expect(exchange.publicGetKlines({ symbol: 'BTCUSDT', interval: '1d' })).rejects.toThrow('restricted location')
    await exchange.close()
  })

  test('watches trades of a stream by its own subscription', async () => {
    const exchangeInfo = await recorded('fapi_v1_exchangeInfo', 0)
    const server = await start({ answers: { '/fapi/v1/exchangeInfo': exchangeInfo }, frames })
    const exchange = new ccxt.pro.binanceusdm({ options: { fetchMarkets: { types: ['linear'] } } })
    Object.assign(exchange.urls['api'], server.urls)
    // It wants its agents loaded for addresses without TLS.
    await exchange.loadHttpProxyAgent()
    const [trade] = await exchange.watchTrades('BTC/USDT:USDT', undefined, undefined, { name: 'aggTrade' })
    expect(trade).toMatchObject({ id: '3404749954', price: 64990.9, amount: 0.002, timestamp: 1786171884471 })
    await exchange.close()
  })
})

describe('streams', () => {
  test('a combined stream wraps its frames, a raw one does not', async () => {
    const server = await start({ frames })
    const combined = await connect(server, '/um/stream?streams=btcusdt@aggTrade/btcusdt@markPrice')
    expect((await combined.next()).slice(0, 36)).toBe('{"stream":"btcusdt@aggTrade","data":')
    expect(await combined.next()).toContain('"stream":"btcusdt@markPrice"')
    const raw = await connect(server, '/ws/stgusdt@forceOrder')
    expect(await raw.next()).toMatch(/^\{"e":"forceOrder"/)
  })

  test('subscriptions come and go by message', async () => {
    const server = await start({ frames })
    const client = await connect(server, '/um/ws')
    client.socket.send('{"method":"SUBSCRIBE","params":["!forceOrder@arr"],"id":1}')
    expect(await client.next()).toBe('{"result":null,"id":1}')
    expect(await client.next()).toContain('IOTXUSDT')
    client.socket.send('{"method":"LIST_SUBSCRIPTIONS","id":2}')
    expect(await client.next()).toBe('{"result":["!forceOrder@arr"],"id":2}')
    client.socket.send('{"method":"UNSUBSCRIBE","params":["!forceOrder@arr"],"id":3}')
    expect(await client.next()).toBe('{"result":null,"id":3}')
    expect(server.send({ stream: '!forceOrder@arr', data: '{}' })).toBe(0)
    client.socket.send('what')
    expect(await client.next()).toContain('Invalid JSON')
    client.socket.send('{"method":"DANCE","id":4}')
    expect(await client.next()).toContain('unknown variant `DANCE`')
  })

  test('frames are sent to who is subscribed, in their market only', async () => {
    const server = await start()
    const um = await connect(server, '/um/market/ws/btcusdt@trade')
    await connect(server, '/spot/ws/btcusdt@trade')
    expect(server.send({ stream: 'btcusdt@trade', market: 'um', data: '{"a":1}' })).toBe(1)
    expect(await um.next()).toBe('{"a":1}')
    server.sendText('to everybody')
    expect(await um.next()).toBe('to everybody')
    expect(server.connections.map(({ path, streams }) => [path, streams])).toEqual([
      ['/um/market/ws/btcusdt@trade', ['btcusdt@trade']],
      ['/spot/ws/btcusdt@trade', ['btcusdt@trade']],
    ])
  })

  test('connections are dropped on request, with or without a word', async () => {
    const server = await start()
    const rude = await connect(server, '/ws')
    server.drop()
    expect(await rude.closed).toBe(1006)
    const polite = await connect(server, '/ws')
    server.drop(1008)
    expect(await polite.closed).toBe(1008)
    expect(server.connected).toBe(2)
    await vi.waitFor(() => { expect(server.connections).toEqual([]) }) // prettier-ignore
  })

  test('who does not answer a ping is cut off', async () => {
    const server = await start({ pingMillis: 250 })
    const live = await connect(server, '/ws')
    const dead = await connect(server, '/ws', { autoPong: false })
    expect(await dead.closed).toBe(1006)
    expect(live.socket.readyState).toBe(WebSocket.OPEN)
    expect(server.connections[0]?.pongs).toBeGreaterThan(0)
  })

  test('a frozen venue is silent, and answers again once it thaws', async () => {
    const server = await start({ pingMillis: 10 })
    const client = await connect(server, '/ws/x')
    server.freeze(true)
    client.socket.send('{"method":"LIST_SUBSCRIPTIONS","id":1}')
    client.socket.ping()
    expect(server.send({ stream: 'x', data: '{}' })).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 30))
    server.freeze(false)
    const pong = new Promise((resolve) => client.socket.once('pong', resolve))
    client.socket.ping()
    await pong
    client.socket.send('{"method":"LIST_SUBSCRIPTIONS","id":2}')
    expect(await client.next()).toBe('{"result":["x"],"id":2}')
  })

  test('an upgrade elsewhere is refused', async () => {
    const server = await start()
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/elsewhere`)
    const error = await new Promise<Error>((resolve) => socket.on('error', resolve))
    expect(error.message).toContain('404')
  })
})

async function fromArchive(path: string, dataset: string): Promise<readonly VenueRows[]> {
  return rowsFromArchive(await readFile(new URL(path, ARCHIVE)), parseDatasetId(dataset))
}

/** The body of one of the recorded answers of an address. */
async function recorded(name: string, index: number): Promise<unknown> {
  const text = await readFile(new URL(`rest/binance/${name}.json`, FIXTURES), 'utf8')
  return recordings.parse(JSON.parse(text))[index]?.data
}

async function recordedRows(name: string, index: number): Promise<unknown[]> {
  return z.array(z.unknown()).parse(await recorded(name, index))
}

async function page(server: Venue, path: string, query: Record<string, string | number> = {}) {
  const parameters = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  )
  const response = await fetch(`${server.url}${path}?${parameters.toString()}`)
  const body = await response.text()
  const times = [...body.matchAll(/\[(\d{13}),/g)].map(([, time]) => Number(time))
  return { status: response.status, headers: response.headers, body, times }
}

async function connect(server: Venue, path: string, options: { autoPong?: boolean } = {}) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, options)
  const texts: string[] = []
  const waiting: ((text: string) => void)[] = []
  socket.on('message', (data: Buffer) => {
    const reader = waiting.shift()
    if (reader === undefined) texts.push(data.toString())
    else reader(data.toString())
  })
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  await new Promise((resolve) => socket.on('open', resolve))
  const next = async (): Promise<string> => texts.shift() ?? new Promise((resolve) => waiting.push(resolve))
  return { socket, next, closed }
}
