import {
  constantWord,
  type LakeTable,
  makeTable,
  parseInstant,
  ROW_SOURCES,
  type RowSource,
  tableSchema,
  timesOf,
} from '@lake/core'
import { type Row, rowsOfTable, tableOfRows } from '@lake/core/testing'
import { type Table, tableFromIPC, tableToIPC } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MergeInput, MergePolicy } from './merge-source.ts'
import { mergeTables } from './merge-tables.ts'

const start = BigInt(parseInstant('2024-01-01'))
const MINUTE = 60_000_000n

type Bars = LakeTable<'indexPriceKlines'>
type Input = MergeInput<'indexPriceKlines'>

interface Bar {
  readonly at: number
  readonly open: number
  readonly volume: number | null
  readonly count: bigint | null
}

const fullBar = fc.record({
  at: fc.nat(20),
  open: fc.constantFrom(1, 2, 0, -0),
  volume: fc.constantFrom(1, 2),
  count: fc.constantFrom(1n, 2n),
})
const anyBar: fc.Arbitrary<Bar> = fc.record({
  at: fc.nat(20),
  open: fc.constantFrom(1, 2),
  volume: fc.constantFrom(1, 2, null),
  count: fc.constantFrom(1n, 2n, null),
})
const sorted = (bar: fc.Arbitrary<Bar>): fc.Arbitrary<Bar[]> =>
  fc.uniqueArray(bar, { selector: ({ at }) => at, maxLength: 20 }).map((bars) => bars.sort((a, b) => a.at - b.at))
const sourceRanked = fc.constantFrom<MergePolicy>('archive-first', 'rest-first')

