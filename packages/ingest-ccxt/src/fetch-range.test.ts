import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type DatasetId,
  type ExchangeAdapter,
  parseDatasetId,
  parseInstant,
  parseTimeRange,
  type RawPage,
  type RestSeries,
  type TimeRange,
} from '@lake/core'
import { binance, getExchange, listExchanges } from '@lake/exchanges'
import { memoryStore } from '@lake/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readPages, writePage } from './bronze-pages.ts'
import { ccxtTransport } from './ccxt-transport.ts'
import { type Clock, systemClock } from './clock.ts'
import { createTransport } from './create-transport.ts'
import { fetchInstruments } from './fetch-instruments.ts'
import { fetchRange, type FetchRangeOptions } from './fetch-range.ts'
import type { FetchReport } from './fetch-report.ts'
import { ingestRange } from './ingest-range.ts'
import { loadCcxt } from './load-ccxt.ts'
import { createRateLimiter } from './rate-limiter.ts'
import type { RestTransport } from './rest-transport.ts'
import {
  rowsFromArchive,
  rowsFromPages,
  startVenue,
  type Venue,
  type VenueFault,
  type VenueOptions,
  type VenueRows,
} from './testing/index.ts'

const FIXTURES = new URL('../../../fixtures/', import.meta.url)
const ARCHIVE = new URL('archive/data/', FIXTURES)
const MINUTE = 60_000_000

const fromArchive = async (key: string, id: string) =>
  rowsFromArchive(await readFile(new URL(key, ARCHIVE)), parseDatasetId(id))
const minutes = await fromArchive(
  'spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01-02.zip',
  'binance/spot/klines/BTCUSDT/1m',
)
const trades = await fromArchive(
  'futures/cm/daily/aggTrades/BTCUSD_PERP/BTCUSD_PERP-aggTrades-2026-05-08.zip',
  'binance/cm/aggTrades/BTCUSD_PERP',
)
const funding = await fromArchive(
  'futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-04.zip',
  'binance/um/fundingRate/BTCUSDT',
)
const bars = parseDatasetId('binance/spot/klines/BTCUSDT/1m')
const DAY = parseTimeRange('2020-01-02', '2020-01-03')

let folder: string
let venue: Venue | undefined
let transport: RestTransport | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lake-rest-'))
})
afterEach(async () => {
  await transport?.close()
  await venue?.close()
  venue = undefined
  transport = undefined
  rmSync(folder, { recursive: true })
})

/** What asks a venue on this machine, waiting no longer than needed. */
async function ask(
  options: VenueOptions & { readonly timeoutMillis?: number },
): Promise<Pick<FetchRangeOptions, 'adapter' | 'transport' | 'limiter' | 'clock'>> {
  venue = await startVenue({ rows: [...minutes, ...trades, ...funding], ...options })
  const { timeoutMillis } = options
  transport = createTransport({ baseUrl: venue.url, credentials: () => undefined, timeoutMillis })
  const now = options.now ?? systemClock.now
  const clock: Clock = { now, sleep: (micros, signal) => systemClock.sleep(Math.min(micros, 20_000), signal) }
  const limiter = createRateLimiter({ folder, clock })
  return { adapter: binance, transport, limiter, clock }
}

async function collect(options: FetchRangeOptions): Promise<{ pages: RawPage[]; report: FetchReport }> {
  const pages: RawPage[] = []
  const walk = fetchRange(options)
  for (;;) {
    const step = await walk.next()
    if (step.done === true) return { pages, report: step.value }
    pages.push(step.value)
  }
}

/** The rows of a page that count, by the field or position that has their time. */
function rowsOf({ envelope, body }: RawPage, time: string | number): unknown[] {
  const { from, to } = envelope.range
  const rows = JSON.parse(Buffer.from(body).toString()) as Record<string | number, number>[]
  return rows.filter((row) => (row[time] ?? 0) * 1000 >= from && (row[time] ?? 0) * 1000 < to)
}

