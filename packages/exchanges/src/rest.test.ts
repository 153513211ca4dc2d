import { type ExchangeAdapter, type PageAsk, parseDatasetId, parseInstant, type RestSeries } from '@lake/core'
import { describe, expect, test } from 'vitest'
import { bybit, coinbase, getExchange, kraken, okx } from './index.ts'

const FROM = parseInstant('2024-02-28')
const TO = parseInstant('2024-02-29')

function seriesOf(adapter: ExchangeAdapter, id: string): RestSeries {
  return adapter.rest?.series.find((one) => one.id === id) ?? expect.fail(`no series ${id}`)
}

/** The query of a day, by the first series that serves the dataset. */
function query(id: string, ask: Partial<PageAsk> = {}) {
  const dataset = parseDatasetId(id)
  const served = getExchange(dataset.exchange).rest?.series ?? []
  const fits = served.filter(
    ({ dataType, markets }) => dataType === dataset.dataType && markets.includes(dataset.market),
  )
  return fits.map((one) => one.parameters({ dataset, from: FROM, to: TO, limit: one.pageLimit, ...ask })).find(Boolean)
}

describe('queries', () => {
  test.each([
    [
      'bybit/spot/klines/BTCUSDT/1m',
      { category: 'spot', symbol: 'BTCUSDT', interval: '1', end: 1709164799999, limit: 1000 },
    ],
    [
      'bybit/cm/klines/BTCUSD/1d',
      { category: 'inverse', symbol: 'BTCUSD', interval: 'D', end: 1709164799999, limit: 1000 },
    ],
    ['bybit/spot/trades/BTCUSDT', { category: 'spot', symbol: 'BTCUSDT', limit: 60 }],
    ['bybit/um/trades/BTCUSDT', { category: 'linear', symbol: 'BTCUSDT', limit: 1000 }],
    ['bybit/cm/trades/BTCUSD', { category: 'inverse', symbol: 'BTCUSD', limit: 1000 }],
    ['bybit/um/fundingRate/BTCUSDT', { category: 'linear', symbol: 'BTCUSDT', endTime: 1709164799999, limit: 200 }],
    ['okx/spot/klines/BTC-USDT/1m', { instId: 'BTC-USDT', bar: '1m', after: 1709164800000, limit: 300 }],
    ['okx/um/klines/BTC-USDT-SWAP/4h', { instId: 'BTC-USDT-SWAP', bar: '4H', after: 1709164800000, limit: 300 }],
    // From six hours on, OKX begins its bars at 16:00Z unless told otherwise.
    ['okx/um/klines/BTC-USDT-SWAP/6h', { instId: 'BTC-USDT-SWAP', bar: '6Hutc', after: 1709164800000, limit: 300 }],
    [
      'okx/cm/markPriceKlines/BTC-USD-SWAP/1d',
      { instId: 'BTC-USD-SWAP', bar: '1Dutc', after: 1709164800000, limit: 100 },
    ],
    ['okx/cm/indexPriceKlines/BTC-USD-SWAP/1mo', { instId: 'BTC-USD', bar: '1Mutc', after: 1709164800000, limit: 100 }],
    ['okx/um/trades/BTC-USDT-SWAP', { instId: 'BTC-USDT-SWAP', type: 2, after: 1709164800000, limit: 100 }],
    ['okx/um/fundingRate/BTC-USDT-SWAP', { instId: 'BTC-USDT-SWAP', after: 1709164800000, limit: 100 }],
    ['kraken/spot/klines/XBTUSD/4h', { pair: 'XBTUSD', interval: 240 }],
    ['kraken/spot/trades/XBTUSD', { pair: 'XBTUSD', since: '1709078399999999999', count: 1000 }],
    [
      'coinbase/spot/klines/BTC-USD/1h',
      { id: 'BTC-USD', granularity: 3600, start: '2024-02-28T00:00:00.000Z', end: '2024-02-28T23:59:59.999Z' },
    ],
    [
      'coinbase/spot/klines/BTC-USD/1m',
      { id: 'BTC-USD', granularity: 60, start: '2024-02-28T00:00:00.000Z', end: '2024-02-28T04:59:00.000Z' },
    ],
    ['coinbase/spot/trades/BTC-USD', { id: 'BTC-USD', limit: 1000 }],
  ])('%s', (id, expected) => {
    expect(query(id)).toEqual(expected)
  })

  test.each([
    'bybit/spot/klines/BTCUSDT/8h',
    'okx/um/klines/BTC-USDT-SWAP/8h',
    'okx/spot/klines/BTC-USDT-SWAP/1m',
    'okx/um/fundingRate/BTC-USDT-240329',
    'kraken/spot/klines/XBTUSD/1w',
    'coinbase/spot/klines/BTC-USD/4h',
  ])('%s is not served', (id) => {
    expect(query(id)).toBeUndefined()
  })

  test('cursors lead on, until a page says no more', () => {
    const krakenTrades = seriesOf(kraken, 'kraken-trades')
    expect(query('kraken/spot/trades/XBTUSD', { cursor: '7' })).toEqual({ pair: 'XBTUSD', since: '7', count: 1000 })
    expect(krakenTrades.nextCursor?.({ result: { XXBTZUSD: [[1]], last: '8' } })).toBe('8')
    expect(krakenTrades.nextCursor?.({ result: { XXBTZUSD: [], last: '8' } })).toBeUndefined()
    const coinbaseTrades = seriesOf(coinbase, 'coinbase-trades')
    expect(query('coinbase/spot/trades/BTC-USD', { cursor: '7' })).toEqual({ id: 'BTC-USD', limit: 1000, after: '7' })
    expect(coinbaseTrades.nextCursor?.([{ trade_id: 9 }, { trade_id: 8 }])).toBe('8')
    expect(coinbaseTrades.nextCursor?.([{ trade_id: 1 }])).toBeUndefined()
  })
})

