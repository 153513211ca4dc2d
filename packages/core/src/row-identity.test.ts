import { describe, expect, test } from 'vitest'
import { integerValues, nullFlags, wordValues } from './column-values.ts'
import { rowIdentity } from './row-identity.ts'
import { tableSchema } from './table.ts'
import { rowsOfTable, tableOfRows } from './testing/table-rows.ts'
import { DATA_TYPES } from './vocabulary.ts'

describe('rowIdentity', () => {
  test.each(DATA_TYPES)('of %s names columns that its rows always have', (dataType) => {
    const { id, within, repeats } = rowIdentity(dataType)
    const required = tableSchema(dataType).fields.filter(({ nullable }) => !nullable)
    const names = required.map(({ name }) => name)
    for (const column of within) expect(names).toContain(column)
    if (id !== undefined && !names.includes(id)) expect(within).not.toEqual([])
    expect(repeats).toBe(dataType === 'liquidations' ? true : undefined)
  })
})

describe('tables of rows', () => {
  test('give the rows back that they were made of, nulls and all', () => {
    const rows = [
      { ts_event: 1n, side: 'buy', price: 0.5, trade_id: 2n ** 60n, is_best_match: true },
      { ts_event: 2n, side: 'sell', price: 1, trade_id: -1n, is_best_match: false },
      { ts_event: 3n, side: 'buy', price: 2, trade_id: 0n, is_best_match: null },
      { ts_event: 4n },
    ]
    const table = tableOfRows(tableSchema('trades'), rows)
    expect(
      rowsOfTable(table).map(({ ts_event, side, price, trade_id, is_best_match }) => ({
        ts_event,
        side,
        price,
        trade_id,
        is_best_match,
      })),
    ).toEqual([...rows.slice(0, 3), { ts_event: 4n, side: null, price: null, trade_id: null, is_best_match: null }])
    expect(integerValues(table, 'ts_event')).toEqual(BigInt64Array.of(1n, 2n, 3n, 4n))
    expect(nullFlags(table, 'trade_id')).toEqual(Uint8Array.of(0, 0, 0, 1))
  })

  test('have one list of words, also over batches with nulls and other words', () => {
    const words = (...sides: (string | null)[]) =>
      tableOfRows(
        tableSchema('trades'),
        sides.map((side) => ({ side })),
      )
    const table = words('sell', null, 'sell').concat(words('buy', 'sell'), words(null))
    expect(wordValues(table, 'side')).toEqual({ codes: Int32Array.of(0, -1, 0, 1, 0, -1), words: ['sell', 'buy'] })
    expect(wordValues(table.slice(3, 5), 'side')).toEqual({ codes: Int32Array.of(0, 1), words: ['buy', 'sell'] })
  })
})
