import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FlatRows, scanFlatRows } from './flat-rows.ts'

const scan = (text: string): FlatRows | undefined => scanFlatRows(Buffer.from(text))
const rowsOf = (flat: FlatRows, width: number): unknown[][] =>
  Array.from({ length: flat.count }, (_, row) => Array.from({ length: width }, (_, column) => flat.cell(row, column)))

const plainText = fc.string({ maxLength: 12 }).filter((text) => JSON.stringify(text).length === text.length + 2)
const plainNumber = fc.oneof(
  fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }),
  fc.integer({ min: -9_999_999, max: 9_999_999 }).map((value) => value / 1000),
)
const cell = fc.oneof(plainText, plainNumber, fc.constantFrom(null, true, false))

test('gives every cell as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 8 }), fc.constantFrom(0, 1), (rows, indent) => {
      const flat = scan(JSON.stringify(rows, undefined, indent))
      expect(flat?.count).toBe(rows.length)
      const padded = rows.map((row) => Array.from({ length: 7 }, (_, column) => row[column]))
      expect(rowsOf(flat ?? { count: 0, cell: () => undefined }, 7)).toEqual(padded)
    }),
  )
})

test('takes nothing that JSON.parse would not take, wherever a byte is damaged', () => {
  const whole = '[[1704067200000,"1.10",-0.5,null],\n [0,"é",true,12.25]]'
  const bytes = Buffer.from(whole)
  fc.assert(
    fc.property(
      fc.nat(bytes.length - 1),
      fc.oneof(fc.constantFrom(...Buffer.from('[]",.-01 eE{}\\\n')), fc.nat(255)),
      fc.constantFrom('replace', 'insert', 'cut'),
      (at, byte, how) => {
        const damaged = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(how === 'cut' ? [] : [byte]),
          how === 'cut' ? Buffer.alloc(0) : bytes.subarray(how === 'insert' ? at : at + 1),
        ])
        const flat = scanFlatRows(damaged)
        if (flat === undefined) return
        const parsed = JSON.parse(damaged.toString()) as unknown[][]
        expect(rowsOf(flat, 4)).toEqual(parsed.map((row) => Array.from({ length: 4 }, (_, column) => row[column])))
      },
    ),
    { numRuns: 2000 },
  )
})

describe('leaves to the parser', () => {
  test.each([
    ['an object', '{"code":"0"}'],
    ['rows that are objects', '[{"t":1}]'],
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
})

test('sees only its part of a larger buffer', () => {
  const around = Buffer.from('xx[[7,8]]yy')
  const flat = scanFlatRows(around.subarray(2, 9))
  expect([flat?.count, flat?.cell(0, 1), flat?.cell(0, 2), flat?.cell(1, 0)]).toEqual([1, 8, undefined, undefined])
})
