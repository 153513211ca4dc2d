import { constantWord, type LakeTable, makeTable, tableSchema, timesOf } from '@lake/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findIdGaps, type IdGap } from './find-id-gaps.ts'

const byTrade = { idColumn: 'trade_id' } as const
const byAggregate = { idColumn: 'agg_trade_id' } as const
const byCovered = { firstColumn: 'first_trade_id', lastColumn: 'last_trade_id' } as const

describe('findIdGaps of trades', () => {
  test('finds nothing in continuous ids and in none', () => {
    expect(findIdGaps(trades([7n, 8n, 9n]), byTrade)).toEqual([])
    expect(findIdGaps(trades([]), byTrade)).toEqual([])
    expect(findIdGaps(trades([7n]), byTrade)).toEqual([])
  })

  test('names the ids that are missing and the times around them', () => {
    expect(findIdGaps(trades([1n, 2n, 3n, 7n, 8n, 10n]), byTrade)).toEqual([
      { fromId: 4n, toId: 7n, missing: 3n, after: 1030, before: 1070 },
      { fromId: 9n, toId: 10n, missing: 1n, after: 1080, before: 1100 },
    ])
  })

  test('reads duplicates and any order', () => {
    expect(findIdGaps(trades([5n, 5n, 1n, 2n, 2n, 1n]), byTrade)).toEqual([
      { fromId: 3n, toId: 5n, missing: 2n, after: 1020, before: 1050 },
    ])
  })

  test.each([
    ['the low half of an int64 runs over', 4_294_967_295n],
    ['its sign bit changes', 2_147_483_647n],
    ['doubles become inexact', 9_007_199_254_740_991n],
    ['ids are as high as they get', 9_223_372_036_854_775_800n],
    ['ids are negative', -4_294_967_297n],
  ])('is exact where %s', (_, id) => {
    expect(findIdGaps(trades([id, id + 1n, id + 2n]), byTrade)).toEqual([])
    expect(findIdGaps(trades([id, id + 2n]), byTrade)).toMatchObject([{ fromId: id + 1n, toId: id + 2n, missing: 1n }])
  })

  test('agrees with a set of ids', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: -5n, max: 40n })),
        fc.bigInt({ min: 0n, max: 2n ** 60n }),
        (picks, base) => {
          const ids = picks.map((pick) => pick + base)
          const covered = ids.map((id): [bigint, bigint] => [id, id])
          expect(findIdGaps(trades(ids), byTrade).map(withoutTimes)).toEqual(reference(covered))
        },
      ),
    )
  })
})

describe('findIdGaps of aggregated trades', () => {
  test('looks at the ids of the rows, or at the trades that they cover', () => {
    const table = aggTrades([
      [1n, 3n],
      [4n, 4n],
      [6n, 9n],
    ])
    expect(findIdGaps(table, byAggregate)).toEqual([])
    expect(findIdGaps(table, byCovered)).toEqual([{ fromId: 5n, toId: 6n, missing: 1n, after: 1001, before: 1002 }])
  })

  test('takes a row that covers nothing for absent', () => {
    expect(
      findIdGaps(
        aggTrades([
          [10n, 12n],
          [5n, 3n],
          [7n, 8n],
          [13n, 12n],
          [14n, 20n],
        ]),
        byCovered,
      ),
    ).toEqual([
      { fromId: 9n, toId: 10n, missing: 1n, after: 1002, before: 1000 },
      { fromId: 13n, toId: 14n, missing: 1n, after: 1000, before: 1004 },
    ])
  })

  test('agrees with a set of covered ids', () => {
    const row = fc
      .tuple(fc.bigInt({ min: 0n, max: 60n }), fc.bigInt({ min: -1n, max: 9n }))
      .map(([first, more]): [bigint, bigint] => [first, first + more])
    fc.assert(
      fc.property(fc.array(row), fc.boolean(), (rows, sorted) => {
        if (sorted) rows.sort(([a], [b]) => Number(a - b))
        expect(findIdGaps(aggTrades(rows), byCovered).map(withoutTimes)).toEqual(reference(rows))
      }),
      { numRuns: 500 },
    )
  })
})

type Ids = Pick<IdGap, 'fromId' | 'toId' | 'missing'>

function withoutTimes({ fromId, toId, missing }: IdGap): Ids {
  return { fromId, toId, missing }
}

function reference(rows: readonly (readonly [bigint, bigint])[]): Ids[] {
  const present = new Set<bigint>()
  for (const [first, last] of rows) for (let id = first; id <= last; id++) present.add(id)
  const ids = [...present].sort((a, b) => Number(a - b))
  return ids.flatMap((id, index) => {
    const fromId = (ids[index - 1] ?? id) + 1n
    return fromId < id ? [{ fromId, toId: id, missing: id - fromId }] : []
  })
}

function trades(ids: readonly bigint[]): LakeTable<'trades'> {
  const rows = ids.length
  const at = (): BigInt64Array => BigInt64Array.from(ids, (id) => 1000n + BigInt.asIntN(32, id * 10n))
  return makeTable(tableSchema('trades'), {
    ts_event: at(),
    ts_available: at(),
    source: constantWord('archive', rows),
    trade_id: BigInt64Array.from(ids),
    price: new Float64Array(rows),
    size: new Float64Array(rows),
    quote_size: new Float64Array(rows),
    side: constantWord('buy', rows),
    is_best_match: new Uint8Array(rows),
  })
}

function aggTrades(covered: readonly (readonly [bigint, bigint])[]): LakeTable<'aggTrades'> {
  const rows = covered.length
  const at = (): BigInt64Array => timesOf(Float64Array.from(covered, (_, row) => 1000 + row))
  return makeTable(tableSchema('aggTrades'), {
    ts_event: at(),
    ts_available: at(),
    source: constantWord('archive', rows),
    agg_trade_id: BigInt64Array.from(covered, (_, row) => BigInt(row)),
    price: new Float64Array(rows),
    size: new Float64Array(rows),
    first_trade_id: BigInt64Array.from(covered, ([first]) => first),
    last_trade_id: BigInt64Array.from(covered, ([, last]) => last),
    side: constantWord('buy', rows),
    is_best_match: new Uint8Array(rows),
  })
}
