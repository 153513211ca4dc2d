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

test('18 places are the usual ones, and a table knows its columns', () => {
  const table = exact([1n])
  expect(hasColumns(table, SCHEMA)).toBe(true)
  expect(hasColumns(table, tableSchema('fundingRate', { decimals: 'exact', scale: 8 }))).toBe(false)
  expect(isTableOf(table, 'fundingRate')).toBe(false)
  expect(floatValues(roundDecimals(table, tableSchema('fundingRate')), 'funding_rate')[0]).toBe(1e-18)
})