/** The texts of what a venue has in a range. */
function textsIn(rows: readonly VenueRows[], { from, to }: TimeRange): unknown[] {
  return rows.flatMap(({ times, texts }) =>
    texts
      .filter((_, row) => (times[row] ?? 0) * 1000 >= from && (times[row] ?? 0) * 1000 < to)
      .map((text) => JSON.parse(text) as unknown),
  )
}

describe('a range', () => {
  test('of bars comes whole, in pages of the best weight, each settling its part of the range', async () => {
    const { pages, report } = await collect({ ...(await ask({})), dataset: bars, range: DAY })
    expect(pages.flatMap((page) => rowsOf(page, 0))).toEqual(textsIn(minutes, DAY))
    expect(report).toMatchObject({ pages: 2, rows: 1440, requests: 2, retries: 0, empty: 0, short: 0 })
    expect(report.series).toEqual([
      { series: 'binance-spot-klines', outcome: 'rows', pages: 2, rows: 1440, unreachable: [] },
    ])
    expect(pages.map(({ envelope }) => envelope.range)).toEqual([
      { from: DAY.from, to: DAY.from + 1000 * MINUTE },
      { from: DAY.from + 1000 * MINUTE, to: DAY.to },
    ])
    expect(pages[0]?.envelope).toMatchObject({
      request: { method: 'binance.publicGetKlines', parameters: { symbol: 'BTCUSDT', limit: 1000 } },
      status: 200,
      headers: { 'x-mbx-used-weight-1m': '2' },
    })
  })

  test('backward begins with the newest page, so that what is held hangs together', async () => {
    const { pages } = await collect({ ...(await ask({})), dataset: bars, range: DAY, direction: 'backward' })
    expect(pages.map(({ envelope }) => envelope.range)).toEqual([
      { from: DAY.to - 1000 * MINUTE, to: DAY.to },
      { from: DAY.from, to: DAY.to - 1000 * MINUTE },
    ])
  })

  test('of trades is walked by number, where thousands share a second', async () => {
    const dataset = parseDatasetId('binance/cm/aggTrades/BTCUSD_PERP')
    const range = parseTimeRange('2026-05-08T10:00:00Z', '2026-05-08T12:00:00Z')
    const { pages, report } = await collect({ ...(await ask({})), dataset, range })
    const found = new Map(pages.flatMap((page) => rowsOf(page, 'T')).map((row) => [JSON.stringify(row), row]))
    expect([...found.values()]).toEqual(textsIn(trades, range))
    expect(found.size).toBeGreaterThan(5000)
    expect(report.requests).toBeLessThan(found.size / 1000 + 3)
  })

  test('of funding rates is walked by their own times, one page a month', async () => {
    const dataset = parseDatasetId('binance/um/fundingRate/BTCUSDT')
    const range = parseTimeRange('2026-03-15', '2026-05-15')
    const { pages, report } = await collect({ ...(await ask({})), dataset, range })
    expect(pages.flatMap((page) => rowsOf(page, 'fundingTime'))).toEqual(textsIn(funding, range))
    expect(report.pages).toBe(1)
    expect(report.requests).toBeLessThan(15)
  })

  test('that spans months is cut at their ends, and an answer that spans two counts in both', async () => {
    const rows = rowsFromPages({ path: '/fapi/v1/trades', symbol: 'BTCUSDT' }, [
      [Date.UTC(2024, 0, 31, 23, 59), Date.UTC(2024, 1, 1)].map((time, id) => ({
        id,
        price: '1',
        qty: '1',
        quoteQty: '1',
        time,
        isBuyerMaker: true,
      })),
    ])
    const now = (): number => parseInstant('2024-02-01T00:01:00Z')
    const options = await ask({ rows: [rows], now })
    const dataset = parseDatasetId('binance/um/trades/BTCUSDT')
    const { pages, report } = await collect({ ...options, dataset, range: parseTimeRange('2024-01-01', '2024-03-01') })
    expect(report).toMatchObject({ requests: 1, pages: 2, rows: 2 })
    expect(pages[0]?.body).toEqual(pages[1]?.body)
    expect(pages.map(({ envelope }) => envelope.range)).toEqual([
      parseTimeRange('2024-01-31T23:59:00Z', '2024-02-01'),
      parseTimeRange('2024-02-01', '2024-02-01T00:01:00Z'),
    ])
    // The newest rows are all that this series has.
    expect(report.series[0]?.unreachable).toEqual([
      parseTimeRange('2024-01-01', '2024-01-31T23:59:00Z'),
      parseTimeRange('2024-02-01T00:01:00Z', '2024-03-01'),
    ])
  })

  test('ends before the bar that is not closed yet', async () => {
    const now = (): number => DAY.from + 10 * MINUTE + 30_000_000
    const { pages } = await collect({ ...(await ask({ now })), dataset: bars, range: DAY })
    expect(pages.map(({ envelope }) => envelope.range)).toEqual([{ from: DAY.from, to: DAY.from + 10 * MINUTE }])
    expect(pages.flatMap((page) => rowsOf(page, 0))).toHaveLength(10)
  })

  test('trusts the clock of the venue where that is behind', async () => {
    const options = await ask({ now: () => DAY.from + 10 * MINUTE + 30_000_000 })
    const clock: Clock = { now: () => DAY.from + 14 * MINUTE, sleep: systemClock.sleep }
    const limiter = createRateLimiter({ folder, clock })
    const { pages } = await collect({ ...options, clock, limiter, dataset: bars, range: DAY })
    expect(pages[0]?.envelope.asOf).toBe(DAY.from + 10 * MINUTE + 30_000_000)
    expect(pages.at(-1)?.envelope.range.to).toBe(DAY.from + 10 * MINUTE)
  })

  test('can look back for rows that came late', async () => {
    const from = DAY.from + 60 * MINUTE
    const missing = { from: from - 20 * MINUTE, to: from - 10 * MINUTE }
    const options = { ...(await ask({ late: [{ ...missing, after: 1 }] })), dataset: bars }
    const first = await collect({ ...options, range: { from: DAY.from, to: from } })
    const second = await collect({ ...options, range: { from, to: DAY.to }, lookback: 30 * MINUTE })
    expect([first.report.rows, second.report.rows]).toEqual([50, 1410])
    expect(second.pages[0]?.envelope.range.from).toBe(from - 30 * MINUTE)
    const rows = new Set(
      [...first.pages, ...second.pages].flatMap((page) => rowsOf(page, 0)).map((row) => JSON.stringify(row)),
    )
    expect(rows.size).toBe(1440)
  })

  test('where the venue has nothing says so, after few requests', async () => {
    const range = parseTimeRange('2019-05-01', '2019-07-01')
    const { pages, report } = await collect({ ...(await ask({})), dataset: bars, range })
    expect(pages).toEqual([])
    expect(report.series).toMatchObject([{ outcome: 'nothing-there', rows: 0, unreachable: [] }])
    expect(report.requests).toBeLessThan(20)
  })

  test('before what the venue remembers is not asked for', async () => {
    const dataset = parseDatasetId('binance/um/metrics/BTCUSDT')
    const options = await ask({ now: () => parseInstant('2026-05-08') })
    const { report } = await collect({ ...options, dataset, range: parseTimeRange('2026-01-01', '2026-01-02') })
    expect(report.requests).toBe(0)
    expect(report.series).toHaveLength(5)
    expect(report.series[0]).toMatchObject({
      outcome: 'out-of-reach',
      unreachable: [parseTimeRange('2026-01-01', '2026-01-02')],
    })
  })

  test('of a dataset that is not served is refused, naming what is', async () => {
    const dataset = parseDatasetId('binance/option/bvolIndex/BTCBVOLUSDT')
    await expect(collect({ adapter: binance, dataset, range: DAY })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      details: {
        served: expect.arrayContaining([
          'um/metrics',
          'cm/klines/{1m,3m,5m,15m,30m,1h,2h,4h,6h,8h,12h,1d,3d,1w,1mo}',
        ]) as unknown,
      },
    })
    const kucoin = parseDatasetId('kucoin/spot/klines/BTC-USDT/1m')
    await expect(collect({ adapter: getExchange('kucoin'), dataset: kucoin, range: DAY })).rejects.toThrow(
      'it serves nothing',
    )
    const futureSeconds = parseDatasetId('binance/um/klines/BTCUSDT/1s')
    await expect(collect({ adapter: binance, dataset: futureSeconds, range: DAY })).rejects.toHaveProperty(
      'code',
      'UNSUPPORTED',
    )
  })

  test('stops at a signal, also while it waits', async () => {
    const options = await ask({ fault: () => ({ kind: 'stall' }) })
    const stop = new AbortController()
    setTimeout(() => {
      stop.abort()
    }, 50)
    await expect(collect({ ...options, dataset: bars, range: DAY, signal: stop.signal })).rejects.toHaveProperty(
      'name',
      'AbortError',
    )
  })
})

