import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { binance, coinbase } from './index.ts'
import { itemsOf, memberOf, textOf } from './rest/json-members.ts'

/** What recordings say of each other, beside what `describeExchange` holds each of them to. */
async function recorded(path: string): Promise<unknown> {
  const value: unknown = JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8'))
  return value
}

test('the side of a match is the maker’s: a ticker of the same trade names the other one', async () => {
  const match = await recorded('../fixtures/coinbase/ws-last-match.json')
  const ticker = await recorded('../fixtures/coinbase/ws-ticker.json')
  expect(textOf(match, 'trade_id')).toBe(textOf(ticker, 'trade_id'))
  const formats = [...(coinbase.live?.channels ?? []), ...(coinbase.rest?.series ?? [])].map(({ format }) => format)
  const sides = formats.flatMap(({ columns }) => columns.filter(({ to }) => to === 'side'))
  const taken = textOf(ticker, 'side')
  expect(sides.map(({ words = {} }) => words[textOf(match, 'side')])).toEqual([taken, taken])
})

test.each([
  ['spot', 'api_v3_exchangeInfo.json'],
  ['um', 'fapi_v1_exchangeInfo.json'],
  ['cm', 'dapi_v1_exchangeInfo.json'],
])('the budget of binance %s is what its exchangeInfo states', async (market, file) => {
  const [answer] = itemsOf(await recorded(`../../../fixtures/rest/binance/${file}`))
  const limits = itemsOf(memberOf(memberOf(answer, 'data'), 'rateLimits'))
  const limit = limits.find((one) => textOf(one, 'rateLimitType') === 'REQUEST_WEIGHT')
  expect(limit).toMatchObject({ interval: 'MINUTE', intervalNum: 1 })
  const budget = binance.rest?.budgets.find(({ id }) => id === `binance-${market}`)
  expect(budget).toMatchObject({ weight: memberOf(limit, 'limit'), window: 60_000_000 })
})
