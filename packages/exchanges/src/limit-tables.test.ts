import { expect, test } from 'vitest'
import { binance, coinbase, limitRows, limitTables, listExchanges } from './index.ts'

const adapters = listExchanges().filter(({ rest }) => rest !== undefined)

test('a budget and a series are a row each', () => {
  expect(limitRows(coinbase).budgets).toEqual([
    '| coinbase | 10 in 1 s | ccxt 4.5.84, coinbaseexchange: a unit is 100 ms, so 10 in 1 s, and each request costs 1. |',
  ])
  expect(limitRows(coinbase).series[0]).toMatch(/^\| coinbase-klines \| 300 \| 1 \| coinbase \| .+ \|$/)
  expect(limitRows(binance).series.join('\n')).toContain('| binance-um-klines | 1500 | 1 to 10 | binance-um |')
  expect(limitRows({ id: 'toy' })).toEqual({ budgets: [], series: [] })
  const toy = { id: 'toy', rest: { budgets: [{ id: 'toy', weight: 5, window: 500_000 }], series: [] } }
  expect(limitTables([toy])).toContain('| toy | 5 in 0.5 s | – |')
})

test.each(adapters)('every number in the rules of $id is in the words that say how it is known', ({ rest }) => {
  for (const { id, weight, window, evidence = '' } of rest?.budgets ?? []) {
    expect(numbersIn(evidence), id).toEqual(expect.arrayContaining([weight, window / 1_000_000]))
  }
  for (const series of rest?.series ?? []) {
    const { id, pageLimit, maxBars, evidence } = series
    const rows = Array.from({ length: pageLimit }, (_, index) => index + 1)
    const weights = new Set(rows.map((count) => series.weight?.(count) ?? 1))
    // A request that costs one of something needs no word.
    if (weights.size === 1) weights.delete(1)
    const numbers = [pageLimit, ...weights, ...(maxBars === undefined ? [] : [maxBars])]
    expect(numbersIn(evidence), id).toEqual(expect.arrayContaining(numbers))
  }
})

function numbersIn(words: string): readonly number[] {
  return (words.match(/\d+(\.\d+)*/g) ?? []).map(Number)
}
