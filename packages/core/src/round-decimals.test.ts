import fc from 'fast-check'
import { expect, test } from 'vitest'
import { floatValues, nullFlags } from './column-values.ts'
import { hasColumns, isTableOf } from './is-table-of.ts'
import { constantWord, decimalColumn, makeTable } from './make-table.ts'
import { roundDecimals } from './round-decimals.ts'
import { tableSchema } from './table.ts'

const SCHEMA = tableSchema('fundingRate', { decimals: 'exact' })

function exact(units: readonly bigint[]) {
  const rows = units.length
  return makeTable(SCHEMA, {
    ts_event: new BigInt64Array(rows),
    ts_available: new BigInt64Array(rows),
    source: constantWord('archive', rows),
    funding_rate: decimalColumn(units),
    funding_interval_hours: { values: new BigInt64Array(rows), nulls: new Uint8Array(rows).fill(1) },
    mark_price: decimalColumn(units.map(() => null)),
  })
}

test('each decimal becomes the double that its text does', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }), { minLength: 1 }), (units) => {
      const table = roundDecimals(exact(units), tableSchema('fundingRate'))
      expect(isTableOf(table, 'fundingRate')).toBe(true)
      expect(Array.from(floatValues(table, 'funding_rate'))).toEqual(units.map((value) => Number(`${value}e-18`)))
      expect(nullFlags(table, 'mark_price')).toEqual(new Uint8Array(units.length).fill(1))
      expect(nullFlags(table, 'funding_interval_hours')).toEqual(new Uint8Array(units.length).fill(1))
    }),
  )
})

test.each([0, 8, 9, 12, 18, 31])('numbers as venues write them become theirs too, of a scale of %i', (scale) => {
  const schema = tableSchema('fundingRate', { decimals: 'exact', scale })
  const written = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.nat({ max: 18 }), fc.nat({ max: 20 }))
  fc.assert(
    fc.property(fc.array(written, { minLength: 1 }), (numbers) => {
      const units = numbers.map(([digits, cut, zeros]) => (digits / 10n ** BigInt(cut)) * 10n ** BigInt(zeros))
      const columns = { funding_rate: decimalColumn(units), mark_price: decimalColumn(units.map((value) => -value)) }
      const rows = units.length
      const table = makeTable(schema, {
        ...{ ts_event: new BigInt64Array(rows), ts_available: new BigInt64Array(rows) },
        source: constantWord('archive', rows),
        funding_interval_hours: new BigInt64Array(rows),
        ...columns,
      })
      const rounded = roundDecimals(table, tableSchema('fundingRate'))
      const expected = units.map((value) => Number(`${value}e-${scale}`))
      expect(Array.from(floatValues(rounded, 'funding_rate'))).toEqual(expected)
      expect(Array.from(floatValues(rounded, 'mark_price'))).toEqual(expected.map((value) => 0 - value))
    }),
    { numRuns: 50 },
  )
})

test('18 places are the usual ones, and a table knows its columns', () => {
  const table = exact([1n])
  expect(hasColumns(table, SCHEMA)).toBe(true)
  expect(hasColumns(table, tableSchema('fundingRate', { decimals: 'exact', scale: 8 }))).toBe(false)
  expect(isTableOf(table, 'fundingRate')).toBe(false)
  expect(floatValues(roundDecimals(table, tableSchema('fundingRate')), 'funding_rate')[0]).toBe(1e-18)
})