describe('a venue in trouble', () => {
  /** The first requests fail, one way each. */
  const failing = (...faults: VenueFault[]): VenueOptions => ({ fault: ({ number }) => faults[number - 1] })

  test('is asked again after passing failures, and all of it is counted', async () => {
    const options = await ask({
      ...failing(
        { kind: 'status', status: 503 },
        { kind: 'cut' },
        { kind: 'cut', afterBytes: 100 },
        { kind: 'body', body: '<html>maintenance</html>' },
      ),
    })
    const { report, pages } = await collect({ ...options, dataset: bars, range: DAY })
    expect(pages.flatMap((page) => rowsOf(page, 0))).toHaveLength(1440)
    expect(report).toMatchObject({ requests: 6, retries: 4, rows: 1440 })
    expect(report.waits).toBeGreaterThanOrEqual(4)
  })

  test('that stalls is given up after a while', async () => {
    const options = await ask({ timeoutMillis: 100, fault: () => ({ kind: 'stall', afterBytes: 10 }) })
    await expect(collect({ ...options, attempts: 1, dataset: bars, range: DAY })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    })
  }, 15_000)

  test('is left alone after the last attempt', async () => {
    const options = await ask({ fault: () => ({ kind: 'status', status: 503 }) })
    await expect(collect({ ...options, attempts: 3, dataset: bars, range: DAY })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { status: 503, attempts: 3, endpoint: 'binance.publicGetKlines' },
    })
    expect(venue?.requests).toHaveLength(3)
  })

  test('that blocks the region is asked once', async () => {
    const options = await ask({ fault: () => ({ kind: 'status', status: 451 }) })
    await expect(collect({ ...options, dataset: bars, range: DAY })).rejects.toMatchObject({
      code: 'BLOCKED_REGION',
      retryable: false,
    })
    expect(venue?.requests).toHaveLength(1)
  })

  test('that asks to wait is not asked before the time, by any process', async () => {
    const options = await ask({
      fault: ({ number }) => (number === 1 ? { kind: 'status', status: 429, retryAfter: 1 } : undefined),
    })
    const started = Date.now()
    const { report } = await collect({ ...options, dataset: bars, range: DAY })
    expect(Date.now() - started).toBeGreaterThanOrEqual(990)
    expect(report).toMatchObject({ requests: 3, retries: 1 })
  })

  test('that bans is not asked again, even by a process that starts anew', async () => {
    const options = await ask({ fault: () => ({ kind: 'status', status: 418, retryAfter: 7200 }) })
    for (let start = 0; start < 3; start++) {
      const limiter = createRateLimiter({ folder })
      await expect(collect({ ...options, limiter, dataset: bars, range: DAY })).rejects.toMatchObject({
        code: 'RATE_LIMITED',
        details: { budget: 'binance-spot' },
      })
    }
    expect(venue?.requests).toHaveLength(1)
  })

  test('that knows no such symbol, or refuses the question, is not asked again', async () => {
    for (const [body, code] of [
      ['{"code":-1121,"msg":"Invalid symbol."}', 'NOT_FOUND'],
      ['{"code":-1100,"msg":"Illegal characters found in a parameter."}', 'BAD_REQUEST'],
    ] as const) {
      const options = await ask({ fault: () => ({ kind: 'status', status: 400, body }) })
      await expect(collect({ ...options, dataset: bars, range: DAY })).rejects.toHaveProperty('code', code)
      expect(venue?.requests).toHaveLength(1)
      await venue?.close()
    }
  })

  test('that answers with something else than rows fails the range', async () => {
    const options = await ask({ fault: () => ({ kind: 'body', body: '{"klines":[]}' }) })
    await expect(collect({ ...options, dataset: bars, range: DAY })).rejects.toHaveProperty('code', 'BAD_FORMAT')
    const rowless = await ask({ fault: () => ({ kind: 'body', body: '[["soon",1]]' }) })
    await expect(collect({ ...rowless, dataset: bars, range: DAY })).rejects.toHaveProperty('code', 'BAD_ROW')
  })
})

