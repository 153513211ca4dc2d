import { type LakeTable, tableSchema } from '@lake/core'
import { type Row, tableOfRows } from '@lake/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { diffTables } from './diff-tables.ts'

/** Trades in order of time, whose ids are in any order. */
const trades = fc.uniqueArray(
  fc.record({ id: fc.bigInt({ min: 0n, max: 40n }), time: fc.nat(9), price: fc.constantFrom(1, 2) }),
  { selector: ({ id }) => id, maxLength: 25 },
)

type Trade = { readonly id: bigint; readonly time: number; readonly price: number }

function tableOf(drawn: readonly Trade[]): LakeTable<'trades'> {
  const sorted = [...drawn].sort((a, b) => a.time - b.time || Number(a.id - b.id))
  return tableOfRows(tableSchema('trades'), sorted.map(rowOf))
}

function rowOf({ id, time, price }: Trade): Row {
  return { ts_event: BigInt(time), trade_id: id, price, size: 1, quote_size: price, side: 'buy' }
}

const diff = (before: LakeTable<'trades'>, after: LakeTable<'trades'>) =>
  diffTables({ dataType: 'trades', before, after, columns: ['ts_event', 'price'], limit: 100 })

describe('trades whose ids do not rise with time', () => {
  test('are told apart by their ids all the same', () => {
    fc.assert(
      fc.property(trades, trades, (before, after) => {
        const found = diff(tableOf(before), tableOf(after))
        const known = new Map(before.map((trade) => [trade.id, trade]))
        const both = after.filter(({ id }) => known.has(id))
        const same = both.filter(
          ({ id, time, price }) => known.get(id)?.time === time && known.get(id)?.price === price,
        )
        expect([found.same, found.changed, found.added, found.removed]).toEqual([
          same.length,
          both.length - same.length,
          after.length - both.length,
          before.length - both.length,
        ])
      }),
      { numRuns: 200 },
    )
  })

  test('are listed in order of time', () => {
    const before = [
      { id: 9n, time: 1, price: 1 },
      { id: 3n, time: 2, price: 1 },
      { id: 7n, time: 4, price: 1 },
    ]
    const after = [
      { id: 9n, time: 1, price: 2 },
      { id: 5n, time: 3, price: 1 },
      { id: 7n, time: 4, price: 1 },
    ]
    expect(diff(tableOf(before), tableOf(after)).first).toMatchObject([
      { change: 'changed', time: 1, id: 9 },
      { change: 'removed', time: 2, id: 3 },
      { change: 'added', time: 3, id: 5 },
    ])
  })

  test('are refused when one stands twice, and when their times go back', () => {
    const [early, late] = [
      { id: 7n, time: 1, price: 1 },
      { id: 3n, time: 2, price: 1 },
    ]
    const twice = tableOf([early, late, { ...early, time: 3 }])
    const refusal = (row: number): unknown =>
      expect.objectContaining({ code: 'BAD_REQUEST', details: { table: 'after', row } })
    expect(() => diff(tableOf([]), twice)).toThrow(refusal(2))
    expect(() =>
      diff(tableOf([]), tableOfRows(tableSchema('trades'), [rowOf(early), rowOf({ ...late, time: 0 })])),
    ).toThrow(refusal(1))
  })
})
