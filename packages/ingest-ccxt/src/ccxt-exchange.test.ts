import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ExchangeAdapter, parseDatasetId, parseTimeRange, type RawPage } from '@lake/core'
import { describeExchange } from '@lake/core/testing'
import { binance } from '@lake/exchanges'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  ccxtExchange,
  createRateLimiter,
  createTransport,
  type CredentialsSource,
  fetchRange,
  type RestTransport,
  unifiedTransport,
} from './index.ts'
import { rowsFromArchive, rowsFromPages, startVenue, type Venue, type VenueOptions } from './testing/index.ts'

const FIXTURES = new URL('../../../fixtures/', import.meta.url)
const recordings = z.array(z.object({ data: z.unknown() }))

const minutes = rowsFromArchive(
  await readFile(new URL('archive/data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01-02.zip', FIXTURES)),
  parseDatasetId('binance/spot/klines/BTCUSDT/1m'),
)
const shifted = rowsFromPages({ path: '/api/v3/klines', symbol: 'ETHBTC', interval: '1d' }, [
  [[1577894400000, '1', '2', '0.5', '1.5', '10', 1577980799999, '15', 7, '5', '7', '0']],
])
const funding = rowsFromPages({ path: '/fapi/v1/fundingRate', symbol: 'BTCUSDT' }, [
  z.array(z.unknown()).parse(await recorded('fapi_v1_fundingRate', 3)),
])
const exchangeInfo = await recorded('api_v3_exchangeInfo', 0)
const contractInfo = await recorded('fapi_v1_exchangeInfo', 0)

const folder = mkdtempSync(join(tmpdir(), 'lake-ccxt-exchange-'))
const stops: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of stops.splice(0).reverse()) await one.close()
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function open(
  options: VenueOptions = {},
  credentials: CredentialsSource = () => undefined,
): Promise<{ readonly venue: Venue; readonly transport: RestTransport }> {
  const answers = { '/api/v3/exchangeInfo': exchangeInfo, '/fapi/v1/exchangeInfo': contractInfo }
  const venue = await startVenue({ rows: [...minutes, shifted, funding], answers, ...options })
  const settings = { options: { fetchMarkets: { types: ['spot', 'linear'] } } }
  const transport = createTransport({ baseUrl: venue.url, credentials, settings })
  stops.push(venue, transport)
  return { venue, transport }
}

const adapter = await ccxtExchange('binance')

async function fetchAll(id: string, from: string, to: string, transport: RestTransport, by: ExchangeAdapter = adapter) {
  const limiter = createRateLimiter({ folder: mkdtempSync(join(folder, 'budget-')) })
  const pages: RawPage[] = []
  const range = parseTimeRange(from, to)
  for await (const page of fetchRange({
    adapter: by,
    dataset: parseDatasetId(id),
    range,
    transport,
    limiter,
    attempts: 1,
  })) {
    pages.push(page)
  }
  return pages
}

const unifiedBody = z.object({ rows: z.array(z.unknown()), answers: z.array(z.string()) })

