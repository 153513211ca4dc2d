import { LakeError, parseTimeRange } from '@lake/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCollectionRequest } from './collection-request.ts'

describe('parseCollectionRequest', () => {
  test('takes a request, with what ended and without reconciliation unless it says otherwise', () => {
    expect(parseCollectionRequest({ exchange: 'binance' })).toEqual({
      exchange: 'binance',
      delisted: true,
      reconcile: false,
    })
    const request = {
      exchange: 'okx',
      markets: ['um'],
      dataTypes: ['klines', 'trades'],
      symbols: { quote: 'USDT' },
      delisted: false,
      intervals: ['1m'],
      reconcile: true,
    }
    expect(parseCollectionRequest({ ...request, range: { from: '2024-01-01', to: '2024-02-01' } })).toEqual({
      ...request,
      range: parseTimeRange('2024-01-01', '2024-02-01'),
    })
    for (const symbols of ['BTC*', ['BTCUSDT', '币安人生USDT']])
      expect(parseCollectionRequest({ exchange: 'okx', symbols }).symbols).toEqual(symbols)
  })

  test.each([
    [{}, 'exchange'],
    [{ exchange: 'Binance' }, 'exchange'],
    [{ exchange: 'binance', markets: ['swap'] }, 'markets[0]'],
    [{ exchange: 'binance', markets: [] }, 'markets'],
    [{ exchange: 'binance', dataTypes: 'klines' }, 'dataTypes'],
    [{ exchange: 'binance', symbols: [] }, 'symbols'],
    [{ exchange: 'binance', symbols: { quote: 'usdt' } }, 'symbols.quote'],
    [{ exchange: 'binance', delisted: 'no' }, 'delisted'],
    [{ exchange: 'binance', intervals: ['1M'] }, 'intervals[0]'],
    [{ exchange: 'binance', dataTypes: ['trades'], intervals: ['1m'] }, 'intervals'],
    [{ exchange: 'binance', range: { from: '2024-01-01' } }, 'range.to'],
    [{ exchange: 'binance', range: { from: '2024-02-01', to: '2024-01-01' } }, 'range'],
    [{ exchange: 'binance', range: { from: 'yesterday', to: '2024-01-01' } }, 'range.from'],
    [{ exchange: 'binance', range: { from: '2024-01-01', to: '2024-02-30' } }, 'range.to'],
    [{ exchange: 'binance', range: null }, 'range'],
    [{ exchange: 'binance', range: { from: '2024-01-01', to: '2024-02-01', until: 1 } }, 'range.until'],
    [{ exchange: 'binance', market: 'um' }, 'market'],
    ['binance', ''],
    [null, ''],
  ])('of %j it says that %s is wrong, and what would be right', (value, field) => {
    const error = failureOf(value)
    expect(error.code).toBe('BAD_REQUEST')
    const issues = error.details['issues']
    expect(issues).toMatchObject([{ field }])
    expect(JSON.stringify(issues)).toMatch(/"problem":".+","expected":".+"/)
    expect(error.message).toContain(field === '' ? 'the request' : `${field}: `)
    expect(error.message).toContain('Right would be ')
  })

  test('names every wrong field at once', () => {
    const error = failureOf({
      exchange: 'b',
      markets: ['x'],
      intervals: 3,
      range: { from: 'x', to: 'y' },
      colour: 'red',
    })
    expect(error.details['issues']).toMatchObject([
      { field: 'markets[0]' },
      { field: 'intervals' },
      { field: 'range.from' },
      { field: 'range.to' },
      { field: 'colour' },
    ])
    const range = { from: '2024-02-01', to: '2024-01-01' }
    const both = failureOf({ exchange: 'b', dataTypes: ['trades'], intervals: ['1m'], range })
    expect(both.details['issues']).toMatchObject([{ field: 'intervals' }, { field: 'range' }])
  })

  test.each([
    [{}, 'exchange', 'it is missing'],
    [{ exchange: 7 }, 'exchange', 'it is 7'],
    [{ exchange: 'Binance' }, 'exchange', '"Binance" is not written so'],
    [{ exchange: 'binance', markets: ['swap'] }, 'markets[0]', '"swap" is none of them'],
    [{ exchange: 'binance', markets: 'um' }, 'markets', 'it is the text "um"'],
    [{ exchange: 'binance', markets: {} }, 'markets', 'it is an object'],
    [{ exchange: 'binance', delisted: [] }, 'delisted', 'it is a list'],
    [{ exchange: 'binance', range: null }, 'range', 'it is null'],
    [{ exchange: 'binance', symbols: [''] }, 'symbols[0]', 'it is empty'],
    [{ exchange: 'binance', symbols: { quote: 'usdt' } }, 'symbols.quote', '"usdt" is not written so'],
    [{ exchange: 'binance', symbols: 7 }, 'symbols', 'it is none of the forms'],
  ])('says of %j in plain words what is wrong with %s', (value, field, problem) => {
    expect(failureOf(value).details['issues']).toMatchObject([{ field, problem }])
  })

  test('never fails in another way, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.record({ exchange: fc.constant('binance'), symbols: fc.anything(), range: fc.anything() }),
        ),
        (value) => {
          try {
            expect(parseCollectionRequest(value).exchange).toMatch(/^[a-z]/)
          } catch (error) {
            expect(LakeError.is(error) && error.code).toBe('BAD_REQUEST')
          }
        },
      ),
    )
  })
})

function failureOf(value: unknown): LakeError {
  try {
    parseCollectionRequest(value)
  } catch (error) {
    if (LakeError.is(error)) return error
  }
  return expect.fail('expected a LakeError')
}
