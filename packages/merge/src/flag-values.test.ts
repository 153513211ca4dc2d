import { constantWord, makeTable, tableSchema } from '@lake/core'
import type { Table } from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { flagValues } from './flag-values.ts'

describe('flagValues', () => {
  const flags = Uint8Array.from({ length: 100 }, (_, row) => (row * 7) % 3)

  test('reads booleans and nulls, also of several batches and of slices that start within a byte', () => {
    const table = trades(flags)
    expect(flagValues(table, 'is_best_match')).toEqual(flags)
    expect(flagValues(table.concat(table), 'is_best_match')).toEqual(Uint8Array.of(...flags, ...flags))
    expect(flagValues(table.slice(13, 61), 'is_best_match')).toEqual(flags.slice(13, 61))
    expect(flagValues(trades(new Uint8Array(5).fill(2)), 'is_best_match')).toEqual(Uint8Array.of(2, 2, 2, 2, 2))
  })

  test.each([
    ['absent', 'is absent'],
    ['price', 'is Float64'],
  ])('refuses the column %s', (column, found) => {
    expect(() => flagValues(trades(flags), column)).toThrow(
      expect.objectContaining({
        code: 'BAD_REQUEST',
        message: `Column '${column}' ${found}, not a column of booleans.`,
      }),
    )
  })
})

function trades(flags: Uint8Array): Table {
  const rows = flags.length
  return makeTable(tableSchema('trades'), {
    ts_event: new BigInt64Array(rows),
    ts_available: new BigInt64Array(rows),
    source: constantWord('archive', rows),
    trade_id: new BigInt64Array(rows),
    price: new Float64Array(rows),
    size: new Float64Array(rows),
    quote_size: new Float64Array(rows),
    side: constantWord('buy', rows),
    is_best_match: flags.slice(),
  })
}