test('a day of bars comes whole, with what the venue itself said', async () => {
  const { venue, transport } = await open()
  const pages = await fetchAll('binance/spot/klines/BTCUSDT/1m', '2020-01-02', '2020-01-03', transport)
  const bodies = pages.map(({ body }) => unifiedBody.parse(JSON.parse(Buffer.from(body).toString())))
  expect(bodies.map(({ rows }) => rows.length)).toEqual([1000, 440])
  expect(bodies[0]?.rows[0]).toEqual([1577923200000, 7200.77, 7200.99, 7193.11, 7194.87, 13.109715])
  expect(bodies[0]?.answers[0]).toMatch(/^\[\[1577923200000,"7200.77000000"/)
  expect(pages[0]?.envelope).toMatchObject({
    series: 'binance-ccxt-spot-klines',
    request: { method: 'binance.fetchOHLCV' },
  })
  // The lists of what is traded are asked for once, and are no part of a page.
  expect(venue.requests.filter(({ path }) => path.endsWith('exchangeInfo'))).toHaveLength(2)
})

test('funding rates are walked by their own times', async () => {
  const { transport } = await open()
  const pages = await fetchAll('binance/um/fundingRate/BTCUSDT', '2020-09-15', '2020-10-19', transport)
  const rows = pages.flatMap(({ body }) => unifiedBody.parse(JSON.parse(Buffer.from(body).toString())).rows)
  expect(rows[0]).toMatchObject({ timestamp: 1600128000000, fundingRate: -0.0002227 })
  expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(100)
})

test('a bar that begins elsewhere than the interval fails its page', async () => {
  const { transport } = await open()
  const work = fetchAll('binance/spot/klines/ETHBTC/1d', '2020-01-01', '2020-01-03', transport)
  await expect(work).rejects.toThrow('1d bar of binance ETHBTC begins at 2020-01-01T16:00:00.000Z')
})

test('a symbol that the venue does not have in that market is named', async () => {
  const { transport } = await open()
  const work = fetchAll('binance/um/klines/ETHBTC/1d', '2020-01-01', '2020-01-03', transport)
  await expect(work).rejects.toMatchObject({ code: 'NOT_FOUND', details: { symbol: 'ETHBTC', market: 'um' } })
})

test.each([
  [{ kind: 'status', status: 451 }, 'BLOCKED_REGION'],
  [{ kind: 'status', status: 503 }, 'UNAVAILABLE'],
  [{ kind: 'cut' }, 'UNAVAILABLE'],
] as const)('what the venue refuses is told by its code: %j is %s', async (fault, code) => {
  const { transport } = await open({ fault: ({ path }) => (path.endsWith('klines') ? fault : undefined) })
  const work = fetchAll('binance/spot/klines/BTCUSDT/1m', '2020-01-02', '2020-01-03', transport)
  await expect(work).rejects.toMatchObject({ code })
})

test('a venue whose markets cannot be loaded is tried anew', async () => {
  let fails = true
  const { transport } = await open({
    fault: ({ path }) => (fails && path.endsWith('Info') ? { kind: 'status', status: 503 } : undefined),
  })
  const work = () => fetchAll('binance/spot/klines/BTCUSDT/1m', '2020-01-02', '2020-01-02T00:05:00Z', transport)
  await expect(work()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  fails = false
  expect(await work()).toHaveLength(1)
})

test.each(['<html>502 Bad Gateway</html>', '', 'null', '[[1577923200000,"7200.7'])(
  'what is no JSON is no answer, neither of bars nor of markets: %j',
  async (body) => {
    for (const place of ['klines', 'exchangeInfo']) {
      const { transport } = await open({
        fault: ({ path }) => (path.endsWith(place) ? { kind: 'body', body } : undefined),
      })
      const work = fetchAll('binance/spot/klines/BTCUSDT/1m', '2020-01-02', '2020-01-03', transport)
      await expect(work).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      await expect(work).rejects.toThrow('(no JSON)')
    }
  },
)

test('a key is not used where the venue wants none', async () => {
  const credentials = () => ({ apiKey: 'key-of-mine', secret: 'secret-of-mine' })
  const { venue, transport } = await open({}, credentials)
  await fetchAll('binance/spot/klines/BTCUSDT/1m', '2020-01-02', '2020-01-02T00:05:00Z', transport)
  const paths = new Set(venue.requests.map(({ path }) => path))
  expect([...paths].toSorted()).toEqual(['/api/v3/exchangeInfo', '/api/v3/klines', '/fapi/v1/exchangeInfo'])
})

test('only unified methods are carried', async () => {
  const transport = unifiedTransport()
  const endpoint = { kind: 'ccxt', exchange: 'binance', method: 'publicGetKlines' } as const
  await expect(transport.send({ endpoint, parameters: {} })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  await transport.close()
})

describe('adapters of other venues', () => {
  test('kraken gives its newest bars and nothing else; its weeks are left out', async () => {
    const kraken = await ccxtExchange('kraken')
    const [bars, trades] = kraken.rest?.series ?? []
    expect([bars?.walk, bars?.pageLimit, trades?.walk, kraken.omitsEmptyBars]).toEqual(['latest', 720, 'forward', true])
    const ask = { from: 0, to: 1, limit: 720 }
    expect(bars?.parameters({ ...ask, dataset: parseDatasetId('kraken/spot/klines/XBTUSD/1h') })).toEqual({ symbol: 'XBTUSD', market: 'spot', timeframe: '1h', limit: 720 }) // prettier-ignore
    expect(bars?.parameters({ ...ask, dataset: parseDatasetId('kraken/spot/klines/XBTUSD/1w') })).toBeUndefined()
  })

  test('a length of page that no quirk has comes from what ccxt declares', async () => {
    const bitso = await ccxtExchange('bitso')
    expect(bitso.rest?.series.map(({ id, pageLimit }) => [id, pageLimit])[0]).toEqual(['bitso-ccxt-spot-klines', 300])
  })

  test('an adapter of the venue keeps what it has', async () => {
    const both = await ccxtExchange('binance', { base: binance, quirks: { evidence: 'none' } })
    expect([both.archive, both.formats, both.omitsEmptyBars]).toEqual([binance.archive, binance.formats, undefined])
    expect(both.rest?.series[0]?.endpoint).toEqual({ kind: 'ccxt', exchange: 'binance', method: 'fetchOHLCV' })
  })

  test('what ccxt does not have is refused', async () => {
    await expect(ccxtExchange('mtgox')).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  test('every exchange of ccxt gives an adapter that can be asked', { timeout: 120_000 }, async () => {
    const { default: ccxt } = await import('ccxt')
    const counts = { bars: 0, trades: 0, funding: 0 }
    for (const id of ccxt.exchanges) {
      const found = await ccxtExchange(id).catch((error: unknown) => error)
      if (found instanceof Error) {
        expect(found).toMatchObject({ code: 'UNSUPPORTED' })
        continue
      }
      const { rest } = z
        .object({ rest: z.object({ series: z.array(z.looseObject({ dataType: z.string() })) }) })
        .parse(found)
      const types = new Set(rest.series.map(({ dataType }) => dataType))
      counts.bars += types.has('klines') ? 1 : 0
      counts.trades += types.has('trades') ? 1 : 0
      counts.funding += types.has('fundingRate') ? 1 : 0
    }
    expect(counts).toEqual({ bars: 89, trades: 99, funding: 49 })
  })
})

const unified = '{"rows":[[1577923200000,7200.77,7200.99,7193.11,7194.87,13.109715]],"answers":["[]"]}'
describeExchange(adapter, {
  datasets: ['spot', 'um', 'cm'].flatMap((market) => [`binance/${market}/klines/BTCUSDT/1h`, `binance/${market}/trades/BTCUSDT`, `binance/${market}/fundingRate/BTCUSDT`]), // prettier-ignore
  pages: [
    {
      ...{ series: 'binance-ccxt-spot-klines', dataset: 'binance/spot/klines/BTCUSDT/1h', body: unified, rows: 1 },
      first: { ts_event: 1577923200000000, close: 7194.87, volume: 13.109715 },
    },
  ],
  unrecorded: (adapter.rest?.series ?? []).map(({ id }) => id).filter((id) => id !== 'binance-ccxt-spot-klines'),
})

async function recorded(name: string, index: number): Promise<unknown> {
  const text = await readFile(new URL(`rest/binance/${name}.json`, FIXTURES), 'utf8')
  return recordings.parse(JSON.parse(text))[index]?.data
}
