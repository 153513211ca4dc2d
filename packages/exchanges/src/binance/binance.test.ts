import { type DatasetId, parseDatasetId, type SourceColumnKind, tableSchema } from '@lake/core'
import { describe, expect, test } from 'vitest'
import { binance } from './binance.ts'

const formats = binance.formats ?? []

describe('formats', () => {
  test('describe bars, trades and funding of every market that has them', () => {
    const claims = formats.flatMap((format) => format.markets.map((market) => `${market}/${format.dataType}`))
    expect(claims.sort()).toEqual([
      'cm/aggTrades',
      'cm/fundingRate',
      'cm/klines',
      'cm/trades',
      'spot/aggTrades',
      'spot/klines',
      'spot/trades',
      'um/aggTrades',
      'um/fundingRate',
      'um/klines',
      'um/trades',
    ])
  })

  const ARROW: Readonly<Record<SourceColumnKind, string>> = {
    time: 'Timestamp<MICROSECOND, UTC>',
    integer: 'Int64',
    decimal: 'Float64',
    flag: 'Bool',
    'buyer-maker': 'Dictionary<Int32, Utf8>',
    word: 'Dictionary<Int32, Utf8>',
    text: 'Dictionary<Int32, Utf8>',
    symbol: 'nothing',
    ignored: 'nothing',
  }

  test.each(formats)('$id fills its table: right kinds, each column once, null only where it may be', (format) => {
    const fields = tableSchema(format.dataType).fields
    const filled = format.columns.filter((column) => column.to !== undefined)
    for (const column of filled) {
      const field = fields.find((one) => one.name === column.to)
      expect([column.name, String(field?.type)]).toEqual([column.name, ARROW[column.kind]])
    }
    const names = filled.map((column) => column.to)
    expect(new Set(names).size).toBe(names.length)
    const required = fields.filter((field) => !field.nullable).map((field) => field.name)
    expect(names).toEqual(
      expect.arrayContaining(required.filter((name) => name !== 'ts_available' && name !== 'source')),
    )
    for (const column of Object.keys(format.units ?? {})) expect(names).toContain(column)
  })

  test('a name means one column of a format', () => {
    for (const format of formats) {
      const words = format.columns.flatMap((column) => [column.name, ...(column.aliases ?? [])])
      expect(new Set(words).size).toBe(words.length)
    }
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
