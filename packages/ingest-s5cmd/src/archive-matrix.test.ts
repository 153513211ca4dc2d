import { DATA_TYPES, type DatasetId, INTERVALS, isBarType, MARKETS, parseDatasetId, parsePeriod } from '@lake/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ArchiveFile } from './archive-file.ts'
import { buildMatrix, createMatrix, matrixTable } from './archive-matrix.ts'

describe('buildMatrix', () => {
  test('counts files, bytes and symbols, and tells the first and the last period', () => {
    const files = [
      file('binance/um/fundingRate/BTCUSDT', '2024-02', 5),
      file('binance/spot/klines/ETHUSDT/1m', '2024-01-02', 7),
      file('binance/spot/klines/BTCUSDT/1m', '2024-01-01', 10),
      file('binance/spot/klines/BTCUSDT/1m', '2024-01', 100),
      file('binance/spot/klines/BTCUSDT/1h', '2024-01-03', 1),
    ]
    const matrix = buildMatrix(files)
    expect(matrix).toEqual({
      files: 5,
      bytes: 123,
      rows: [
        row('spot', 'klines', '1m', 'daily', 2, 17, ['BTCUSDT', 'ETHUSDT'], '2024-01-01', '2024-01-02'),
        row('spot', 'klines', '1m', 'monthly', 1, 100, ['BTCUSDT'], '2024-01', '2024-01'),
        row('spot', 'klines', '1h', 'daily', 1, 1, ['BTCUSDT'], '2024-01-03', '2024-01-03'),
        row('um', 'fundingRate', undefined, 'monthly', 1, 5, ['BTCUSDT'], '2024-02', '2024-02'),
      ],
    })
    expect(JSON.parse(JSON.stringify(matrix))).toEqual(matrix)
    const { columns, rows } = matrixTable(matrix)
    expect(columns).toHaveLength(10)
    expect(rows.map((cells) => cells.join(' '))).toEqual([
      'binance spot klines 1m daily 2 17 2 2024-01-01 2024-01-02',
      'binance spot klines 1m monthly 1 100 1 2024-01 2024-01',
      'binance spot klines 1h daily 1 1 1 2024-01-03 2024-01-03',
      'binance um fundingRate  monthly 1 5 1 2024-02 2024-02',
    ])
  })

  test('agrees with grouping by hand, in any order of the files', () => {
    const datasets = fc
      .record({
        exchange: fc.constantFrom('binance', 'okx'),
        market: fc.constantFrom(...MARKETS),
        dataType: fc.constantFrom(...DATA_TYPES),
        symbol: fc.constantFrom('A', 'B', '币'),
        interval: fc.constantFrom(...INTERVALS),
      })
      .map(({ interval, ...rest }): DatasetId => (isBarType(rest.dataType) ? { ...rest, interval } : rest))
    const files = fc.array(
      fc
        .record({
          dataset: datasets,
          label: fc.constantFrom('2024-01', '2024-02', '2024-01-01', '2024-02-03'),
          size: fc.nat(1000),
        })
        .map(({ dataset, label, size }) => ({ key: 'k', dataset, period: parsePeriod(label), size, etag: '' })),
    )
    fc.assert(
      fc.property(files, (all) => {
        const { rows, ...totals } = buildMatrix(all)
        expect(totals).toEqual({ files: all.length, bytes: all.reduce((sum, { size }) => sum + size, 0) })
        for (const { first, last, symbols, files: count, bytes, period, ...place } of rows) {
          const same = all.filter(({ dataset, period: { kind } }) => {
            const { exchange, market, dataType, interval } = dataset
            const isSame =
              JSON.stringify(sorted({ exchange, market, dataType, interval })) === JSON.stringify(sorted(place))
            return isSame && (kind === 'day') === (period === 'daily')
          })
          const labels = same.map((one) => one.period.label).sort()
          expect([count, bytes]).toEqual([same.length, same.reduce((sum, { size }) => sum + size, 0)])
          expect([first, last]).toEqual([labels[0], labels.at(-1)])
          expect(symbols).toEqual([...new Set(same.map(({ dataset }) => dataset.symbol))].sort())
        }
        expect(rows.reduce((sum, { files: count }) => sum + count, 0)).toBe(all.length)
        expect(buildMatrix([...all].reverse())).toEqual(buildMatrix(all))
      }),
    )
  })

  test('can be asked in between', () => {
    const builder = createMatrix()
    expect(builder.build()).toEqual({ files: 0, bytes: 0, rows: [] })
    builder.add(file('binance/um/trades/A', '2024-01', 1))
    expect(builder.build().files).toBe(1)
    builder.add(file('binance/um/trades/A', '2024-02', 1))
    expect(builder.build().rows[0]).toMatchObject({ files: 2, last: '2024-02' })
  })
})

function file(id: string, label: string, size: number): ArchiveFile {
  return { key: `${id}/${label}`, dataset: parseDatasetId(id), period: parsePeriod(label), size, etag: '' }
}

function row(
  market: string,
  dataType: string,
  interval: string | undefined,
  period: string,
  files: number,
  bytes: number,
  symbols: string[],
  first: string,
  last: string,
): object {
  return {
    exchange: 'binance',
    market,
    dataType,
    ...(interval === undefined ? {} : { interval }),
    period,
    files,
    bytes,
    symbols,
    first,
    last,
  }
}

function sorted(value: object): [string, unknown][] {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
