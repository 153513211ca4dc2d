import { describe, expect, test } from 'vitest'
import { binance, getExchange, listExchanges } from './index.ts'

describe('getExchange', () => {
  test('finds every exchange that is listed', () => {
    expect(listExchanges()).toContain(binance)
    for (const adapter of listExchanges()) expect(getExchange(adapter.id)).toBe(adapter)
  })

  test('names the exchanges there are when asked for another', () => {
    expect(() => getExchange('mtgox')).toThrow(
      "There is no exchange 'mtgox', only binance bybit coinbase gate kraken kucoin okx.",
    )
    expect(() => getExchange('Binance')).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })
})
