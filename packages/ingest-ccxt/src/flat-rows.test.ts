import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FlatRows, scanFlatRows } from './flat-rows.ts'
import type { RowsPlace } from './rows-place.ts'

/** Looks at the first cells of rows that are lists. */
const lists = (width: number, path: readonly string[] = []): RowsPlace => ({
  ...{ path, shape: 'array' },
  cells: Array.from({ length: width }, (_, cell) => String(cell)),
})
const objects = (cells: readonly string[], path: readonly string[] = []): RowsPlace => ({
  path,
  shape: 'object',
  cells,
})
const scan = (text: string, place = lists(1)): FlatRows | undefined => scanFlatRows(Buffer.from(text), place)
const rowsOf = (flat: FlatRows | undefined): unknown[][] | undefined =>
  flat && Array.from({ length: flat.count }, (_, row) => flat.place.cells.map((_, cell) => flat.cell(row, cell)))

const plainText = fc.string({ maxLength: 12 }).filter((text) => JSON.stringify(text).length === text.length + 2)
const plainNumber = fc.oneof(
  fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }),
  fc.integer({ min: -9_999_999, max: 9_999_999 }).map((value) => value / 1000),
)
const cell = fc.oneof(plainText, plainNumber, fc.constantFrom(null, true, false))
const names = ['t', 'time', 'a', 'a b', 'é']
const indent = fc.constantFrom(0, 1)

describe('gives every cell as JSON.parse does', () => {
  test('of lists', () => {
    fc.assert(
      fc.property(fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 8 }), indent, (rows, spaces) => {
        const padded = rows.map((row) => Array.from({ length: 7 }, (_, column) => row[column]))
        expect(rowsOf(scan(JSON.stringify(rows, undefined, spaces), lists(7)))).toEqual(padded)
      }),
    )
  })

  test('of objects', () => {
    const row = fc.dictionary(fc.constantFrom(...names, 'other'), cell)
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), indent, (rows, spaces) => {
        const expected = rows.map((row) => names.map((name) => row[name]))
        expect(rowsOf(scan(JSON.stringify(rows, undefined, spaces), objects(names)))).toEqual(expected)
      }),
    )
  })

  test('below keys, whatever stands beside them', () => {
    const beside = fc.dictionary(fc.constantFrom('code', 'msg', 'next'), fc.jsonValue({ maxDepth: 2 }))
    fc.assert(
      fc.property(
        beside,
        beside,
        fc.array(fc.tuple(cell), { maxLength: 4 }),
        indent,
        (around, within, rows, spaces) => {
          const answer = { ...around, result: { ...within, list: rows }, last: 1 }
          const text = JSON.stringify(answer, undefined, spaces)
          const flat = scan(text, lists(1, ['result', 'list']))
          // What is not plain is the parser's.
          if (flat === undefined) expect(text).toMatch(/\\|[\d]e[+-]|\d{16}/)
          else {
            expect(rowsOf(flat)).toEqual(rows)
            // By way of a text, since a text has no minus zero.
            const shell = JSON.stringify({ ...answer, result: { ...within, list: [] } })
            expect(JSON.parse(flat.shell)).toEqual(JSON.parse(shell))
          }
        },
      ),
    )
  })
})

test('takes the last of cells of the same name, as JSON.parse does', () => {
  expect(rowsOf(scan('[{"t":1,"t":2}]', objects(['t'])))).toEqual([[2]])
})

test('tells whole numbers, quoted or not, from all other cells', () => {
  const flat = scan('[[17,"18","1.5",1.5,"",null,"1234567890123456",-3]]', lists(9))
  expect(Array.from({ length: 9 }, (_, at) => flat?.digits(0, at))).toEqual([17, 18, ...Array<undefined>(7)])
})

describe('takes nothing that JSON.parse would not take, wherever a byte is damaged', () => {
  const wide = objects(['t', 'p', 'b'], ['data'])
  test.each([
    ['lists', '[[1704067200000,"1.10",-0.5,null],\n [0,"é",true,12.25]]', lists(4)],
    ['objects', '{"code":"0","data":[{"t":1704067200000,"p":"1.10","b":null},\n {"t":0,"b":true}],"msg":"é"}', wide],
  ])('%s', (_, whole, place) => {
    const bytes = Buffer.from(whole)
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.oneof(fc.constantFrom(...Buffer.from('[]{}:",.-01 eEdata\\\n')), fc.nat(255)),
        fc.constantFrom('replace', 'insert', 'cut'),
        (at, byte, how) => {
          const damaged = Buffer.concat([
            bytes.subarray(0, at),
            Buffer.from(how === 'cut' ? [] : [byte]),
            how === 'cut' ? Buffer.alloc(0) : bytes.subarray(how === 'insert' ? at : at + 1),
          ])
          const flat = scanFlatRows(damaged, place)
          if (flat === undefined) return
          expect(rowsOf(flat)).toEqual(rowsOfJson(JSON.parse(damaged.toString()), place))
        },
      ),
      { numRuns: 2000 },
    )
  })
})

function rowsOfJson(json: unknown, { path, cells }: RowsPlace): unknown[][] {
  const member = (value: unknown, key: string): unknown => Reflect.get(Object(value), key)
  const rows = path.reduce(member, json) as unknown[]
  return rows.map((row) => cells.map((name) => member(row, name)))
}

describe('leaves to the parser', () => {
  test.each([
    ['an object', '{"code":"0"}'],
    ['rows of another shape', '[{"t":1}]'],
    ['a list in a row', '[[1,[2]]]'],
    ['an escape', String.raw`[["a\"b"]]`],
    ['an exponent', '[[1e3]]'],
    ['more digits than a double holds', '[[1234567890123456]]'],
    ['a mark at the start', '\uFEFF[[1]]'],
    ['two values', '[[1]] [[2]]'],
    ['half a body', '[[1,"2"],[3,'],
    ['a number with a leading zero', '[[01]]'],
    ['no number', '[[-]]'],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(scan(text)).toBeUndefined()
  })

  test.each([
    ['a key that is not there', '{"code":"0"}'],
    ['a place that is no list', '{"data":{"list":[]}}'],
    ['a list at the root', '[]'],
    ['rows of another shape', '{"data":[[1]]}'],
    ['an object in a row', '{"data":[{"t":{}}]}'],
    ['a key that comes twice', '{"data":[{"t":1}],"data":[]}'],
    ['a key that may come twice', String.raw`{"data":[{"t":1}],"d\u0061ta":[]}`],
    ['a broken end', '{"data":[{"t":1}]'],
    ['a broken start', '{"code":,"data":[{"t":1}]}'],
    ['a broken value before', '{"x":[1,"2],"data":[{"t":1}]}'],
  ])('of rows below a key: %s', (_, text) => {
    expect(scan(text, objects(['t'], ['data']))).toBeUndefined()
  })
})

test('sees only its part of a larger buffer', () => {
  const around = Buffer.from('xx[[7,8]]yy')
  const flat = scanFlatRows(around.subarray(2, 9), lists(3))
  expect([flat?.count, flat?.cell(0, 1), flat?.cell(0, 2), flat?.cell(1, 0)]).toEqual([1, 8, undefined, undefined])
})
