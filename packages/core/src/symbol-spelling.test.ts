import { expect, test } from 'vitest'
import { respellSymbol } from './symbol-spelling.ts'

test('assets are replaced whole, and what stands between them goes', () => {
  const spelling = { separator: '/', assets: { BTC: 'XBT', DOGE: 'XDG' } }
  expect(respellSymbol('BTC/USD', spelling)).toBe('XBTUSD')
  expect(respellSymbol('DOGE/BTC', spelling)).toBe('XDGXBT')
  expect(respellSymbol('WBTC/USD', spelling)).toBe('WBTCUSD')
  expect(respellSymbol('constructor/USD', spelling)).toBe('constructorUSD')
  expect(respellSymbol('BTC/USD', undefined)).toBe('BTC/USD')
})
