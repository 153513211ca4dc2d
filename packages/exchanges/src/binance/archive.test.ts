import {
  type ArchiveRules,
  type DatasetId,
  DATA_TYPES,
  INTERVALS,
  isBarType,
  MARKETS,
  parseDatasetId,
  parseInstant,
  parsePeriod,
} from '@lake/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { binance } from './binance.ts'

const archive = archiveOf()

describe('archive keys', () => {
  test.each([
    ['binance/spot/klines/BTCUSDT/1m', '2020-01-02', 'spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01-02'],
    ['binance/um/klines/NEARUSDT/1mo', '2024-02', 'futures/um/monthly/klines/NEARUSDT/1mo/NEARUSDT-1mo-2024-02'],
    [
      'binance/cm/aggTrades/BTCUSD_230630',
      '2023-06-30',
      'futures/cm/daily/aggTrades/BTCUSD_230630/BTCUSD_230630-aggTrades-2023-06-30',
    ],
    ['binance/um/fundingRate/BTCUSDT', '2026-04', 'futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-04'],
    [
      'binance/um/fundingRate/BTCUSDT',
      '2026-04-01',
      'futures/um/daily/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-04-01',
    ],
    [
      'binance/cm/liquidations/BTCUSD_PERP',
      '2024-03-05',
      'futures/cm/daily/liquidationSnapshot/BTCUSD_PERP/BTCUSD_PERP-liquidationSnapshot-2024-03-05',
    ],
    [
      'binance/um/trades/AERGOUSDTSETTLEDSETTLED',
      '2025-07-31',
      'futures/um/daily/trades/AERGOUSDTSETTLEDSETTLED/AERGOUSDTSETTLEDSETTLED-trades-2025-07-31',
    ],
    [
      'binance/um/premiumIndexKlines/1000SHIBUSDT/1h',
      '2025-07',
      'futures/um/monthly/premiumIndexKlines/1000SHIBUSDT/1h/1000SHIBUSDT-1h-2025-07',
    ],
    ['binance/spot/klines/币安人生USDT/1d', '2025-12', 'spot/monthly/klines/币安人生USDT/1d/币安人生USDT-1d-2025-12'],
    [
      'binance/option/eohSummary/BTCUSDT',
      '2023-10-23',
      'option/daily/EOHSummary/BTCUSDT/BTCUSDT-EOHSummary-2023-10-23',
    ],
    [
      'binance/option/bvolIndex/BTCBVOLUSDT',
      '2023-10-23',
      'option/daily/BVOLIndex/BTCBVOLUSDT/BTCBVOLUSDT-BVOLIndex-2023-10-23',
    ],
  ])('%s of %s', (id, label, stem) => {
    const dataset = parseDatasetId(id)
    const key = `data/${stem}.zip`
    expect(archive.key(dataset, parsePeriod(label))).toBe(key)
    expect(archive.parseKey(key)).toEqual({ dataset, period: parsePeriod(label) })
  })

  test.each([
    ['um', '2020-09-01', '2020-09-02T00:05:00Z'],
    ['cm', '2023-06-25', undefined],
    ['um', '2026-06-24', '2026-06-25T00:05:00Z'],
    ['um', '2026-06-25', undefined],
  ])('metrics of %s of %s reach to %s', (market, label, reached) => {
    const dataset = parseDatasetId(`binance/${market}/metrics/BTCUSDT`)
    const { from, to } = parsePeriod(label)
    const reachesTo = reached === undefined ? undefined : parseInstant(reached)
    const key = archive.key(dataset, parsePeriod(label)) ?? ''
    expect(archive.parseKey(key)?.period).toEqual({ kind: 'day', label, from, to, ...(reachesTo && { reachesTo }) })
  })

  test.each([
    ['2023-05', '2023-06-01T00:00:01Z'],
    ['2023-05-31', undefined],
    ['2023-06', undefined],
  ])('book tickers of %s reach to %s', (label, reached) => {
    const dataset = parseDatasetId('binance/um/bookTicker/BTCUSDT')
    const reachesTo = reached === undefined ? undefined : parseInstant(reached)
    expect(archive.parseKey(archive.key(dataset, parsePeriod(label)) ?? '')?.period.reachesTo).toBe(reachesTo)
  })

  const symbols = fc
    .oneof(
      fc.stringMatching(/^[0-9A-Z]{1,12}(_PERP|_\d{6}|SETTLED)?$/),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
    )
    .filter((symbol) => symbol !== '.' && symbol !== '..' && !/[\p{Cc}/\\]/u.test(symbol))
  const datasets = fc
    .record({
      market: fc.constantFrom(...MARKETS),
      dataType: fc.constantFrom(...DATA_TYPES),
      symbol: symbols,
      interval: fc.constantFrom(...INTERVALS),
    })
    .map(({ interval, ...rest }): DatasetId => {
      const dataset = { exchange: 'binance', ...rest }
      return isBarType(rest.dataType) ? { ...dataset, interval } : dataset
    })
  const periods = fc
    .record({
      time: fc.date({ min: new Date('2017-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
      length: fc.constantFrom(7, 10),
    })
    .map(({ time, length }) => parsePeriod(time.toISOString().slice(0, length)))

  test('parseKey is the inverse of key, and every key lies in one of the prefixes', () => {
    fc.assert(
      fc.property(datasets, periods, (dataset, period) => {
        const key = archive.key(dataset, period) ?? ''
        expect(archive.parseKey(key)).toMatchObject({ dataset, period })
        expect(archive.prefixes(dataset).filter((prefix) => key.startsWith(prefix))).toHaveLength(1)
      }),
    )
  })

  test('key is the inverse of parseKey on whatever parseKey accepts', () => {
    const letters = fc.string({ unit: fc.constantFrom('-', '/', '.', 'd', '0', '1', '2', 'A'), maxLength: 3 })
    fc.assert(
      fc.property(datasets, periods, letters, fc.nat(), fc.nat(3), (dataset, period, insert, at, cut) => {
        const key = archive.key(dataset, period) ?? ''
        const place = at % (key.length + 1)
        const changed = key.slice(0, place) + insert + key.slice(place + cut)
        const name = archive.parseKey(changed)
        if (name !== undefined) expect(archive.key(name.dataset, name.period)).toBe(changed)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['a one-digit month', 'data/spot/monthly/klines/ADABKRW/1d/ADABKRW-1d-2020-8.zip'],
    ['a checksum', 'data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01-01.zip.CHECKSUM'],
    ['a day that does not exist', 'data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2021-02-29.zip'],
    ['a month in the daily folder', 'data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01.zip'],
    ['a file of another symbol', 'data/spot/daily/klines/BTCUSDT/1m/ETHUSDT-1m-2020-01-01.zip'],
    ['a file of another interval', 'data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1h-2020-01-01.zip'],
    ['a file named by its type', 'data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-klines-2026-05-08.zip'],
    ['an interval that is none', 'data/spot/monthly/klines/BTCUSDT/1M/BTCUSDT-1M-2020-01.zip'],
    ['an interval where there is none', 'data/futures/um/daily/bookDepth/BTCUSDT/1m/BTCUSDT-1m-2023-01-01.zip'],
    [
      'our own word for a type',
      'data/futures/cm/daily/liquidations/BTCUSD_PERP/BTCUSD_PERP-liquidations-2024-03-05.zip',
    ],
    ['an unknown type', 'data/futures/um/daily/premiumIndex/BTCUSDT/BTCUSDT-premiumIndex-2023-01-01.zip'],
    ['an unknown market', 'data/futures/xm/daily/trades/BTCUSDT/BTCUSDT-trades-2023-01-01.zip'],
    ['a symbol that leaves its folder', 'data/spot/daily/trades/../..-trades-2023-01-01.zip'],
    ['half a character', 'data/spot/daily/trades/\ud800/\ud800-trades-2023-01-01.zip'],
    ['a folder', 'data/spot/daily/klines/BTCUSDT/1m/'],
    ['another site', 'index.html'],
  ])('%s is no data file', (_, key) => {
    expect(archive.parseKey(key)).toBeUndefined()
  })

  test('has nothing of other exchanges', () => {
    const dataset = parseDatasetId('kraken/spot/trades/XBTUSD')
    expect(archive.prefixes(dataset)).toEqual([])
    expect(archive.key(dataset, parsePeriod('2024-01'))).toBeUndefined()
  })
})

function archiveOf(): ArchiveRules {
  if (binance.archive === undefined) throw new Error('binance has an archive')
  return binance.archive
}
