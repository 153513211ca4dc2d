import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DatasetId, formatDatasetId, parseDatasetId } from './dataset-id.ts'
import { INTERVALS } from './interval.ts'
import { DATA_TYPES, isBarType, MARKETS } from './vocabulary.ts'

const symbol = fc
  .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
  .filter((text) => !/[\p{Cc}\p{Cs}/\\]/u.test(text) && text !== '.' && text !== '..')

const datasetId: fc.Arbitrary<DatasetId> = fc
  .record({
    exchange: fc.constantFrom('binance', 'okx', 'kraken'),
    market: fc.constantFrom(...MARKETS),
    dataType: fc.constantFrom(...DATA_TYPES),
    symbol,
    interval: fc.constantFrom(...INTERVALS),
  })
  .map(({ interval, ...id }) => (isBarType(id.dataType) ? { ...id, interval } : id))

describe('parseDatasetId', () => {
  test('reads what formatDatasetId writes, for any symbol', () => {
    fc.assert(
      fc.property(datasetId, (id) => {
        expect(parseDatasetId(formatDatasetId(id))).toEqual(id)
      }),
    )
  })

  test('takes the parts as the venue writes them', () => {
    expect(parseDatasetId('binance/um/klines/BTCUSDT_230630/1mo')).toEqual({
      exchange: 'binance',
      market: 'um',
      dataType: 'klines',
      symbol: 'BTCUSDT_230630',
      interval: '1mo',
    })
    expect(parseDatasetId('binance/spot/trades/币安人生USDT').symbol).toBe('币安人生USDT')
  })

  test.each([
    ['binance/spot', '2 parts'],
    ['binance/spot/klines/BTCUSDT/1m/x', '6 parts'],
    ['Binance/spot/klines/BTCUSDT/1m', "'Binance' is not the lower-case name"],
    ['binance/futures/klines/BTCUSDT/1m', "no market 'futures', only spot um cm option"],
    ['binance/spot/candles/BTCUSDT/1m', "no data type 'candles'"],
    ['binance/spot/klines/BTCUSDT', 'needs an interval'],
    ['binance/spot/klines/BTCUSDT/1M', "no interval '1M'"],
    ['binance/spot/trades/BTCUSDT/1m', 'has no interval'],
    ['binance/spot/trades/..', 'cannot be a symbol'],
    ['binance/spot/trades/%2e%2e', 'cannot be a symbol'],
    ['binance/spot/trades/A%2FB', 'cannot be a symbol'],
    ['binance/spot/trades/%zz', 'not percent-encoded'],
    ['binance/spot/trades/', 'cannot be a symbol'],
  ])('refuses %s', (text, why) => {
    expect(() => parseDatasetId(text)).toThrow(why)
    expect(() => parseDatasetId(text)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', retryable: false }))
  })
})
