import {
  type ArchiveRules,
  DATA_TYPES,
  type DatasetId,
  type ExchangeAdapter,
  INTERVALS,
  isBarType,
  MARKETS,
  parseDatasetId,
  parsePeriod,
} from '@lake/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defineBucketArchive } from './define-bucket-archive.ts'

const LAYOUTS = [
  'd/{market}/{dataType}/{symbol}/{interval}/{symbol}_{interval}_{yyyymmdd}.csv.gz',
  'm/{market}/{dataType}/{symbol}/{interval}/{symbol}-{month}.csv.gz',
  'd/{market}/{dataType}/{yyyy}/{mm}/{symbol}_{day}.csv.gz',
  'm/{market}/{yyyymm}/{dataType}.{symbol}-{yyyy}-{mm}-{lastDay}.csv.gz',
]

describe('defineBucketArchive', () => {
  const archive = archiveOf(defineBucketArchive({ id: 'desk', url: 's3://desk', layouts: LAYOUTS }))

  const symbols = fc.stringMatching(/^[0-9A-Z]{1,10}(_PERP|-SWAP|SETTLED|USDT|币安)?$/u)
  const datasets = fc
    .record({
      market: fc.constantFrom(...MARKETS),
      dataType: fc.constantFrom(...DATA_TYPES),
      symbol: symbols,
      interval: fc.constantFrom(...INTERVALS),
    })
    .map(({ interval, ...rest }): DatasetId => {
      const dataset = { exchange: 'desk', ...rest }
      return isBarType(rest.dataType) ? { ...dataset, interval } : dataset
    })
  const periods = fc
    .record({
      time: fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
      length: fc.constantFrom(7, 10),
    })
    .map(({ time, length }) => parsePeriod(time.toISOString().slice(0, length)))

  test('a key says what it was made of, and lies below one of the prefixes', () => {
    fc.assert(
      fc.property(datasets, periods, (dataset, period) => {
        const key = archive.key(dataset, period) ?? ''
        expect(archive.parseKey(key)).toEqual({ dataset, period })
        expect(archive.prefixes(dataset).some((prefix) => key.startsWith(prefix))).toBe(true)
      }),
    )
  })

  test('each folder on the way to a key can be read so that the key may lie below it', () => {
    fc.assert(
      fc.property(datasets, periods, (dataset, period) => {
        const key = archive.key(dataset, period) ?? ''
        for (const folder of foldersOf(key)) {
          expect(readingsOf(archive, folder).some((facts) => agrees(facts, dataset))).toBe(true)
        }
      }),
    )
  })

  test('what is no key of a layout is no data file', () => {
    fc.assert(
      fc.property(datasets, periods, fc.nat(), fc.string({ maxLength: 2 }), (dataset, period, at, insert) => {
        const key = archive.key(dataset, period) ?? ''
        const place = at % (key.length + 1)
        const changed = key.slice(0, place) + insert + key.slice(place + 1)
        const name = archive.parseKey(changed)
        if (name !== undefined) expect(archive.key(name.dataset, name.period)).toBe(changed)
      }),
    )
    for (const folder of [
      'x/',
      'd/nowhere/',
      'd/spot/other/',
      'd/spot/trades/2024/01/deeper/',
      'd/spot/klines/A/1M/',
    ]) {
      expect(archive.readFolder?.(folder), folder).toEqual([])
    }
  })

  test('takes the words of the archive, and has nothing for which there is no word', () => {
    const ticks = archiveOf(
      defineBucketArchive({
        id: 'desk',
        url: './ticks',
        layouts: [{ path: '{dataType}/{symbol}.{day}.csv', market: 'spot', accepts: ({ symbol }) => symbol !== 'OLD' }],
        words: { dataTypes: { trades: 'ticks', aggTrades: '' } },
      }),
    )
    const day = parsePeriod('2024-01-31')
    const trades = parseDatasetId('desk/spot/trades/BTC.X')
    expect(ticks.key(trades, day)).toBe('ticks/BTC.X.2024-01-31.csv')
    expect(ticks.parseKey('ticks/BTC.X.2024-01-31.csv')).toEqual({ dataset: trades, period: day })
    expect(ticks.prefixes(trades)).toEqual(['ticks/'])
    for (const other of ['spot/aggTrades/BTC', 'um/trades/BTC', 'spot/trades/OLD', 'spot/klines/BTC/1m']) {
      expect(ticks.key(parseDatasetId(`desk/${other}`), day), other).toBeUndefined()
    }
    expect(ticks.key(trades, parsePeriod('2024-01'))).toBeUndefined()
    expect(ticks.parseKey('ticks/OLD.2024-01-31.csv')).toBeUndefined()
    expect(ticks.parseKey('ticks/...2024-01-31.csv')).toBeUndefined()
  })

  test.each([
    ['no period', '{market}/{dataType}/{symbol}.csv', 'no {day} and no {month}'],
    ['a day without its month', '{market}/{dataType}/{symbol}{dd}.csv', 'no {day} and no {month}'],
    ['no symbol', '{market}/{dataType}/{day}.csv', 'no {symbol}'],
    ['no market', '{dataType}/{symbol}-{day}.csv', 'no {market}'],
    ['no type', '{market}/{symbol}-{day}.csv', 'no {dataType}'],
    ['an unknown placeholder', '{market}/{type}/{symbol}-{day}.csv', 'placeholder {type}'],
  ])('refuses a layout with %s, and says what is missing', (_, layout, why) => {
    const define = (): ExchangeAdapter => defineBucketArchive({ id: 'desk', url: './x', layouts: [layout] })
    expect(define).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
    expect(define).toThrow(why)
  })

  test('refuses bars without an interval, words with a slash, and no layout at all', () => {
    const bars = { path: '{symbol}-{day}.csv', market: 'spot', dataType: 'klines' } as const
    expect(() => defineBucketArchive({ id: 'desk', url: './x', layouts: [bars] })).toThrow('have an interval')
    expect(defineBucketArchive({ id: 'desk', url: './x', layouts: [{ ...bars, interval: '1m' }] }).id).toBe('desk')
    expect(() => defineBucketArchive({ id: 'desk', url: './x', layouts: [] })).toThrow('has no layout')
    // A configuration in JavaScript may leave out what the types ask for.
    const untyped = (options: object): (() => unknown) => {
      return () => {
        const made: unknown = Reflect.apply(defineBucketArchive, undefined, [options])
        return made
      }
    }
    expect(untyped({ layouts: LAYOUTS })).toThrow('A bucket archive has no id: ')
    expect(untyped({ id: 'desk', layouts: LAYOUTS })).toThrow('The archive of desk has no url: say where its files are')
    expect(untyped({ id: 'desk', url: './x' })).toThrow('The archive of desk has no layout: ')
    const words = { markets: { um: 'futures/um' } }
    expect(() => defineBucketArchive({ id: 'desk', url: './x', layouts: LAYOUTS, words })).toThrow("'futures/um'")
  })

  test('reads pages of an index where that is how it is listed', () => {
    const { listing } = archiveOf(
      defineBucketArchive({ id: 'desk', url: 'https://x', layouts: LAYOUTS, listing: 'html-index' }),
    )
    if (listing?.kind !== 'html-index') return expect.fail('it is listed by pages')
    expect(listing.readPage('<a href="b/">b</a>', 'a/')).toEqual({ files: [], next: ['a/b/'] })
  })
})

function archiveOf({ archive }: ExchangeAdapter): ArchiveRules {
  return archive ?? expect.fail('it has an archive')
}

function foldersOf(key: string): string[] {
  return key.split('/').map((_, depth, parts) =>
    parts
      .slice(0, depth)
      .map((part) => `${part}/`)
      .join(''),
  )
}

function readingsOf(archive: ArchiveRules, folder: string): readonly Partial<DatasetId>[] {
  return (archive.readFolder?.(folder) ?? []).map((facts) => {
    return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
  })
}

function agrees(facts: Partial<DatasetId>, dataset: DatasetId): boolean {
  const { market, dataType, symbol, interval } = { ...dataset, ...facts }
  return (
    market === dataset.market &&
    dataType === dataset.dataType &&
    symbol === dataset.symbol &&
    interval === dataset.interval
  )
}