describe('instruments', () => {
  const list = (adapter: ExchangeAdapter, market: 'spot' | 'um' | 'cm', body: unknown) =>
    adapter.rest?.instruments
      ?.filter(({ markets }) => markets.includes(market))
      .map((source) => source.read(body, market))[0]

  test('contracts have a size and an end where the venue says so', () => {
    const bybitList = { result: { list: [{ symbol: 'BTCUSDZ22', baseCoin: 'BTC', quoteCoin: 'USD', status: 'Closed', launchTime: '1', deliveryTime: '2' }, { symbol: 'X', status: 'New' }] } } // prettier-ignore
    expect(list(bybit, 'cm', bybitList)).toMatchObject([
      { symbol: 'BTCUSDZ22', status: 'delisted', contractSize: 1, listedAt: 1000, delistedAt: 2000 },
      { symbol: 'X', status: 'unknown', listedAt: undefined },
    ])
    const okxList = { data: [{ instId: 'BTC-USD-SWAP', state: 'suspend', ctVal: '100', listTime: '1', expTime: '' }, { instId: 'BTC-USDT-SWAP', state: 'odd', ctVal: '0.01' }] } // prettier-ignore
    expect(list(okx, 'cm', okxList)).toMatchObject([{ symbol: 'BTC-USD-SWAP', base: 'BTC', quote: 'USD', status: 'halted', contractSize: 100 }]) // prettier-ignore
    expect(list(okx, 'um', okxList)).toMatchObject([{ symbol: 'BTC-USDT-SWAP', status: 'unknown', contractSize: 0.01, delistedAt: undefined }]) // prettier-ignore
  })

  test('spot pairs have the names that the venue asks for', () => {
    const pair = { altname: 'XBTUSD', wsname: 'XBT/USD', status: 'online' }
    expect(list(kraken, 'spot', { result: { XXBTZUSD: pair, Y: { altname: 'Y', status: 'cancel_only' } } })).toEqual([
      { symbol: 'XBTUSD', market: 'spot', base: 'XBT', quote: 'USD', status: 'trading' },
      { symbol: 'Y', market: 'spot', base: undefined, quote: undefined, status: 'halted' },
    ])
    const products = [
      { id: 'A-B', base_currency: 'A', quote_currency: 'B', status: 'online', trading_disabled: true },
      { id: 'C-D', base_currency: 'C', quote_currency: 'D', status: 'delisted' },
      { id: 'E-F', base_currency: 'E', quote_currency: 'F', status: 'internal' },
    ]
    expect(list(coinbase, 'spot', products)?.map(({ status }) => status)).toEqual(['halted', 'delisted', 'unknown'])
  })
})

test('a contract of an inverse market of bybit is a dollar', () => {
  expect(bybit.contractSize?.(parseDatasetId('bybit/cm/klines/BTCUSD/1h'))).toBe(1)
  expect(bybit.contractSize?.(parseDatasetId('bybit/um/klines/BTCUSDT/1h'))).toBeUndefined()
})