describe('a merge', () => {
  test('is the same, report and all, whether inputs are sorted or not', () => {
    const inputs = fc.array(fc.tuple(sorted(anyBar), fc.constantFrom(...ROW_SOURCES), fc.nat(2)), { maxLength: 4 })
    const policies = fc.constantFrom<MergePolicy>('archive-first', 'rest-first', 'newest')
    fc.assert(
      fc.property(inputs, policies, (drawn, policy) => {
        const of = (isReversed: boolean): Input[] =>
          drawn.map(([bars, source, receivedAt], index) => ({
            table: tableOf(isReversed ? [...bars].reverse() : bars, source),
            name: `${index}`,
            source,
            receivedAt,
          }))
        const [fast, slow] = [false, true].map((isReversed) => merge(of(isReversed), policy))
        expect(fast?.rows).toEqual(slow?.rows)
        expect(fast?.report).toEqual(slow?.report)
      }),
      { numRuns: 100 },
    )
  })

  test('under source-ranked policies is the same in any grouping of full rows', () => {
    fc.assert(
      fc.property(
        fc.tuple(sorted(fullBar), sorted(fullBar), sorted(fullBar)),
        sourceRanked,
        fc.nat(5),
        (bars, policy, turn) => {
          const parts = turned(inputsOf(bars, ['archive', 'rest', 'ws']), turn)
          const [a, b, c] = parts
          if (a === undefined || b === undefined || c === undefined) throw new Error('three inputs')
          const all = merge(parts, policy).rows
          expect(merge([merged('ab', [a, b], policy), c], policy).rows).toEqual(all)
          expect(merge([a, merged('bc', [b, c], policy)], policy).rows).toEqual(all)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('under source-ranked policies is the same in any grouping of neighbours in rank, nulls and all', () => {
    fc.assert(
      fc.property(
        fc.tuple(sorted(anyBar), sorted(anyBar), sorted(anyBar), sorted(anyBar)),
        sourceRanked,
        (bars, policy) => {
          const order: RowSource[] =
            policy === 'archive-first' ? ['archive', 'rest', 'ws', 'filled'] : ['rest', 'archive', 'ws', 'filled']
          const [a, b, c, d] = inputsOf(bars, order)
          if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('four inputs')
          const all = merge([a, b, c, d], policy).rows
          const [ab, cd, bc] = [
            merged('ab', [a, b], policy),
            merged('cd', [d, c], policy),
            merged('bc', [b, c], policy),
          ]
          expect(merge([cd, ab], policy).rows).toEqual(all)
          expect(merge([a, merged('bcd', [bc, d], policy)], policy).rows).toEqual(all)
          expect(merge([merged('abc', [a, bc], policy), d], policy).rows).toEqual(all)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('is idempotent under each policy, also for rows of several sources', () => {
    const policies = fc.constantFrom<MergePolicy>('archive-first', 'rest-first', 'newest', () => 0)
    fc.assert(
      fc.property(fc.tuple(sorted(anyBar), sorted(anyBar), sorted(anyBar)), policies, (bars, policy) => {
        const once = merged('once', inputsOf(bars, ['archive', 'rest', 'ws']), policy)
        const twice = mergeTables({ dataType: 'indexPriceKlines', inputs: [once, { ...once, name: 'copy' }], policy })
        expect(rowsOfTable(twice.table)).toEqual(rowsOfTable(once.table))
        expect(twice.report.conflicts).toEqual({})
      }),
      { numRuns: 100 },
    )
  })

  test('refuses rows that say no source of the lake, unless the input does', () => {
    const table = tableOf([{ at: 0, open: 1, volume: 1, count: 1n }], 'guess')
    expect(() => merge([{ table, name: 'a' }], 'newest')).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST', details: { name: 'a', source: 'guess' } }),
    )
    expect(merge([{ table, name: 'a', source: 'ws' }], 'newest').rows).toHaveLength(1)
  })
})

describe('a merge of long sorted inputs', () => {
  const rows = 200_000
  const long = (from: number, to: number, source: RowSource): Bars => longBars(from, to, source)

  test('shares the numbers of its inputs, and is read like any other table', () => {
    const [first, second] = [long(0, 150_000, 'archive'), long(100_000, rows, 'rest')]
    const { table, report } = mergeTables({
      dataType: 'indexPriceKlines',
      inputs: [
        { table: second, name: 'b', source: 'rest' },
        { table: first, name: 'a', source: 'archive' },
      ],
    })
    expect(table.batches).toHaveLength(2)
    expect(table.getChild('open')?.data[0]?.values.buffer).toBe(first.getChild('open')?.data[0]?.values.buffer)
    expect(report).toMatchObject({ rowsIn: 250_000, rowsOut: rows, duplicates: 50_000, conflicts: {} })
    for (const read of [table, tableFromIPC(tableToIPC(table))]) {
      expect(read.numRows).toBe(rows)
      expect([0, 149_999, 150_000, rows - 1].map((row) => valuesAt(read, row))).toEqual([
        [0, 'archive'],
        [149_999, 'archive'],
        [150_000, 'rest'],
        [rows - 1, 'rest'],
      ])
    }
    expect(rowsOfTable(table.slice(149_990, 150_010))).toEqual([
      ...rowsOfTable(first.slice(149_990)),
      ...rowsOfTable(second.slice(50_000, 50_010)),
    ])
  })

  test('counts conflicts as ever', () => {
    const second = longBars(100_000, rows, 'rest', (minute) => (minute % 10_000 === 0 ? -1 : minute))
    const { report } = mergeTables({
      dataType: 'indexPriceKlines',
      inputs: [
        { table: long(0, 150_000, 'archive'), name: 'a', source: 'archive' },
        { table: second, name: 'b', source: 'rest' },
      ],
    })
    expect(report.conflicts).toEqual({ open: 5 })
    expect(report.firstConflicts[1]).toMatchObject({ kept: { name: 'a', value: 110_000 }, dropped: { value: -1 } })
  })

  test('copies when a null is filled, and when an input has several batches', () => {
    const holes = longBars(
      0,
      150_000,
      'archive',
      (minute) => minute,
      (minute) => (minute === 120_000 ? null : 1),
    )
    const second = long(100_000, rows, 'rest')
    const filled = mergeTables({
      dataType: 'indexPriceKlines',
      inputs: [
        { table: holes, name: 'a', source: 'archive' },
        { table: second, name: 'b', source: 'rest' },
      ],
    })
    expect(filled.table.batches).toHaveLength(1)
    expect(filled.report).toMatchObject({ filled: { volume: 1 }, conflicts: {} })
    expect(filled.table.getChild('volume')?.get(120_000)).toBe(1)
    const chunked = long(0, 75_000, 'archive').concat(long(75_000, 150_000, 'archive'))
    const copied = mergeTables({
      dataType: 'indexPriceKlines',
      inputs: [
        { table: chunked, name: 'a', source: 'archive' },
        { table: second, name: 'b', source: 'rest' },
      ],
    })
    expect(copied.table.batches).toHaveLength(1)
    expect(copied.report.rowsOut).toBe(rows)
  })
})

function valuesAt(table: Table, row: number): unknown[] {
  return [table.getChild('open')?.get(row), table.getChild('source')?.get(row)]
}

function merge(inputs: readonly Input[], policy: MergePolicy) {
  const { table, report } = mergeTables({ dataType: 'indexPriceKlines', inputs, policy })
  return { rows: rowsOfTable(table), report }
}

/** A table that was merged before, as an input. */
function merged(name: string, inputs: readonly Input[], policy: MergePolicy): Input {
  return { name, table: mergeTables({ dataType: 'indexPriceKlines', inputs, policy }).table }
}

function inputsOf(parts: readonly (readonly Bar[])[], sources: readonly RowSource[]): Input[] {
  return parts.map((bars, index) => {
    const source = sources[index] ?? 'filled'
    return { table: tableOf(bars, source), name: source, source }
  })
}

function turned<T>(items: readonly T[], turn: number): T[] {
  const rotated = [...items.slice(turn % 3), ...items.slice(0, turn % 3)]
  return turn > 2 ? rotated.reverse() : rotated
}

function tableOf(bars: readonly Bar[], source: string): Bars {
  return tableOfRows(
    tableSchema('indexPriceKlines'),
    bars.map(({ at, open, volume, count }) => ({ ...barAt(at, source), open, volume, trade_count: count })),
  )
}

function longBars(
  from: number,
  to: number,
  source: RowSource,
  openOf: (minute: number) => number = (minute) => minute,
  volumeOf: (minute: number) => number | null = () => 1,
): Bars {
  const minutes = Float64Array.from({ length: to - from }, (_, row) => from + row)
  const times = (shift: number): BigInt64Array => timesOf(minutes.map((minute) => Number(start) + minute * 6e7 + shift))
  const ones = (): Float64Array => minutes.map(() => 1)
  return makeTable(tableSchema('indexPriceKlines'), {
    ts_event: times(0),
    ts_available: times(6e7),
    source: constantWord(source, minutes.length),
    open: minutes.map(openOf),
    high: ones(),
    low: ones(),
    close: ones(),
    volume: minutes.map((minute) => volumeOf(minute) ?? Number.NaN),
    quote_volume: ones(),
    trade_count: new BigInt64Array(minutes.length),
    taker_buy_volume: ones(),
    taker_buy_quote_volume: ones(),
    close_time: times(6e7 - 1000),
  })
}

function barAt(minute: number, source: string): Row {
  const time = start + BigInt(minute) * MINUTE
  return {
    ts_event: time,
    ts_available: time + MINUTE,
    source,
    high: 1,
    low: 1,
    close: 1,
    quote_volume: null,
    taker_buy_volume: null,
    taker_buy_quote_volume: null,
    close_time: time + MINUTE - 1000n,
  }
}
