import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseInstant } from '@lake/core'
import { startVenue } from '@lake/ingest-ccxt/testing'
import { fileStore, memoryStore } from '@lake/storage'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { defineLake, discoverSource, listSymbols, listUniverse } from './index.ts'
import { SAMPLE } from './testing/fixtures.ts'

const RECORDED = new URL('../../../fixtures/rest/binance/fapi_v1_exchangeInfo.json', import.meta.url)
const infoSchema = z.array(
  z.object({
    data: z.looseObject({ symbols: z.array(z.looseObject({ symbol: z.string(), onboardDate: z.number() })) }),
  }),
)

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-universe-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** What a venue says of a symbol: the day on which it was listed, or that it was settled and when. */
type Answer = string | { readonly listed: string; readonly settled: string }

/** Asks a venue, at some times, that lists some symbols. */
async function lakeThatAsked(answers: readonly { readonly at: string; readonly listed: Record<string, Answer> }[]) {
  const [recorded] = infoSchema.parse(JSON.parse(await readFile(RECORDED, 'utf8')))
  const [template] = recorded?.data.symbols ?? []
  const store = memoryStore()
  let now = 0
  for (const { at, listed } of answers) {
    now = parseInstant(at)
    const symbols = Object.entries(listed).map(([symbol, answer]) => ({
      ...template,
      symbol,
      onboardDate: parseInstant(typeof answer === 'string' ? answer : answer.listed) / 1000,
      ...(typeof answer === 'string' ? {} : { status: 'SETTLING', deliveryDate: parseInstant(answer.settled) / 1000 }),
    }))
    await using venue = await startVenue({ answers: { '/fapi/v1/exchangeInfo': { ...recorded?.data, symbols } } })
    const lake = defineLake({
      lake: store,
      venues: { urls: { binance: venue.url }, budgetFolder: folder },
      now: () => now,
    })
    await listSymbols(lake, { exchange: 'binance', market: 'um' })
  }
  const lake = defineLake({ lake: store, now: () => now })
  return async (asOf: string) => {
    const { symbols } = await listUniverse(lake, {
      exchange: 'binance',
      market: 'um',
      ask: false,
      asOf: parseInstant(asOf),
    })
    return symbols.map(({ symbol }) => symbol)
  }
}

test('the universe of a moment has what was delisted since, and not what was listed later', async () => {
  const at = await lakeThatAsked([
    { at: '2022-01-01', listed: { BTCUSDT: '2019-09-08', LUNAUSDT: '2021-02-01' } },
    { at: '2022-05-14', listed: { BTCUSDT: '2019-09-08' } },
    { at: '2023-01-01', listed: { BTCUSDT: '2019-09-08', ARBUSDT: '2023-03-23' } },
  ])
  expect(await at('2019-01-01')).toEqual([])
  expect(await at('2020-01-01')).toEqual(['BTCUSDT'])
  expect(await at('2022-05-01')).toEqual(['BTCUSDT', 'LUNAUSDT'])
  expect(await at('2022-06-01')).toEqual(['BTCUSDT'])
  expect(await at('2023-04-01')).toEqual(['ARBUSDT', 'BTCUSDT'])
})

test('a name that was delisted and came back is two instruments', async () => {
  const at = await lakeThatAsked([
    { at: '2022-01-01', listed: { BTCUSDT: '2019-09-08', LUNAUSDT: '2021-02-01' } },
    { at: '2022-05-14', listed: { BTCUSDT: '2019-09-08' } },
    { at: '2022-10-01', listed: { BTCUSDT: '2019-09-08', LUNAUSDT: '2022-09-10' } },
    { at: '2022-11-01', listed: { BTCUSDT: '2019-09-08', LUNAUSDT: '2022-09-10' } },
  ])
  expect(await at('2022-05-01')).toContain('LUNAUSDT')
  expect(await at('2022-07-01')).toEqual(['BTCUSDT'])
  expect(await at('2022-12-01')).toContain('LUNAUSDT')
})

test('a name that came back is two instruments also where the venue says that it was never gone', async () => {
  const LUNAUSDT = '2021-02-01'
  const at = await lakeThatAsked([
    { at: '2022-01-01', listed: { BTCUSDT: '2019-09-08', LUNAUSDT } },
    { at: '2022-05-14', listed: { BTCUSDT: '2019-09-08' } },
    { at: '2022-10-01', listed: { BTCUSDT: '2019-09-08', LUNAUSDT } },
    { at: '2022-11-01', listed: { BTCUSDT: '2019-09-08', LUNAUSDT } },
    { at: '2023-02-01', listed: { BTCUSDT: '2019-09-08', LUNAUSDT: { listed: LUNAUSDT, settled: '2023-01-15' } } },
  ])
  expect(await at('2022-05-01')).toContain('LUNAUSDT')
  expect(await at('2022-07-01')).toEqual(['BTCUSDT'])
  expect(await at('2022-10-01')).toContain('LUNAUSDT')
  expect(await at('2023-01-16')).toEqual(['BTCUSDT'])
})

