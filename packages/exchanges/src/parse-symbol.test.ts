import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSymbol } from './parse-symbol.ts'

describe('parseSymbol', () => {
  test.each([
    ['BTCUSDT', 'BTC', 'USDT', undefined, 0],
    ['BTCBUSD', 'BTC', 'BUSD', undefined, 0],
    ['BTCFDUSD', 'BTC', 'FDUSD', undefined, 0],
    ['TUSDUSDT', 'TUSD', 'USDT', undefined, 0],
    ['USDTTRY', 'USDT', 'TRY', undefined, 0],
    ['ETHBTC', 'ETH', 'BTC', undefined, 0],
    ['1000SHIBUSDT', '1000SHIB', 'USDT', undefined, 0],
    ['0GUSDT', '0G', 'USDT', undefined, 0],
    ['币安人生USDT', '币安人生', 'USDT', undefined, 0],
    ['BTCUSD_PERP', 'BTC', 'USD', 'PERP', 0],
    ['BTCUSDT_240329', 'BTC', 'USDT', '240329', 0],
    ['BNXUSDTSETTLED', 'BNX', 'USDT', undefined, 1],
    ['AERGOUSDTSETTLEDSETTLED', 'AERGO', 'USDT', undefined, 2],
    ['BTC-USDT', 'BTC', 'USDT', undefined, 0],
    ['BTC_USDT', 'BTC', 'USDT', undefined, 0],
    ['BTC-USDT-SWAP', 'BTC', 'USDT', 'SWAP', 0],
    ['BTC-USD-240329-50000-C', 'BTC', 'USD', '240329-50000-C', 0],
    ['XBTUSDTM', 'XBT', 'USDT', 'M', 0],
    ['BTCUSDM', 'BTC', 'USD', 'M', 0],
    ['BTCUSDH25', 'BTC', 'USD', 'H25', 0],
    ['BTCPERP', 'BTC', 'USDC', 'PERP', 0],
  ])('%s is %s in %s', (symbol, base, quote, contract, settled) => {
    expect(parseSymbol(symbol)).toEqual({ base, quote, ...(contract === undefined ? {} : { contract }), settled })
  })

  test.each(['', 'USDT', 'allswap', 'BTC', 'SETTLED', 'nothing_240329'])('%s has no pair', (symbol) => {
    expect(parseSymbol(symbol)).toBeUndefined()
  })

  test('takes the longest quote that ends a pair without a separator, whatever the base', () => {
    const quotes = ['USDT', 'USDC', 'BUSD', 'FDUSD', 'TUSD', 'USD', 'BTC', 'ETH', 'BNB', 'EUR', 'TRY']
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z0-9]{1,8}$/), fc.constantFrom(...quotes), (base, quote) => {
        const parts = parseSymbol(base + quote)
        // Another quote may be meant only when it is longer and ends the same text.
        expect(parts?.quote.endsWith(quote)).toBe(true)
        expect(`${parts?.base ?? ''}${parts?.quote ?? ''}`).toBe(base + quote)
      }),
    )
  })
})
