import { readFile } from 'node:fs/promises'
import {
  type ArchiveRules,
  DATA_TYPES,
  type DatasetId,
  type DataType,
  type ExchangeAdapter,
  INTERVALS,
  isBarType,
  MARKETS,
  parseDatasetId,
  parsePeriod,
  parseTimeRange,
} from '@lake/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bybit, gate, getExchange, kucoin, listExchanges, okx } from './index.ts'

describe('keys of other venues', () => {
  test.each([
    ['kucoin/spot/klines/BTCUSDT/1m', '2025-01-01', 'data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2025-01-01.zip'],
    ['kucoin/spot/trades/0GUSDT', '2025-01-01', 'data/spot/daily/trades/0GUSDT/0GUSDT-trades-2025-01-01.zip'],
    ['kucoin/um/klines/BTCUSDTM/1h', '2025-01-01', 'data/futures/daily/klines/BTCUSDTM/1h/BTCUSDTM-1h-2025-01-01.zip'],
    ['kucoin/cm/trades/BTCUSDM', '2025-01-01', 'data/futures/daily/trades/BTCUSDM/BTCUSDM-trades-2025-01-01.zip'],
    ['kucoin/cm/trades/XBTMU26', '2025-01-01', 'data/futures/daily/trades/XBTMU26/XBTMU26-trades-2025-01-01.zip'],
    [
      'kucoin/um/markPriceKlines/ETHUSDCM/1m',
      '2025-01-01',
      'data/futures/daily/mark/ETHUSDCM/1m/ETHUSDCM-1m-2025-01-01.zip',
    ],
    [
      'kucoin/um/fundingRate/BTCUSDTM',
      '2026-01-01',
      'data/futures/daily/fundingRates/BTCUSDTM/BTCUSDTM-fundingRates-2026-01-01.zip',
    ],
    ['bybit/um/trades/BTCUSDT', '2020-03-25', 'trading/BTCUSDT/BTCUSDT2020-03-25.csv.gz'],
    ['bybit/cm/trades/BTCUSD', '2020-01-01', 'trading/BTCUSD/BTCUSD2020-01-01.csv.gz'],
    ['bybit/cm/trades/BTCUSDH25', '2025-01-01', 'trading/BTCUSDH25/BTCUSDH252025-01-01.csv.gz'],
    ['bybit/um/trades/BTC-29SEP23', '2023-09-01', 'trading/BTC-29SEP23/BTC-29SEP232023-09-01.csv.gz'],
    ['bybit/spot/trades/BTCUSDT', '2022-11-10', 'spot/BTCUSDT/BTCUSDT_2022-11-10.csv.gz'],
    ['bybit/spot/trades/BTCUSDT', '2022-11', 'spot/BTCUSDT/BTCUSDT-2022-11.csv.gz'],
    [
      'bybit/um/klines/ADAUSDT/15m',
      '2022-09',
      'kline_for_metatrader4/ADAUSDT/2022/ADAUSDT_15_2022-09-01_2022-09-30.csv.gz',
    ],
    ['gate/spot/trades/BTC_USDT', '2024-05', 'spot/deals/202405/BTC_USDT-202405.csv.gz'],
    ['gate/spot/klines/USDT_TRY/1h', '2024-05', 'spot/candlesticks_1h/202405/USDT_TRY-202405.csv.gz'],
    ['gate/spot/klines/BTC_USDT/1m', '2024-05-31', 'spot/candlesticks_1m/202405/BTC_USDT-20240531.csv.gz'],
    ['gate/um/trades/SOL_USDT', '2026-07', 'futures_usdt/trades/202607/SOL_USDT-202607.csv.gz'],
    ['gate/um/fundingRate/SOL_USDT', '2026-07', 'futures_usdt/funding_applies/202607/SOL_USDT-202607.csv.gz'],
    ['gate/cm/klines/BTC_USD/5m', '2026-07', 'futures_btc/candlesticks_5m/202607/BTC_USD-202607.csv.gz'],
    ['okx/um/trades/BTC-USDT-SWAP', '2024-09-09', 'trades/daily/20240909/BTC-USDT-SWAP-trades-2024-09-09.zip'],
    ['okx/cm/trades/BTC-USD-futureschain', '2024-09', 'trades/monthly/202409/BTC-USD-futureschain-trades-2024-09.zip'],
    ['okx/spot/klines/BTC-USDT/1m', '2024-09-09', 'candlesticks/daily/20240909/BTC-USDT-candlesticks-2024-09-09.zip'],
    ['okx/um/fundingRate/allswap', '2024-09-09', 'swaprates/daily/20240909/allswap-fundingrates-2024-09-09.zip'],
    [
      'okx/option/trades/BTC-USD-240927-50000-C',
      '2024-09-09',
      'trades/daily/20240909/BTC-USD-240927-50000-C-trades-2024-09-09.zip',
    ],
  ])('%s of %s', (id, label, key) => {
    const dataset = parseDatasetId(id)
    const archive = archiveOf(getExchange(dataset.exchange))
    expect(archive.key(dataset, parsePeriod(label))).toBe(key)
    const name = archive.parseKey(key)
    expect(name?.dataset).toEqual(dataset)
    expect(name?.period.label).toBe(label)
    expect(archive.prefixes(dataset).some((prefix) => key.startsWith(prefix))).toBe(true)
  })

  test.each([
    [kucoin, 'data/spot/daily/depth/orderbooklv50/BTC-USDT/BTC-USDT-orderbooklv50-2025-01-01.zip'],
    [kucoin, 'data/spot/daily/klines/BTCUSDT/1m/ETHUSDT-1m-2025-01-01.zip'],
    [bybit, 'premium_index/BTCUSD/BTCUSD2020-01-01_premium_index.csv.gz'],
    [bybit, 'kline_for_metatrader4/ADAUSDT/2022/ADAUSDT_15_2022-09-01_2022-09-29.csv.gz'],
    [bybit, 'kline_for_metatrader4/ADAUSDT/2021/ADAUSDT_15_2022-09-01_2022-09-30.csv.gz'],
    [gate, 'spot/candlesticks_1m/202405/BTC_USDT-202405.csv.gz'],
    [gate, 'spot/candlesticks_1h/202405/BTC_USDT-20240501.csv.gz'],
    [okx, 'trades/daily/20240908/BTC-USDT-SWAP-trades-2024-09-09.zip'],
  ])('%o has no data file %s', (adapter, key) => {
    expect(archiveOf(adapter).parseKey(key)).toBeUndefined()
  })

  test.each(
    listExchanges().flatMap((adapter) => (adapter.archive === undefined ? [] : [[adapter.id, adapter] as const])),
  )('of %s: what a key says spells the key, and every folder above it may hold its dataset', (exchange, adapter) => {
    const archive = archiveOf(adapter)
    const symbols = fc.constantFrom(
      'BTCUSDT',
      'BTC-USDT',
      'BTC-USDT-SWAP',
      'BTCUSDTM',
      'BTCUSD',
      '币安人生USDT',
      '1000SATS_USDT',
      'ASETTLED',
    )
    const datasets = fc.record({
      market: fc.constantFrom(...MARKETS),
      dataType: fc.constantFrom(...DATA_TYPES),
      symbol: symbols,
      interval: fc.constantFrom(...INTERVALS),
    })
    const days = fc.date({ min: new Date('2017-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(datasets, days, fc.constantFrom(7, 10), ({ interval, ...rest }, day, length) => {
        const id = { exchange, ...rest }
        const dataset: DatasetId = isBarType(rest.dataType) ? { ...id, interval } : id
        const key = archive.key(dataset, parsePeriod(day.toISOString().slice(0, length)))
        if (key === undefined) return
        const name = archive.parseKey(key)
        expect(name?.dataset).toEqual(dataset)
        const parts = key.split('/').slice(0, -1)
        for (let depth = 0; depth <= parts.length; depth++) {
          const folder = parts
            .slice(0, depth)
            .map((part) => `${part}/`)
            .join('')
          const readings = archive.readFolder?.(folder) ?? []
          const fits = readings.some((facts) =>
            (['market', 'dataType', 'symbol', 'interval'] as const).every(
              (member) => facts[member] === undefined || facts[member] === dataset[member],
            ),
          )
          expect([folder, fits]).toEqual([folder, true])
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('folders of binance', () => {
  const archive = archiveOf(getExchange('binance'))

  test.each([
    ['', {}],
    ['data/', {}],
    ['data/futures/', {}],
    ['data/futures/um/', { market: 'um' }],
    ['data/spot/monthly/', { market: 'spot' }],
    ['data/futures/cm/daily/liquidationSnapshot/', { market: 'cm', dataType: 'liquidations' }],
    ['data/spot/daily/klines/币安人生USDT/', { market: 'spot', dataType: 'klines', symbol: '币安人生USDT' }],
    ['data/spot/daily/klines/A/1mo/', { market: 'spot', dataType: 'klines', symbol: 'A', interval: '1mo' }],
  ])('%s is read', (folder, facts) => {
    expect(archive.readFolder?.(folder)).toEqual([facts])
  })

  test.each([
    'logs/',
    'data/margin/',
    'data/spot/weekly/',
    'data/spot/daily/premiumIndex/',
    'data/spot/daily/klines/A/1M/',
    'data/spot/daily/trades/A/1m/',
    'data/spot/daily/klines/A/1m/x/',
  ])('%s holds no data', (folder) => {
    expect(archive.readFolder?.(folder)).toEqual([])
  })
})

describe('listings', () => {
  test('bybit: the pages name folders and files, in every style', async () => {
    const archive = archiveOf(bybit)
    const { listing } = archive
    if (listing?.kind !== 'html-index') return expect.fail('bybit is listed by pages')
    const read = async (file: string, folder: string) => listing.readPage(await fixture(file), folder)
    expect((await read('bybit-root.html', '')).next).toEqual([
      'kline_for_metatrader4/',
      'premium_index/',
      'spot/',
      'spot_index/',
      'trading/',
    ])
    const trading = await read('bybit-trading-btcusdt.html', 'trading/BTCUSDT/')
    expect(trading.next).toEqual([])
    expect(trading.files.map(({ key }) => archive.parseKey(key)?.period.label)).toEqual([
      '2020-03-25',
      '2020-03-26',
      '2020-03-27',
      undefined,
    ])
    const spot = await read('bybit-spot-btcusdt.html', 'spot/BTCUSDT/')
    expect(spot.files.map(({ key }) => archive.parseKey(key)?.period.label)).toEqual([
      '2022-11',
      '2022-11-10',
      '2022-11-11',
    ])
  })

  test('okx: the answer names files, whose days start at 16:00Z of the day before; books are not among them', async () => {
    const archive = archiveOf(okx)
    const { listing } = archive
    if (listing?.kind !== 'index-api') return expect.fail('okx is listed by an API')
    const { files, next } = listing.readPage(await fixture('okx-trades-swap.json'), '/x')
    expect(next).toEqual([])
    const names = files.map(({ key }) => archive.parseKey(key))
    expect(names.map((name) => name?.dataset.symbol)).toEqual(['BTC-USDT-SWAP', 'BTC-USDT-SWAP'])
    expect(names[0]?.period).toMatchObject({
      label: '2024-09-09',
      ...parseTimeRange('2024-09-08T16:00:00Z', '2024-09-09T16:00:00Z'),
    })
  })

  test.each([
    ['{"code":"50011","msg":"Too Many Requests","data":[]}', 'UNAVAILABLE'],
    ['{"code":"51000","msg":"Parameter error","data":[]}', 'STORE_FAILED'],
    ['{"code":"0","data":[{"details":[{"groupDetails":[{"filename":"x"}]}]}]}', 'STORE_FAILED'],
    ['<html>', 'STORE_FAILED'],
    ['null', 'STORE_FAILED'],
  ])('okx: the answer %s is %s', (text, code) => {
    const { listing } = archiveOf(okx)
    if (listing?.kind !== 'index-api') return expect.fail('okx is listed by an API')
    expect(() => listing.readPage(text, '/x')).toThrow(expect.objectContaining({ code }))
  })

  test('okx: asks for ten days or months at a time, each kind of files and instruments by its own', () => {
    const { listing } = archiveOf(okx)
    if (listing?.kind !== 'index-api') return expect.fail('okx is listed by an API')
    const range = parseTimeRange('2024-01-01', '2024-01-15')
    const asked = listing.firstPages({
      markets: ['um'],
      dataTypes: ['fundingRate'],
      symbols: ['BTC-USDT-SWAP', 'allswap'],
      range,
    })
    const queries = asked.map((page) => Object.fromEntries(new URL(page, 'https://www.okx.com').searchParams))
    const at = (day: string): string => String(Date.parse(day))
    const pages = ['BTC-USDT', 'ANY'].flatMap((instFamilyList) => {
      const shape = { module: '3', instType: 'SWAP', instFamilyList }
      return [
        { ...shape, dateAggrType: 'daily', begin: at('2024-01-01'), end: at('2024-01-10') },
        { ...shape, dateAggrType: 'daily', begin: at('2024-01-11'), end: at('2024-01-15') },
        { ...shape, dateAggrType: 'monthly', begin: at('2024-01-01'), end: at('2024-01-01') },
      ]
    })
    expect(queries).toEqual(pages)
    const listsOf = (symbols: readonly string[], dataTypes: readonly DataType[] = ['trades']): string[] => {
      const found = listing.firstPages({ markets: ['cm', 'um'], dataTypes, symbols, range })
      const lists = found.map((page) => {
        const search = new URL(page, 'https://x').searchParams
        return `${search.get('instType') ?? ''} ${search.get('instFamilyList') ?? ''}`
      })
      return [...new Set(lists)]
    }
    // What families and instruments have need not be asked for once more in the files of all.
    expect(listsOf(['BTC-USD-240329', 'BTC-USD-futureschain', 'allfutures'])).toEqual(['FUTURES BTC-USD'])
    expect(listsOf(['allfutures'])).toEqual(['FUTURES ANY'])
    const all = listing.firstPages({ range })
    expect(new Set(all.map((page) => new URL(page, 'https://x').searchParams.get('instType')))).toEqual(
      new Set(['SPOT', 'SWAP', 'FUTURES', 'OPTION']),
    )
    expect(listing.firstPages({ dataTypes: ['klines'], intervals: ['1h'], range })).toEqual([])
    const spot = listing.firstPages({
      markets: ['spot'],
      dataTypes: ['trades'],
      symbols: ['BTC-USDT', 'BTC-USDT-SWAP'],
      range,
    })
    expect(new URL(spot[0] ?? '', 'https://x').searchParams.get('instIdList')).toBe('BTC-USDT')
  })

  test('bybit: months of bars for MetaTrader start at 21:00Z of the day before, files of trades at 00:00Z', () => {
    const archive = archiveOf(bybit)
    const bars = archive.parseKey('kline_for_metatrader4/ADAUSDT/2022/ADAUSDT_15_2022-09-01_2022-09-30.csv.gz')
    expect(bars?.period).toMatchObject({
      label: '2022-09',
      ...parseTimeRange('2022-08-31T21:00:00Z', '2022-09-30T21:00:00Z'),
    })
    const trades = archive.parseKey('trading/BTCUSDT/BTCUSDT2020-03-25.csv.gz')
    expect(trades?.period).toMatchObject(parseTimeRange('2020-03-25', '2020-03-26'))
  })

  test('kucoin publishes an MD5, and says so', () => {
    expect(archiveOf(kucoin)).toMatchObject({ checksumSuffix: '.CHECKSUM', checksumAlgorithm: 'md5' })
  })
})

async function fixture(name: string): Promise<string> {
  return readFile(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')
}

function archiveOf({ archive }: ExchangeAdapter): ArchiveRules {
  return archive ?? expect.fail('it has an archive')
}
