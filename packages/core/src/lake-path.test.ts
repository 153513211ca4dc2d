import { describe, expect, test } from 'vitest'
import { parseDatasetId } from './dataset-id.ts'
import {
  bronzeArchiveKey,
  bronzeFramePrefix,
  bronzePageKey,
  bronzePagePrefix,
  goldSeries,
  inventoryKey,
  manifestKey,
  parsePartitionKey,
  partitionKey,
  partitionKind,
  failedMonthsKey,
  refusalKey,
  silverDataset,
  silverSeries,
  silverTable,
  parseManifestKey,
  parsePageKey,
  versionKey,
} from './lake-path.ts'
import { DATA_TYPES } from './vocabulary.ts'

const klines = parseDatasetId('binance/spot/klines/BTCUSDT/1m')
const trades = parseDatasetId('binance/um/trades/币安人生USDT')

describe('lake paths', () => {
  test('lie where every engine finds them', () => {
    expect(partitionKey(silverSeries(klines), '2024-01')).toBe(
      'silver/klines/exchange=binance/market=spot/symbol=BTCUSDT/interval=1m/month=2024-01/2024-01.parquet',
    )
    expect(partitionKey(silverSeries(trades), '2024-01-31')).toBe(
      `silver/trades/exchange=binance/market=um/symbol=${encodeURIComponent(trades.symbol)}/month=2024-01/2024-01-31.parquet`,
    )
    expect(partitionKey(goldSeries('bars', klines, '5m'), '2024-01')).toBe(
      'gold/bars/exchange=binance/market=spot/symbol=BTCUSDT/interval=5m/month=2024-01/2024-01.parquet',
    )
    expect(manifestKey(silverSeries(klines), '2024-01')).toBe(
      '_lake/manifests/klines/binance/spot/BTCUSDT/1m/2024-01.json',
    )
    expect(manifestKey(silverSeries(trades), '2024-01')).toBe(
      `_lake/manifests/trades/binance/um/${encodeURIComponent(trades.symbol)}/2024-01.json`,
    )
    expect(bronzeArchiveKey('binance', 'data/x.zip')).toBe('bronze/binance/archive/data/x.zip')
    const id = parseDatasetId('binance/um/klines/BTCUSDT/1m')
    const page = {
      series: 'binance-um-klines',
      range: { from: 1778198400000000, to: 1778284800000000 },
      sha256: '0a'.repeat(32),
    }
    const key = bronzePageKey(id, page)
    expect(key).toBe(
      `bronze/binance/rest/um/klines/BTCUSDT/1m/2026-05/binance-um-klines.1778198400000000-1778284800000000.${page.sha256}.page`,
    )
    expect(key.startsWith(bronzePagePrefix(id, '2026-05'))).toBe(true)
    expect(key.startsWith(bronzePagePrefix(id))).toBe(true)
    expect(parsePageKey(key)).toEqual(page)
    expect(parsePageKey('bronze/binance/rest/um/klines/BTCUSDT/1m/2026-05/other.page')).toBeUndefined()
    expect(bronzeFramePrefix(id, '2026-05-08')).toBe('bronze/binance/ws/um/klines/BTCUSDT/1m/2026-05-08/')
    expect(bronzeFramePrefix(id)).toBe('bronze/binance/ws/um/klines/BTCUSDT/1m/')
    expect(refusalKey(id)).toBe('_lake/refusals/binance/um/klines/BTCUSDT/1m.json')
    expect(failedMonthsKey(id)).toBe('_lake/failures/binance/um/klines/BTCUSDT/1m.json')
    expect(versionKey('ab')).toBe('_lake/versions/ab.parquet')
    expect(inventoryKey(klines)).toBe('_lake/inventory/binance/spot/klines/BTCUSDT/1m.json')
  })

  test('a partition key is read back', () => {
    for (const series of [silverSeries(klines), silverSeries(trades), goldSeries('bars', trades, '1h')]) {
      expect(parsePartitionKey(partitionKey(series, '2024-01'))).toEqual({ series, label: '2024-01' })
    }
  })

  test.each([
    'silver/klines/readme.txt',
    'silver/nothing/exchange=binance/market=spot/symbol=A/month=2024-01/2024-01.parquet',
    'silver/trades/exchange=binance/market=moon/symbol=A/month=2024-01/2024-01.parquet',
    'gold/bars/exchange=binance/market=spot/symbol=A/interval=7m/month=2024-01/2024-01.parquet',
  ])('%s is no partition', (key) => {
    expect(parsePartitionKey(key)).toBeUndefined()
  })

  test('ticks are cut by day, slower tables by month', () => {
    expect(partitionKind(klines)).toBe('month')
    expect(partitionKind({ ...klines, interval: '1s' })).toBe('day')
    expect(partitionKind(trades)).toBe('day')
    expect(partitionKind(parseDatasetId('binance/um/fundingRate/BTCUSDT'))).toBe('month')
  })

  test('every data type has its own table', () => {
    expect(new Set(DATA_TYPES.map(silverTable)).size).toBe(DATA_TYPES.length)
  })

  test('a silver series gives its dataset back, a gold one none', () => {
    for (const id of [klines, trades]) expect(silverDataset(silverSeries(id))).toEqual(id)
    expect(silverDataset(goldSeries('bars', klines, '5m'))).toBeUndefined()
  })

  test('the key of a manifest says what it is about', () => {
    for (const series of [silverSeries(klines), silverSeries(trades), goldSeries('bars', klines, '5m')]) {
      expect(parseManifestKey(manifestKey(series, '2024-01'))).toEqual({ series, month: '2024-01' })
    }
    expect(parseManifestKey('_lake/manifests/klines/binance/nowhere/BTCUSDT/1m/2024-01.json')).toBeUndefined()
    expect(parseManifestKey('_lake/runs/x.json')).toBeUndefined()
  })
})
