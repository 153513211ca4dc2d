import { formatDatasetId, parseDatasetId, parsePeriod, periodsIn } from '@lake/core'
import { describe, expect, test } from 'vitest'
import type { ArchiveFile } from './archive-file.ts'
import { parseCollectionRequest } from './collection-request.ts'
import { planCollection } from './plan-collection.ts'

const JANUARY = periodsIn('day', parsePeriod('2024-01')).map(({ label }) => label)

describe('planCollection', () => {
  const files = [
    ...listed('binance/um/klines/BTCUSDT/1m', '2024-01', ...JANUARY, '2024-02-01'),
    ...listed('binance/um/klines/BTCUSDT/1h', '2024-01'),
    ...listed('binance/um/klines/LUNAUSDT/1m', '2022-05', '2022-05-12'),
    ...listed('binance/um/klines/BNXUSDTSETTLED/1m', '2024-01'),
    ...listed('binance/um/klines/BTCBUSD/1m', '2024-01'),
    ...listed('binance/um/trades/BTCUSDT', '2024-01-31'),
    ...listed('okx/um/trades/BTC-USDT-SWAP', '2024-01-31'),
  ]
  const plan = (request: object) =>
    planCollection({ request: parseCollectionRequest({ exchange: 'binance', ...request }), files })
  const names = (request: object): string[] =>
    plan(request).datasets.map((dataset) => formatDatasetId(dataset).slice('binance/um/'.length))

  test('turns a request into datasets and the fewest files, with their bytes', () => {
    const { datasets, files: planned, bytes } = plan({ dataTypes: ['klines'], symbols: 'BTCUSDT', intervals: ['1m'] })
    expect(datasets.map(formatDatasetId)).toEqual(['binance/um/klines/BTCUSDT/1m'])
    expect(planned.map(({ period }) => period.label)).toEqual(['2024-01', '2024-02-01'])
    expect(bytes).toBe(20)
  })

  test('chooses by quote, longest first; what ended is in unless it is left out', () => {
    const klines = { dataTypes: ['klines'], intervals: ['1m'] }
    expect(names({ ...klines, symbols: { quote: 'USDT' } })).toEqual([
      'klines/BTCUSDT/1m',
      'klines/LUNAUSDT/1m',
      'klines/BNXUSDTSETTLED/1m',
    ])
    expect(names({ ...klines, symbols: { quote: 'USD' } })).toEqual([])
    expect(names({ ...klines, delisted: false })).toEqual(['klines/BTCUSDT/1m', 'klines/BTCBUSD/1m'])
    expect(names({ markets: ['spot'] })).toEqual([])
    expect(names({ dataTypes: ['trades'] })).toEqual(['trades/BTCUSDT'])
  })

  test('takes both kinds of files of a month only for a reconciliation, and says so', () => {
    const range = { from: '2024-01-01', to: '2024-02-01' }
    const request = { dataTypes: ['klines'], symbols: 'BTCUSDT', intervals: ['1m'], range }
    expect(plan(request).files).toHaveLength(1)
    const both = plan({ ...request, reconcile: true }).files
    expect(both.map(({ period }) => period.label)).toEqual(['2024-01', ...JANUARY])
    expect(both[0]?.reason).toBe('Reconciliation of 2024-01: the monthly file and its 31 daily ones.')
  })
})

function listed(id: string, ...labels: readonly string[]): ArchiveFile[] {
  // Each file has a dataset of its own, as from different listings.
  return labels.map((label) => ({
    key: `${id}/${label}`,
    dataset: parseDatasetId(id),
    period: parsePeriod(label),
    size: 10,
    etag: '',
  }))
}
