import { describeExchange, readExchangeFixtures } from '@lake/core/testing'
import { expect, test } from 'vitest'
import { listExchanges } from './index.ts'

const FIXTURES = new URL('../fixtures/', import.meta.url)

for (const adapter of listExchanges()) {
  const fixtures = await readExchangeFixtures(new URL(`${adapter.id}/fixtures.json`, FIXTURES))
  describeExchange(adapter, fixtures)
}

test('series without a recording are few, and known', async () => {
  const lists = listExchanges().map(async ({ id }) => readExchangeFixtures(new URL(`${id}/fixtures.json`, FIXTURES)))
  const unrecorded = (await Promise.all(lists)).flatMap((fixtures) => fixtures.unrecorded ?? [])
  expect(unrecorded).toEqual([
    'binance-um-markPriceKlines',
    'binance-um-indexPriceKlines',
    'binance-um-premiumIndexKlines',
    'binance-cm-premiumIndexKlines',
    'binance-ws-cm-agg-trades',
    'binance-ws-cm-klines',
    'binance-ws-cm-mark-klines',
    'binance-ws-cm-index-klines',
    'binance-ws-um-book-tickers',
    'binance-ws-cm-book-tickers',
    'bybit-premium-klines',
    'bybit-ws-cm-liquidations',
    'bybit-ws-spot-klines',
    'bybit-ws-cm-klines',
    'okx-spot-klines',
    'okx-um-klines',
    'okx-mark-klines',
    'okx-index-klines',
    'okx-contract-trades',
    'okx-ws-cm-liquidations',
  ])
})
