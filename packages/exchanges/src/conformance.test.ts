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
    'bybit-cm-trades',
    'bybit-ws-cm-liquidations',
    'bybit-ws-cm-klines',
    'bybit-ws-cm-book-tickers',
    'okx-contract-trades',
    'okx-ws-um-trades',
    'okx-ws-cm-trades',
    'okx-ws-spot-klines',
    'okx-ws-cm-klines',
    'okx-ws-um-mark-klines',
    'okx-ws-cm-mark-klines',
  ])
})
