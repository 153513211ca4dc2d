import { DATA_TYPES, type DatasetId, parseDatasetId } from '@lake/core'
import { describe, expect, test } from 'vitest'
import { binance } from './binance.ts'

const formats = binance.formats ?? []

describe('formats', () => {
  test('describe everything that the archive has', () => {
    const claims = formats.flatMap((format) => format.markets.map((market) => `${market}/${format.dataType}`))
    const futures = DATA_TYPES.filter((type) => type !== 'bvolIndex' && type !== 'eohSummary')
    expect(claims.sort()).toEqual(
      [
        ...['klines', 'trades', 'aggTrades'].map((type) => `spot/${type}`),
        ...futures.flatMap((type) => [`um/${type}`, `cm/${type}`]),
        'option/bvolIndex',
        'option/eohSummary',
      ].sort(),
    )
  })

  test.each([
    ['spot', 'trades', 7],
    ['um', 'trades', 6],
    ['cm', 'trades', 6],
    ['spot', 'aggTrades', 8],
    ['um', 'aggTrades', 7],
    ['cm', 'aggTrades', 7],
  ] as const)('%s %s have %i columns', (market, dataType, count) => {
    expect(formatOf(market, dataType)?.columns).toHaveLength(count)
  })

  test('coin-margined volumes are contracts, and their other volume is the base asset', () => {
    expect(formatOf('cm', 'klines')?.units).toMatchObject({ volume: 'contracts', quote_volume: 'base asset' })
    expect(formatOf('um', 'klines')?.units).toMatchObject({ volume: 'base asset', quote_volume: 'quote asset' })
    expect(formatOf('cm', 'trades')?.columns[3]).toMatchObject({ name: 'base_qty', to: 'quote_size' })
  })
})

describe('contractSize', () => {
  test.each([
    ['binance/cm/klines/BTCUSD_PERP/1m', 100],
    ['binance/cm/trades/BTCUSD_230630', 100],
    ['binance/cm/indexPriceKlines/BTCUSD/1h', 100],
    ['binance/cm/klines/ETHUSD_PERP/1m', 10],
    ['binance/cm/klines/GALAUSD_PERP/1m', 10],
    ['binance/cm/klines/NEWCOINUSD_PERP/1m', undefined],
    ['binance/cm/klines/constructorUSD_PERP/1m', undefined],
    ['binance/cm/klines/BTCUSDT_PERP/1m', undefined],
    ['binance/um/klines/BTCUSDT/1m', undefined],
    ['okx/cm/klines/BTCUSD_PERP/1m', undefined],
  ])('%s is %s', (id, size) => {
    expect(binance.contractSize?.(parseDatasetId(id))).toBe(size)
  })
})

function formatOf(market: DatasetId['market'], dataType: DatasetId['dataType']) {
  return formats.find((format) => format.dataType === dataType && format.markets.includes(market))
}
