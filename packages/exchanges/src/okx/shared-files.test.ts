import { formatDatasetId, formatInstant, parseDatasetId } from '@lake/core'
import { describe, expect, test } from 'vitest'
import { okx } from '../index.ts'

function sharedBy(id: string): (readonly [string, string])[] {
  return (okx.archive?.sharedBy?.(parseDatasetId(id)) ?? []).map(
    ({ dataset, namesBegin }) => [formatDatasetId(dataset), namesBegin] as const,
  )
}

describe('the files of OKX that hold many instruments', () => {
  test.each([
    ['okx/cm/trades/BTC-USD-240329', 'okx/cm/trades/BTC-USD-futureschain BTC-USD-', 'okx/um/trades/allfutures '],
    ['okx/um/trades/BTC-USDT-240329', 'okx/um/trades/BTC-USDT-futureschain BTC-USDT-', 'okx/um/trades/allfutures '],
    [
      'okx/um/trades/AAOI-USD_UM_XPERP-310404',
      'okx/um/trades/AAOI-USD_UM_XPERP-futureschain AAOI-USD_UM_XPERP-',
      'okx/um/trades/allfutures ',
    ],
    [
      'okx/cm/klines/BTC-USD-240329/1m',
      'okx/cm/klines/BTC-USD-futureschain/1m BTC-USD-',
      'okx/um/klines/allfutures/1m ',
    ],
    [
      'okx/option/trades/BTC-USD-260901-74000-P',
      'okx/option/trades/BTC-USD-optionchain BTC-USD-',
      'okx/option/trades/alloption ',
    ],
    ['okx/cm/fundingRate/BTC-USD-SWAP', 'okx/um/fundingRate/allswap '],
    ['okx/um/fundingRate/BTC-USDT-SWAP', 'okx/um/fundingRate/allswap '],
    ['okx/um/trades/BTC-USDT-SWAP', 'okx/um/trades/allswap '],
    ['okx/spot/klines/BTC-USDT/1m', 'okx/spot/klines/allspot/1m '],
    ['okx/cm/aggTrades/BTC-USD-240329'],
    ['okx/cm/trades/BTC-USD-futureschain'],
    ['okx/option/trades/BTC-USD-optionchain'],
    ['okx/um/trades/allfutures'],
  ])('of %s', (id, ...files) => {
    expect(sharedBy(id).map((file) => file.join(' '))).toEqual(files)
  })

  test.each([
    'trades/daily/20240301/BTC-USD-futureschain-trades-2024-03-01.zip',
    'trades/monthly/202609/BTC-USD-optionchain-trades-2026-09.zip',
    'trades/daily/20260715/allfutures-trades-2026-07-15.zip',
    'candlesticks/daily/20260715/alloption-candlesticks-2026-07-15.zip',
    'swaprates/daily/20260701/allswap-fundingrates-2026-07-01.zip',
  ])('%s is a file of its own dataset, which spells the same key', (key) => {
    const name = okx.archive?.parseKey(key)
    if (name === undefined) return expect.fail('no data file')
    const { label, kind } = name.period
    const [from, to] = [Date.parse(label) * 1000, Date.parse(label) * 1000]
    expect(okx.archive?.key(name.dataset, { label, kind, from, to })).toBe(key)
  })

  test.each([
    ['okx/cm/trades/BTC-USD-240329', '2024-03-29T08:00:00Z'],
    ['okx/option/trades/BTC-USD-260901-74000-P', '2026-09-01T08:00:00Z'],
    ['okx/um/trades/AAOI-USD_UM_XPERP-310404', '2031-04-04T08:00:00Z'],
  ])('%s ends at %s', (id, end) => {
    expect(formatInstant(okx.expiresAt?.(parseDatasetId(id)) ?? 0)).toBe(end)
  })

  test.each(['okx/cm/trades/BTC-USD-SWAP', 'okx/cm/trades/BTC-USD-240231', 'okx/spot/trades/BTC-USDT'])(
    'no name says when %s ends',
    (id) => {
      expect(okx.expiresAt?.(parseDatasetId(id))).toBeUndefined()
    },
  )
})
