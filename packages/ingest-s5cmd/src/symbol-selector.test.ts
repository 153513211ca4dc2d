import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exactSymbols, symbolMatcher } from './symbol-selector.ts'

describe('symbolMatcher', () => {
  test.each([
    ['BTC*', 'BTCUSDT', true],
    ['BTC*', 'WBTCUSDT', false],
    ['*', '币安人生USDT', true],
    ['?安*', '币安人生USDT', true],
    ['1000*USDT', '1000SHIBUSDT', true],
    ['BTCUSDT', 'BTCUSDT_240329', false],
    ['A.B', 'AXB', false],
    ['A+*', 'A+B', true],
    ['**********x', 'a'.repeat(60), false],
  ])('%s takes %s: %s', (selector, symbol, isTaken) => {
    expect(symbolMatcher(selector)(symbol)).toBe(isTaken)
    expect(symbolMatcher(['nothing', selector])(symbol)).toBe(isTaken)
  })

  test('a text without wildcards means itself, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (name, other) => {
        fc.pre(!/[*?]/.test(name))
        expect(symbolMatcher(name)(name)).toBe(true)
        expect(symbolMatcher(name)(other)).toBe(other === name)
        expect(symbolMatcher(`*${name}*`)(`${other}${name}${other}`)).toBe(true)
      }),
    )
  })

  test('names are known where a list has nothing but names', () => {
    expect(exactSymbols(['A', 'B'])).toEqual(['A', 'B'])
    expect(exactSymbols('A')).toEqual(['A'])
    for (const selector of ['A*', ['A', 'B?'], { quote: 'USDT' }, undefined])
      expect(exactSymbols(selector)).toBeUndefined()
  })
})
