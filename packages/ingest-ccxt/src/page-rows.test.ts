import type { PageFormat, SourceColumn } from '@lake/core'
import { describe, expect, test } from 'vitest'
import { scanFlatRows } from './flat-rows.ts'
import { compilePageRows } from './page-rows.ts'

const format = (columns: readonly SourceColumn[], more: Partial<PageFormat> = {}): PageFormat => ({
  id: 'test-rows',
  dataType: 'trades',
  markets: ['spot'],
  rows: [],
  shape: 'object',
  columns,
  ...more,
})
const time = (unit?: SourceColumn['unit'], name = 't'): SourceColumn => ({ name, kind: 'time', to: 'ts_event', unit })
const timesOf = (json: unknown, described: PageFormat): number[] => [...compilePageRows(described)({ json }).times]

describe('times', () => {
  test.each([
    ['epoch', 1_700_000_000_123, 1_700_000_000_123_000],
    ['epoch', '1700000000123456', 1_700_000_000_123_456],
    ['seconds', 1_700_000_000, 1_700_000_000_000_000],
    ['seconds', '1700000000.1234567', 1_700_000_000_123_456],
    ['nanoseconds', '1700000000123456789', 1_700_000_000_123_456],
    ['text', '2023-11-14T22:13:20.5Z', 1_700_000_000_500_000],
    ['text', '2023-11-14 22:13:20', 1_700_000_000_000_000],
  ] as const)('in %s: %s', (unit, value, expected) => {
    expect(timesOf([{ t: value }], format([time(unit)]))).toEqual([expected])
  })

  test.each([
    ['epoch', 'soon'],
    ['epoch', ''],
    ['epoch', null],
    ['nanoseconds', '1.5'],
    ['text', 'yesterday'],
  ] as const)('in %s that are none are refused: %s', (unit, value) => {
    expect(() => timesOf([{ t: 1 }, { t: value }].slice(1), format([time(unit)]))).toThrow(
      expect.objectContaining({ code: 'BAD_ROW', details: { format: 'test-rows', row: 1, value: String(value) } }),
    )
  })
})

describe('rows', () => {
  test('lie where the format says: in a list, below keys, in every member, or alone', () => {
    expect(timesOf([[7, 1]], format([{ name: 'x', kind: 'ignored' }, time()], { shape: 'array' }))).toEqual([1000])
    expect(timesOf({ a: { b: [{ o: { t: 1 } }] } }, format([time('epoch', 'o.t')], { rows: ['a', 'b'] }))).toEqual([
      1000,
    ])
    expect(timesOf({ a: [{ t: 1 }], b: [{ t: 2 }] }, format([time()], { rows: ['*'] }))).toEqual([1000, 2000])
    expect(timesOf([[{ t: 1 }], [{ t: 2 }]], format([time()], { rows: ['*'] }))).toEqual([1000, 2000])
    expect(timesOf({ o: { t: 3 } }, format([time()], { rows: ['o'], shape: 'single' }))).toEqual([3000])
  })

  test('are none where the venue says null, or another thing than the one', () => {
    expect(timesOf(null, format([time()]))).toEqual([])
    expect(timesOf(5, format([time()], { rows: ['*'] }))).toEqual([])
    expect(timesOf({}, format([time()], { rows: ['o'], shape: 'single' }))).toEqual([])
  })

  test('of another kind are left to another format', () => {
    const described = format([time()], { only: [{ field: 'o.k', anyOf: ['kline', '7'] }] })
    expect(timesOf([{ t: 1, o: { k: 'kline' } }, { t: 2 }, { t: 3, o: { k: 7 } }], described)).toEqual([1000, 3000])
  })

  test('that are no list, and formats without a time, are refused', () => {
    expect(() => timesOf({ code: -1 }, format([time()]))).toThrow(expect.objectContaining({ code: 'BAD_FORMAT' }))
    expect(() => timesOf(undefined, format([time()]))).toThrow('no list of rows')
    expect(() => compilePageRows(format([]))).toThrow(expect.objectContaining({ code: 'BAD_FORMAT' }))
    expect(() => timesOf(['x'], format([time()], { shape: 'array' }))).toThrow(
      expect.objectContaining({ code: 'BAD_ROW' }),
    )
  })
})

test('numbers are exact, or refused', () => {
  const read = compilePageRows(format([time(), { name: 'id', kind: 'integer', to: 'trade_id' }]))
  expect(read({ json: [{ t: 1, id: '9007199254740993' }] }).idOf(0)).toBe(9_007_199_254_740_993n)
  expect(read({ json: [{ t: 1, id: 5 }] }).idOf(0)).toBe(5n)
  for (const id of [2 ** 53, 1.5, 'x', undefined]) {
    expect(() => read({ json: [{ t: 1, id }] }).idOf(0)).toThrow(expect.objectContaining({ code: 'BAD_ROW' }))
  }
  const none = compilePageRows(format([time()]))
  expect(() => none({ json: [{ t: 1 }] }).idOf(0)).toThrow(expect.objectContaining({ code: 'BAD_ROW' }))
})

test('rows that were found without parsing are read like parsed ones, where the format has them at the top', () => {
  const columns = [{ name: 'id', kind: 'integer', to: 'trade_id' }, time()] as const
  const text = '[["9007199254740993",1],[7,1700000000123456]]'
  const json: unknown = JSON.parse(text)
  const answer = { json, flatRows: scanFlatRows(Buffer.from(text)) }
  const described = format(columns, { shape: 'array' })
  const page = compilePageRows(described)(answer)
  expect([...page.times]).toEqual(timesOf(json, described))
  expect([page.idOf(0), page.nameOf?.(1)]).toEqual([9_007_199_254_740_993n, '7'])
  expect(() => compilePageRows({ ...described, rows: ['data'] })(answer)).toThrow('no list of rows')
})