describe('bronze', () => {
  test('holds the same answer to the same question once, and tells it by month and range without reading', async () => {
    const target = memoryStore()
    const options = { ...(await ask({})), dataset: bars, range: DAY, target }
    const keys: string[] = []
    const first = await ingestRange({ ...options, onPage: ({ key }) => keys.push(key) })
    const again = await ingestRange(options)
    expect([first.newPages, again.newPages, again.pages]).toEqual([2, 0, 2])
    expect(keys[0]).toMatch(
      /^bronze\/binance\/rest\/spot\/klines\/BTCUSDT\/1m\/2020-01\/binance-spot-klines\.\d+-\d+\.[0-9a-f]{64}\.page$/,
    )
    const found: RawPage[] = []
    const range = { from: DAY.to - MINUTE, to: DAY.to }
    for await (const page of readPages({ store: target, dataset: bars, range })) found.push(page)
    expect(found).toHaveLength(1)
    expect(rowsOf(found[0] ?? expect.fail(), 0)).toEqual(textsIn(minutes, DAY).slice(1000))
    for await (const page of readPages({ store: target, dataset: bars, month: '2020-02' }))
      expect.fail(page.envelope.series)
  })

  test('keeps what has arrived when a later page fails', async () => {
    const target = memoryStore()
    const options = await ask({ fault: ({ number }) => (number > 1 ? { kind: 'status', status: 451 } : undefined) })
    await expect(ingestRange({ ...options, dataset: bars, range: DAY, target })).rejects.toHaveProperty(
      'code',
      'BLOCKED_REGION',
    )
    const kept: string[] = []
    for await (const { key } of target.list({})) kept.push(key)
    expect(kept).toHaveLength(1)
  })

  test('passes on what a store refuses', async () => {
    const { pages } = await collect({ ...(await ask({})), dataset: bars, range: DAY })
    const [page] = pages
    const store = { ...memoryStore(), put: () => Promise.reject(new Error('full')) }
    await expect(writePage(store, page ?? expect.fail())).rejects.toThrow('full')
  })
})

