import { expect, test } from 'vitest'
import { candleChart } from './candle-chart.ts'

test('draws wicks, rising and falling bodies against a price scale', () => {
  const candles = [
    { open: 1, high: 4, low: 0, close: 3 },
    { open: 3, high: 3, low: 1, close: 2 },
  ]
  expect(candleChart(candles, { height: 4 })).toBe('3.50 ┤│\n2.50 ┤░█\n1.50 ┤░│\n0.50 ┤│\n')
})

test('a price that never moves is one line of body', () => {
  const chart = candleChart([{ open: 5, high: 5, low: 5, close: 5 }], { height: 2 })
  expect(chart.split('\n').filter((line) => line.includes('░'))).toHaveLength(1)
})

test('colours rising green and falling red', () => {
  const chart = candleChart(
    [
      { open: 1, high: 2, low: 1, close: 2 },
      { open: 2, high: 2, low: 1, close: 1 },
    ],
    { height: 1, hasColors: true },
  )
  expect(chart).toContain('\u001b[32m█')
  expect(chart).toContain('\u001b[31m█')
})

test('nothing to draw is nothing', () => {
  expect(candleChart([])).toBe('')
})
