import { type LakeTable, tableSchema } from '@lake/core'
import { rowsOfTable, tableOfRows } from '@lake/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeTables } from './merge-tables.ts'

/*
 * Binance's archive of spot trades is in microseconds since 2025, its REST interface in milliseconds. The trade is a
 * real row of that archive (BTCUSDT, 2026-09-01), and beside it what REST says of the same one.
 */
const EXACT = { trade_id: 6_642_078_844n, ts_event: 1_788_220_800_322_740n }
const COARSE = { trade_id: 6_642_078_844n, ts_event: 1_788_220_800_322_000n }

interface Trade {
  readonly trade_id: bigint
  readonly ts_event: bigint
}

function trades(rows: readonly Trade[], source: string): LakeTable<'trades'> {
  const more = { price: 78_581.3, size: 0.00012, quote_size: 9.429756, side: 'sell', is_best_match: true }
  return tableOfRows(
    tableSchema('trades'),
    rows.map((row) => ({ ...more, ...row, ts_available: row.ts_event, source })),
  )
}

const inputs = (archive: readonly Trade[], rest: readonly Trade[]) => [
  { table: trades(archive, 'archive'), name: 'a.zip', source: 'archive' as const },
  { table: trades(rest, 'rest'), name: 'page', source: 'rest' as const },
]

test.each(['archive-first', 'rest-first', 'newest'] as const)('one row with the exact time, %s', (policy) => {
  const { table, report } = mergeTables({ dataType: 'trades', inputs: inputs([EXACT], [COARSE]), policy })
  expect(rowsOfTable(table)).toMatchObject([{ ...EXACT, ts_available: EXACT.ts_event }])
  expect(report).toMatchObject({ rowsIn: 2, rowsOut: 1, duplicates: 1, conflicts: {}, filled: {} })
})

test('times that differ by a millisecond and more conflict, as before', () => {
  const off = { ...COARSE, ts_event: COARSE.ts_event - 1000n }
  const { report } = mergeTables({ dataType: 'trades', inputs: inputs([EXACT], [off]) })
  expect(report.conflicts).toEqual({ ts_event: 1 })
})

test('any part of the trades, cut to milliseconds, changes nothing but what is missing', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.boolean(), fc.boolean()), {
    minLength: 1,
    maxLength: 40,
  })
  fc.assert(
    fc.property(steps, fc.constantFrom('archive-first' as const, 'rest-first' as const), (all, policy) => {
      let time = EXACT.ts_event
      const rows = all.map(([step, inArchive, inRest], at) => {
        time += BigInt(step)
        return { trade_id: BigInt(at + 1), ts_event: time, inArchive, inRest }
      })
      const archive = rows.filter(({ inArchive }) => inArchive)
      const rest = rows
        .filter(({ inRest }) => inRest)
        .map((row) => ({ ...row, ts_event: row.ts_event - (row.ts_event % 1000n) }))
      const { table, report } = mergeTables({ dataType: 'trades', inputs: inputs(archive, rest), policy })
      const merged = new Map(rowsOfTable(table).map((row) => [row['trade_id'], row['ts_event']]))
      const isExact = archive.some(({ ts_event }) => ts_event % 1000n !== 0n)
      expect(merged.size).toBe(rows.filter(({ inArchive, inRest }) => inArchive || inRest).length)
      if (isExact) for (const { trade_id, ts_event } of archive) expect(merged.get(trade_id)).toBe(ts_event)
      if (isExact) expect(report.conflicts).toEqual({})
      const times = [...merged.values()].map(Number)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
    }),
  )
})