describe('keys', () => {
  const SECRETS = { apiKey: 'key-of-mine/+', secret: 'secret-of-mine', password: 'word-of-mine' }
  const dataset: DatasetId = parseDatasetId('binance/um/trades/BTCUSDT')
  const withMethod = (method: string): ExchangeAdapter => {
    const series = binance.rest?.series.find(({ id }) => id === 'binance-um-trades') ?? expect.fail()
    const signed: RestSeries = { ...series, endpoint: { kind: 'ccxt', exchange: 'binance', method } }
    return { ...binance, rest: { budgets: binance.rest?.budgets ?? [], series: [signed] } }
  }

  test('are asked for only when needed, and the error says how to give one', async () => {
    const options = await ask({})
    const adapter = withMethod('fapiPublicGetHistoricalTrades')
    await expect(collect({ ...options, adapter, dataset, range: DAY })).rejects.toMatchObject({
      code: 'NO_PERMISSION',
      message: expect.stringContaining('BINANCE_API_KEY') as unknown,
    })
    expect(venue?.requests).toEqual([])
  })

  test('reach the venue, but neither bronze nor reports nor errors', async () => {
    const time = Date.UTC(2024, 0, 31)
    const rows = rowsFromPages({ path: '/fapi/v1/historicalTrades', symbol: 'BTCUSDT' }, [
      [{ id: 1, price: '1', qty: '1', quoteQty: '1', time, isBuyerMaker: true }],
    ])
    const options = await ask({ rows: [rows], now: () => parseInstant('2024-02-01') })
    const keyed = ccxtTransport({ baseUrl: venue?.url, credentials: () => Promise.resolve(SECRETS) })
    const range = parseTimeRange('2024-01-31', '2024-02-01')
    const adapter = withMethod('fapiPublicGetHistoricalTrades')
    const target = memoryStore()
    const report = await ingestRange({ ...options, adapter, transport: keyed, dataset, range, target })
    expect(report.rows).toBe(1)
    let stored = JSON.stringify(report)
    for await (const page of readPages({ store: target, dataset }))
      stored += JSON.stringify(page.envelope) + Buffer.from(page.body).toString()
    const failures: unknown[] = []
    for (const [method, url] of [
      ['fapiPrivateGetForceOrders', 'http://127.0.0.1:1'],
      ['fapiPrivateGetForceOrders', venue?.url],
    ] as const) {
      const signing = ccxtTransport({ baseUrl: url, credentials: () => SECRETS })
      const walk = collect({ ...options, adapter: withMethod(method), transport: signing, attempts: 1, dataset, range })
      failures.push(await walk.catch((error: unknown) => error))
      await signing.close()
    }
    const told = failures.map(
      (error) =>
        `${String(error)} ${JSON.stringify(error)} ${String((error as Error).stack)} ${String((error as Error).cause)}`,
    )
    expect(told).toHaveLength(2)
    for (const text of [stored, ...told]) {
      expect(text).not.toMatch(/key-of-mine|secret-of-mine|word-of-mine|signature=[0-9a-f]/)
    }
    await keyed.close()
  })
})

