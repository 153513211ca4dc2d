import type { PageFormat, SourceColumn } from '@lake/core'
import { describe, expect, test } from 'vitest'
import { scanFlatRows } from './flat-rows.ts'
import { compilePageRows, type PageRows } from './page-rows.ts'

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
const timesOf = (json: unknown, described: PageFormat): number[] => [...compilePageRows(described).read({ json }).times]

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
  const { read } = compilePageRows(format([time(), { name: 'id', kind: 'integer', to: 'trade_id' }]))
  expect(read({ json: [{ t: 1, id: '9007199254740993' }] }).idOf(0)).toBe(9_007_199_254_740_993n)
  expect(read({ json: [{ t: 1, id: 5 }] }).idOf(0)).toBe(5n)
  for (const id of [2 ** 53, 1.5, 'x', undefined]) {
    expect(() => read({ json: [{ t: 1, id }] }).idOf(0)).toThrow(expect.objectContaining({ code: 'BAD_ROW' }))
  }
  const none = compilePageRows(format([time()]))
  expect(() => none.read({ json: [{ t: 1 }] }).idOf(0)).toThrow(expect.objectContaining({ code: 'BAD_ROW' }))
})

describe('rows that were found without parsing are read like parsed ones', () => {
  const id = { name: 'id', kind: 'integer', to: 'trade_id' } as const
  const confirmed = [{ field: '2', anyOf: ['1'] }]
  test.each([
    ['in a list', { shape: 'array' }, '[["9007199254740993",1],[7,"1700000000123456"]]'],
    ['below keys', { shape: 'array', rows: ['a', 'b'] }, '{"c":[{"b":1}],"a":{"b":[["5","1700000000123"]]}}'],
    ['where a filter lets them through', { shape: 'array', only: confirmed }, '[[5,7,"1"],[6,8,"0"],[7,9]]'],
    ['in an object', { shape: 'object' }, '[{"t":1700000000123,"id":5,"x":null},{"x":true,"id":"6","t":"7"}]'],
    ['in objects below a key', { shape: 'object', rows: ['data'] }, '{"code":"0","data":[{"id":5,"t":7}],"msg":""}'],
    ['none', { shape: 'object', rows: ['data'] }, '{"data":[]}'],
  ] as const)('%s', (_, more, text) => {
    const { place, read } = compilePageRows(format([id, time()], more))
    const flatRows = place === undefined ? undefined : scanFlatRows(Buffer.from(text), place)
    const parsed = read({ json: JSON.parse(text) })
    const found = read({ flatRows, get json(): never { throw new Error('parsed') } }) // prettier-ignore
    const namesOf = ({ count, nameOf }: PageRows): unknown[] => Array.from({ length: count }, (_, row) => nameOf?.(row))
    expect(flatRows).toBeDefined()
    expect([found.count, [...found.times], namesOf(found)]).toEqual([parsed.count, [...parsed.times], namesOf(parsed)])
  })

  test('and a time that is none is refused', () => {
    const { place, read } = compilePageRows(format([id, time()]))
    const flatRows = place === undefined ? undefined : scanFlatRows(Buffer.from('[{"id":1}]'), place)
    expect(() => read({ json: undefined, flatRows })).toThrow(expect.objectContaining({ code: 'BAD_ROW' }))
  })

  test('but not for another format, and not where rows lie deeper', () => {
    const place = { path: ['data'], shape: 'array', cells: ['0'] } as const
    const flatRows = scanFlatRows(Buffer.from('{"data":[[1]]}'), place)
    expect(flatRows?.count).toBe(1)
    expect(compilePageRows(format([time()])).read({ json: [{ t: 2 }], flatRows }).times).toEqual(Float64Array.of(2000))
    expect(compilePageRows(format([time('epoch', 'o.t')])).place).toBeUndefined()
    expect(compilePageRows(format([time()], { rows: ['*'] })).place).toBeUndefined()
    expect(compilePageRows(format([time()], { shape: 'single' })).place).toBeUndefined()
  })
})