test('a contract that was settled and launched again under its name is two', async () => {
  const at = await lakeThatAsked([
    { at: '2023-01-01', listed: { BNXUSDT: '2021-11-25' } },
    { at: '2023-02-12', listed: { BNXUSDT: { listed: '2021-11-25', settled: '2023-02-11T04:00:00Z' } } },
    { at: '2023-02-20', listed: { BNXUSDT: { listed: '2021-11-25', settled: '2023-02-11T04:00:00Z' } } },
    { at: '2023-03-01', listed: { BNXUSDT: '2023-02-22T14:45:00Z' } },
  ])
  expect(await at('2023-02-11T03:59:59Z')).toEqual(['BNXUSDT'])
  expect(await at('2023-02-11T04:00:00Z')).toEqual([])
  expect(await at('2023-02-22T14:45:00Z')).toEqual(['BNXUSDT'])
})

test('a symbol that the venue dates back is there when the first list had it', async () => {
  const at = await lakeThatAsked([
    { at: '2022-01-10', listed: { BTCUSDT: '2019-09-08' } },
    { at: '2022-02-01', listed: { BTCUSDT: '2019-09-08', 币安人生USDT: '2022-01-05', '1000SHIBUSDT': '2022-01-12' } },
    { at: '2022-03-01', listed: { BTCUSDT: '2019-09-08', 币安人生USDT: '2022-01-05', '1000SHIBUSDT': '2022-01-12' } },
  ])
  expect(await at('2022-01-20')).toEqual(['1000SHIBUSDT', 'BTCUSDT'])
  expect(await at('2022-02-01')).toEqual(['1000SHIBUSDT', 'BTCUSDT', '币安人生USDT'])
})

test('what only the archive dates is there once its first file could have been whole, whatever it is called', async () => {
  const lake = defineLake({ lake: memoryStore(), now: () => parseInstant('2026-06-01') })
  const source = memoryStore()
  const files = {
    BNXUSDTSETTLED: ['2023-01', '2023-02'],
    BNXUSDT: ['2023-02-22', '2023-02-23', '2023-02'],
    '1000SHIBUSDT': ['2023-02', '2023-03'],
    币安人生USDT: ['2023-02-27', '2023-03'],
  }
  for (const [symbol, labels] of Object.entries(files)) {
    for (const label of labels) {
      const folder = `data/futures/um/${label.length === 7 ? 'monthly' : 'daily'}/klines/${symbol}/1m`
      await source.put(`${folder}/${symbol}-1m-${label}.zip`, new Uint8Array())
    }
  }
  await discoverSource(lake, { source, exchange: 'binance', markets: ['um'] })
  const at = async (asOf: string): Promise<string[]> => {
    const request = { exchange: 'binance', market: 'um', ask: false, asOf: parseInstant(asOf) } as const
    return (await listUniverse(lake, request)).symbols.map(({ symbol }) => symbol)
  }
  expect(await at('2023-01-20')).toEqual([])
  expect(await at('2023-02-01')).toEqual(['BNXUSDTSETTLED'])
  expect(await at('2023-02-22T14:45:00Z')).toEqual(['BNXUSDTSETTLED'])
  expect(await at('2023-02-23')).toEqual(['BNXUSDT', 'BNXUSDTSETTLED'])
  expect(await at('2023-02-27T23:59:59Z')).toEqual(['BNXUSDT', 'BNXUSDTSETTLED'])
  expect(await at('2023-02-28')).toEqual(['BNXUSDT', 'BNXUSDTSETTLED', '币安人生USDT'])
  expect(await at('2023-03-01')).toEqual(['1000SHIBUSDT', '币安人生USDT'])
})

test('the files of the archive date what the venue does not, and what nobody dates is named', async () => {
  const lake = defineLake({ lake: memoryStore(), now: () => parseInstant('2026-06-01') })
  const request = { exchange: 'binance', market: 'spot', ask: false } as const
  const source = fileStore({ root: SAMPLE })
  await discoverSource(lake, { source, exchange: 'binance', markets: ['spot'] })
  expect((await listUniverse(lake, { ...request, asOf: parseInstant('2020-01-02') })).symbols).toHaveLength(1)
  expect((await listUniverse(lake, { ...request, asOf: parseInstant('2019-01-02') })).symbols).toEqual([])
  const instruments = [{ symbol: 'NEWUSDT', market: 'spot', status: 'trading' }]
  const text = JSON.stringify({ format: 1, instruments, askedAt: parseInstant('2026-06-01') })
  await lake.store.put('_lake/instruments/binance/spot.json', new TextEncoder().encode(text))
  expect((await listUniverse(lake, { ...request, asOf: parseInstant('2026-06-01') })).undated).toEqual(['NEWUSDT'])
})