describe('instruments', () => {
  test.each(['spot', 'um', 'cm'] as const)('of %s are read from the recorded list', async (market) => {
    const route = { spot: 'api_v3', um: 'fapi_v1', cm: 'dapi_v1' }[market]
    const path = `rest/binance/${route}_exchangeInfo.json`
    const [recorded] = JSON.parse(await readFile(new URL(path, FIXTURES), 'utf8')) as { data: { symbols: unknown[] } }[]
    const options = await ask({ answers: { [`/${route.replace('_', '/')}/exchangeInfo`]: recorded?.data } })
    const instruments = await fetchInstruments({ ...options, market })
    expect(instruments).toHaveLength(recorded?.data.symbols.length ?? 0)
    expect(instruments.map(({ symbol }) => symbol)).toEqual(instruments.map(({ symbol }) => symbol).toSorted())
    expect(instruments.filter(({ status }) => status === 'trading').length).toBeGreaterThan(0)
    if (market === 'cm') {
      expect(instruments.find(({ symbol }) => symbol === 'BTCUSD_PERP')).toMatchObject({
        base: 'BTC',
        quote: 'USD',
        contractSize: 100,
        delistedAt: undefined,
      })
    }
  })

  test('of a market without a list are refused, and so is a list without symbols', async () => {
    await expect(fetchInstruments({ adapter: binance, market: 'option' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      details: { served: ['spot', 'um', 'cm'] },
    })
    const options = await ask({ answers: { '/api/v3/exchangeInfo': { symbols: [] } } })
    await expect(fetchInstruments({ ...options, market: 'spot' })).rejects.toHaveProperty('code', 'BAD_FORMAT')
  })
})

test('every method that an adapter names is one of ccxt', async () => {
  for (const { rest } of listExchanges()) {
    for (const { endpoint } of [...(rest?.series ?? []), ...(rest?.instruments ?? [])]) {
      if (endpoint.kind !== 'ccxt') continue
      const Exchange = await loadCcxt(endpoint.exchange)
      expect(Reflect.get(new Exchange({}), endpoint.method), `${endpoint.exchange}.${endpoint.method}`).toBeTypeOf(
        'function',
      )
    }
  }
})
