import {
  type BarType,
  type Columns,
  constantWord,
  floatValues,
  integerValues,
  isTableOf,
  type LakeTable,
  makeTable,
  nullFlags,
  parseInstant,
  type RowSource,
  tableSchema,
  timesOf,
  wordValues,
} from '@lake/core'
import { Field, Float64, Schema, Table, tableFromIPC, tableToIPC, type TypeMap } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { MergePolicy, MergeSource } from './merge-source.ts'
import { mergeTables } from './merge-tables.ts'

const MINUTE = 60_000_000
const start = parseInstant('2024-01-01')

describe('mergeTables of bars', () => {
  test('keeps one row a time, that of the archive where sources differ', () => {
    const { table, report } = mergeTables({
      dataType: 'klines',
      inputs: [
        { table: bars([{ at: 2, open: 9, close: 5 }, { at: 1 }], 'rest'), name: 'page', source: 'rest' },
        { table: bars([{ at: 0 }, { at: 2, open: 3, close: 5 }], 'archive'), name: 'file', source: 'archive' },
      ],
    })
    expect(minutesOf(table)).toEqual([0, 1, 2])
    expect([...floatValues(table, 'open')]).toEqual([1, 1, 3])
    expect(sourcesOf(table)).toEqual(['archive', 'rest', 'archive'])
    expect(table.batches).toHaveLength(1)
    expect(report).toEqual({
      rowsIn: 4,
      rowsOut: 3,
      duplicates: 1,
      conflicts: { open: 1 },
      filled: {},
      firstConflicts: [
        {
          key: start + 2 * MINUTE,
          column: 'open',
          kept: { name: 'file', value: 3 },
          dropped: { name: 'page', value: 9 },
        },
      ],
      inputs: [
        { name: 'file', source: 'archive', rows: 2, kept: 2 },
        { name: 'page', source: 'rest', rows: 2, kept: 1 },
      ],
    })
  })

  const archive = { source: 'archive', name: 'a', receivedAt: 1 } as const
  const rest = { source: 'rest', name: 'r', receivedAt: 3 } as const
  const stream = { source: 'ws', name: 'w', receivedAt: 2 } as const
  const filled = { source: 'filled', name: 'f', receivedAt: 9 } as const
  const byName: MergePolicy = (a, b) => a.name.length - b.name.length

  test.each<[string, MergePolicy | undefined, MergeSource, MergeSource[]]>([
    ['archive before rest and ws', undefined, archive, [rest, stream, filled]],
    ['rest before ws', 'archive-first', rest, [stream, filled]],
    ['rest before archive', 'rest-first', rest, [archive, stream, filled]],
    ['archive before ws when rest is first', 'rest-first', archive, [stream, filled]],
    ['what came last', 'newest', rest, [archive, stream]],
    ['what came at a known time', 'newest', archive, [{ name: 'x', source: 'archive' }]],
    ['the better source where times are equal', 'newest', { ...archive, receivedAt: 3 }, [rest]],
    [
      'the better source where no time is known',
      'newest',
      { name: 'a', source: 'archive' },
      [{ name: 'b', source: 'rest' }],
    ],
    ['what a function prefers', byName, stream, [{ ...archive, name: 'longer' }]],
    ['the later of equal sources', 'archive-first', { ...archive, receivedAt: 7 }, [{ ...archive, name: 'z' }]],
    ['the later where a function does not decide', () => 0, rest, [archive, stream]],
    [
      'the last name where nothing else decides',
      () => 0,
      { name: 'b', source: 'archive' },
      [{ name: 'a', source: 'archive' }],
    ],
  ])('believes %s', (_, policy, winner, losers) => {
    const inputs = [winner, ...losers].map((source, index) => ({
      ...source,
      table: bars([{ at: 0, open: index }], source.source),
    }))
    for (const order of [inputs, [...inputs].reverse()]) {
      const { table } = mergeTables({ dataType: 'klines', inputs: order, policy })
      expect([...floatValues(table, 'open')]).toEqual([0])
    }
  })

  test('believes the later of two rows of one input', () => {
    const table = bars([{ at: 0, open: 1 }, { at: 1 }, { at: 0, open: 2 }])
    const merged = mergeTables({ dataType: 'klines', inputs: [{ table, name: 'doubled', source: 'ws' }] })
    expect([...floatValues(merged.table, 'open')]).toEqual([2, 1])
    expect(merged.report.firstConflicts).toMatchObject([
      { kept: { name: 'doubled', value: 2 }, dropped: { name: 'doubled', value: 1 } },
    ])
    // The input is as it was.
    expect([...floatValues(table, 'open')]).toEqual([1, 1, 2])
  })

  test('fills nulls from the next source that has a value, and calls that no conflict', () => {
    const inputs = [
      { table: marks([Number.NaN, Number.NaN, 3, Number.NaN]), name: 'a', source: 'archive' as const },
      { table: marks([Number.NaN, 20, 30, Number.NaN]), name: 'b', source: 'rest' as const },
      { table: marks([100, 200, 300, Number.NaN]), name: 'c', source: 'ws' as const },
    ]
    const { table, report } = mergeTables({ dataType: 'markPriceKlines', inputs })
    expect([...floatValues(table, 'volume')]).toEqual([100, 20, 3, Number.NaN])
    expect(nullFlags(table, 'volume')).toEqual(Uint8Array.of(0, 0, 0, 1))
    expect([...integerValues(table, 'trade_count')].slice(0, 3)).toEqual([100n, 20n, 3n])
    expect(nullFlags(table, 'trade_count')).toEqual(Uint8Array.of(0, 0, 0, 1))
    expect(report.filled).toEqual({ volume: 2, trade_count: 2 })
    // 20 and 200, 3 and 30: the first row has one value only.
    expect(report.conflicts).toEqual({ volume: 2, trade_count: 2 })
    expect(report.inputs.map(({ kept }) => kept)).toEqual([4, 0, 0])
  })

  test('tells floats apart by their bits', () => {
    const inputs = [
      { table: bars([{ at: 0, open: 0, close: 0.1 + 0.2 }]), name: 'a', source: 'archive' as const },
      { table: bars([{ at: 0, open: -0, close: 0.3 }]), name: 'b', source: 'rest' as const },
    ]
    const { table, report } = mergeTables({ dataType: 'klines', inputs })
    expect(report.conflicts).toEqual({ open: 1, close: 1 })
    expect(floatValues(table, 'open')[0]).toBe(0)
  })

  test('shows the first ten conflicts in the order of the rows', () => {
    const rows = (open: number): Bar[] =>
      Array.from({ length: 12 }, (_, index) => ({ at: 11 - index, open, close: open }))
    const { report } = mergeTables({
      dataType: 'klines',
      inputs: [
        { table: bars(rows(1)), name: 'a', source: 'archive' },
        { table: bars(rows(2)), name: 'b', source: 'archive' },
      ],
    })
    expect(report.conflicts).toEqual({ open: 12, close: 12 })
    expect(report.firstConflicts.map(({ key, column }) => [(Number(key) - start) / MINUTE, column])).toEqual(
      [0, 1, 2, 3, 4].flatMap((minute) => [
        [minute, 'open'],
        [minute, 'close'],
      ]),
    )
  })

  test('returns a single sorted input as it is', () => {
    const table = bars([{ at: 0 }, { at: 1 }])
    const inputs = [
      { table: bars([]), name: 'empty', source: 'rest' as const },
      { table, name: 'file', source: 'archive' as const },
    ]
    const merged = mergeTables({ dataType: 'klines', inputs })
    expect(merged.table).toBe(table)
    expect(merged.report).toEqual({
      rowsIn: 2,
      rowsOut: 2,
      duplicates: 0,
      conflicts: {},
      filled: {},
      firstConflicts: [],
      inputs: [
        { name: 'file', source: 'archive', rows: 2, kept: 2 },
        { name: 'empty', source: 'rest', rows: 0, kept: 0 },
      ],
    })
  })

  test('puts files that follow each other together, whatever their order', () => {
    const days = [
      { table: bars([{ at: 5 }, { at: 6 }], 'rest'), name: 'c', source: 'rest' as const },
      { table: bars([{ at: 0 }, { at: 1 }]), name: 'a', source: 'archive' as const },
      { table: bars([{ at: 2 }, { at: 3 }]), name: 'b', source: 'archive' as const },
    ]
    const { table, report } = mergeTables({ dataType: 'klines', inputs: days })
    expect(minutesOf(table)).toEqual([0, 1, 2, 3, 5, 6])
    expect(wordValues(table, 'source').words).toEqual(['archive', 'rest'])
    expect(table.batches).toHaveLength(1)
    expect(report.rowsOut).toBe(6)
    expect(tableFromIPC(tableToIPC(table)).numRows).toBe(6)
  })

  test('makes one batch of several, and drops columns that the type does not have', () => {
    const two = bars([{ at: 0 }]).concat(bars([{ at: 1 }]))
    const { table } = mergeTables({ dataType: 'klines', inputs: [{ table: two, name: 'a', source: 'archive' }] })
    expect(minutesOf(table)).toEqual([0, 1])
    expect(table.batches).toHaveLength(1)
    const schema = new Schema<TypeMap>([...tableSchema('klines').fields, new Field('extra', new Float64(), false)])
    const wide = makeTable(schema, { ...barColumns([0], 'archive'), extra: Float64Array.of(1) })
    if (!isTableOf(wide, 'klines')) throw new Error('further columns may follow')
    const narrow = mergeTables({ dataType: 'klines', inputs: [{ table: wide, name: 'a', source: 'archive' }] })
    expect(narrow.table.schema.names).toEqual(tableSchema('klines').names)
  })

  test('reads slices of tables', () => {
    const whole = trades(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((id) => ({
        id: BigInt(id),
        at: id,
        isBest: id % 3 === 0 ? null : id % 2 === 0,
      })),
    )
    const { table } = mergeTables({
      dataType: 'trades',
      inputs: [
        { table: whole.slice(3, 9), name: 'a', source: 'archive' },
        { table: whole.slice(5, 10), name: 'b', source: 'archive' },
      ],
    })
    expect(table.getChild('is_best_match')?.toJSON()).toEqual([null, true, false, null, false, true, null])
  })

  test('makes an empty table of nothing', () => {
    const { table, report } = mergeTables({ dataType: 'klines', inputs: [] })
    expect(table.numRows).toBe(0)
    expect(table.schema.names).toEqual(tableSchema('klines').names)
    expect(report).toMatchObject({ rowsIn: 0, rowsOut: 0, inputs: [] })
  })

  test('unites the metadata, that of the believed input first', () => {
    const inputs = [
      { table: withMetadata(bars([{ at: 0 }]), { units: 'a', only: 'a' }), name: 'a', source: 'archive' as const },
      { table: withMetadata(bars([{ at: 0 }]), { units: 'b', other: 'b' }), name: 'b', source: 'rest' as const },
    ]
    const { table } = mergeTables({ dataType: 'klines', inputs })
    expect(Object.fromEntries(table.schema.metadata)).toEqual({ units: 'a', only: 'a', other: 'b' })
  })

  test.each(['indexPriceKlines', 'premiumIndexKlines'] as const)('merges %s by time', (dataType) => {
    const inputs = ['a', 'b'].map((name) => ({ table: marks([1, 2], dataType), name, source: 'archive' as const }))
    expect(mergeTables({ dataType, inputs }).table.numRows).toBe(2)
  })

  test('agrees with a map of rows, whatever the order, and changes nothing the second time', () => {
    const row = fc.record({
      at: fc.nat(30),
      open: fc.constantFrom(1, 2),
      volume: fc.constantFrom(1, 2, Number.NaN),
      count: fc.constantFrom(1, 2, null),
    })
    const input = fc.record({
      rows: fc.array(row, { maxLength: 30 }),
      source: fc.constantFrom<RowSource>('archive', 'rest', 'ws'),
      receivedAt: fc.option(fc.nat(2), { nil: undefined }),
      isSorted: fc.boolean(),
    })
    const policies = fc.constantFrom<MergePolicy>('archive-first', 'rest-first', 'newest')
    fc.assert(
      fc.property(fc.array(input, { maxLength: 4 }), policies, fc.boolean(), (drawn, policy, isReversed) => {
        const inputs = drawn.map(({ rows, source, receivedAt, isSorted }, index) => {
          if (isSorted) rows.sort((a, b) => a.at - b.at)
          return { rows, source, receivedAt, name: `input ${index}`, table: indexBars(rows, source) }
        })
        const { table, report } = mergeTables({ dataType: 'indexPriceKlines', inputs, policy })
        expect(readIndexBars(table)).toEqual(reference(inputs, policy))
        expect(report.rowsIn).toBe(inputs.reduce((sum, { rows }) => sum + rows.length, 0))
        expect(report.rowsOut + report.duplicates).toBe(report.rowsIn)
        expect(report.inputs.reduce((sum, { kept }) => sum + kept, 0)).toBe(report.rowsOut)
        if (isReversed) inputs.reverse()
        const again = mergeTables({ dataType: 'indexPriceKlines', inputs, policy })
        expect(again.report).toEqual(report)
        expect(readIndexBars(again.table)).toEqual(readIndexBars(table))
        expect(wordValues(again.table, 'source')).toEqual(wordValues(table, 'source'))
        const third = mergeTables({
          dataType: 'indexPriceKlines',
          inputs: [{ table, name: 'merged', source: 'archive' }],
        })
        if (table.numRows > 0) expect(third.table).toBe(table)
        expect(third.report).toMatchObject({ rowsOut: table.numRows, duplicates: 0 })
      }),
      { numRuns: 150 },
    )
  })
})

describe('mergeTables of trades', () => {
  test('tells trades apart by id, also those of one instant', () => {
    const { table, report } = mergeTables({
      dataType: 'trades',
      inputs: [
        {
          table: trades([
            { id: 3n, at: 1 },
            { id: 1n, at: 1 },
            { id: 2n, at: 1 },
          ]),
          name: 'a',
          source: 'archive',
        },
        {
          table: trades([
            { id: 2n, at: 1 },
            { id: 4n, at: 1 },
          ]),
          name: 'b',
          source: 'archive',
        },
      ],
    })
    expect([...integerValues(table, 'trade_id')]).toEqual([1n, 2n, 3n, 4n])
    expect(report).toMatchObject({ duplicates: 1, conflicts: {} })
  })

  test('calls another time or side of the same id a conflict, and an unknown flag none', () => {
    const { table, report } = mergeTables({
      dataType: 'trades',
      inputs: [
        { table: trades([{ id: 2n ** 60n, at: 1.5, side: 'buy', isBest: null }]), name: 'a', source: 'archive' },
        { table: trades([{ id: 2n ** 60n, at: 1, side: 'sell', isBest: true }]), name: 'b', source: 'rest' },
        { table: trades([{ id: 2n ** 60n, at: 1.5, side: 'buy', isBest: false }]), name: 'c', source: 'ws' },
      ],
    })
    expect(report.conflicts).toEqual({ ts_event: 1, side: 1, is_best_match: 1 })
    expect(report.filled).toEqual({ is_best_match: 1 })
    expect(report.firstConflicts).toEqual([
      {
        key: String(2n ** 60n),
        column: 'ts_event',
        kept: { name: 'a', value: start + 1_500_000 },
        dropped: { name: 'b', value: start + 1_000_000 },
      },
      {
        key: String(2n ** 60n),
        column: 'side',
        kept: { name: 'a', value: 'buy' },
        dropped: { name: 'b', value: 'sell' },
      },
      {
        key: String(2n ** 60n),
        column: 'is_best_match',
        kept: { name: 'b', value: true },
        dropped: { name: 'c', value: false },
      },
    ])
    expect(table.getChild('is_best_match')?.toJSON()).toEqual([true])
  })

  test('sorts by time where ids and times disagree', () => {
    const rows = [
      { id: 1n, at: 3 },
      { id: 2n, at: 1 },
      { id: 3n, at: 2 },
      { id: 4n, at: 2 },
    ]
    const { table } = mergeTables({
      dataType: 'trades',
      inputs: [{ table: trades(rows), name: 'a', source: 'archive' }],
    })
    expect([...integerValues(table, 'trade_id')]).toEqual([2n, 3n, 4n, 1n])
  })

  test('looks at the times of files that follow each other by id', () => {
    const inputs = [
      { table: trades([{ id: 1n, at: 5 }]), name: 'a', source: 'archive' as const },
      { table: trades([{ id: 2n, at: 4 }]), name: 'b', source: 'archive' as const },
    ]
    expect([...integerValues(mergeTables({ dataType: 'trades', inputs }).table, 'trade_id')]).toEqual([2n, 1n])
  })

  test('orders ids of any size, and aggregated trades by theirs', () => {
    const ids = [2n ** 62n, 5n, -3n, 2n ** 53n + 1n, 2n ** 53n, 2n ** 32n, 2n ** 32n - 1n, -(2n ** 40n)]
    const { table } = mergeTables({
      dataType: 'aggTrades',
      inputs: [
        { table: aggTrades(ids), name: 'a', source: 'archive' },
        { table: aggTrades(ids.slice(2)), name: 'b', source: 'archive' },
      ],
    })
    expect([...integerValues(table, 'agg_trade_id')]).toEqual(ids.sort((a, b) => (a < b ? -1 : 1)))
  })

  test('agrees with a map of ids for any rows', () => {
    const row = fc.record({
      id: fc.bigInt({ min: 0n, max: 40n }),
      at: fc.nat(3),
      side: fc.constantFrom('buy' as const, 'sell' as const, null),
      isBest: fc.constantFrom(true, false, null),
    })
    fc.assert(
      fc.property(fc.array(fc.array(row), { minLength: 1, maxLength: 3 }), (parts) => {
        const inputs = parts.map((rows, index) => ({ table: trades(rows), name: `${index}`, source: 'rest' as const }))
        const { table } = mergeTables({ dataType: 'trades', inputs })
        const found = new Map<bigint, Trade>()
        for (const trade of parts.flat()) {
          const before = found.get(trade.id)
          found.set(trade.id, {
            ...trade,
            side: trade.side ?? before?.side ?? null,
            isBest: trade.isBest ?? before?.isBest ?? null,
          })
        }
        const wanted = [...found.values()].sort((a, b) => a.at - b.at || Number(a.id - b.id))
        const { codes, words } = wordValues(table, 'side')
        expect([...integerValues(table, 'trade_id')]).toEqual(wanted.map(({ id }) => id))
        expect([...codes].map((code) => words[code] ?? null)).toEqual(wanted.map(({ side }) => side))
        expect(table.getChild('is_best_match')?.toJSON()).toEqual(wanted.map(({ isBest }) => isBest))
      }),
      { numRuns: 150 },
    )
  })
})

describe('mergeTables of funding', () => {
  test('takes events of one minute for the same, and keeps the believed time', () => {
    const { table, report } = mergeTables({
      dataType: 'fundingRate',
      inputs: [
        {
          table: funding([
            [0.003, 0.1, 8],
            [480, 0.2, 8],
          ]),
          name: 'a',
          source: 'archive',
        },
        {
          table: funding([
            [0, 0.1, null],
            [479.999, 0.3, 8],
            [960, 0.4, null],
          ]),
          name: 'b',
          source: 'rest',
        },
      ],
    })
    expect([...integerValues(table, 'ts_event')].map((time) => (Number(time) - start) / MINUTE)).toEqual([
      0.003, 480, 960,
    ])
    expect([...floatValues(table, 'funding_rate')]).toEqual([0.1, 0.2, 0.4])
    expect(report.conflicts).toEqual({ funding_rate: 1 })
    expect(report.firstConflicts[0]?.key).toBe(start + 480 * MINUTE)
  })
})

describe('mergeTables refuses', () => {
  test('two inputs of one name', () => {
    const table = bars([])
    const inputs = ['a', 'b', 'a'].map((name) => ({ table, name, source: 'archive' as const }))
    expect(() => mergeTables({ dataType: 'klines', inputs })).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST', details: { name: 'a' } }),
    )
  })

  test('tables without the columns of the type', () => {
    const table = trades([{ id: 1n, at: 0 }])
    // @ts-expect-error trades are no aggregated trades
    expect(() => mergeTables({ dataType: 'aggTrades', inputs: [{ table, name: 'a', source: 'archive' }] })).toThrow(
      /no column 'agg_trade_id'/,
    )
  })

  test('to go on when aborted', () => {
    const signal = AbortSignal.abort()
    expect(() => mergeTables({ dataType: 'klines', inputs: [], signal })).toThrow(signal.reason)
  })

  test.each([
    ['overlap', [1, 0]],
    ['follow', [0, 1]],
  ])('to go on when aborted between the columns of inputs that %s', (_, minutes) => {
    const controller = new AbortController()
    const table = bars(minutes.map((at) => ({ at }))).concat(bars([{ at: 5 }]))
    const read = table.getChild.bind(table)
    vi.spyOn(table, 'getChild').mockImplementation((name) => {
      if (name === 'open') controller.abort()
      return read(name)
    })
    expect(() =>
      mergeTables({
        dataType: 'klines',
        inputs: [{ table, name: 'a', source: 'archive' }],
        signal: controller.signal,
      }),
    ).toThrow(expect.objectContaining({ name: 'AbortError' }))
  })
})

interface Bar {
  /** Minutes after the start. */
  readonly at: number
  readonly open?: number
  readonly close?: number
}

function barColumns(minutes: readonly number[], source: RowSource) {
  const times = (shift: number): BigInt64Array =>
    timesOf(Float64Array.from(minutes, (at) => start + at * MINUTE + shift))
  const ones = (): Float64Array => new Float64Array(minutes.length).fill(1)
  return {
    ts_event: times(0),
    ts_available: times(MINUTE),
    source: constantWord(source, minutes.length),
    open: ones(),
    high: ones(),
    low: ones(),
    close: ones(),
    volume: ones(),
    quote_volume: ones(),
    trade_count: new BigInt64Array(minutes.length),
    taker_buy_volume: ones(),
    taker_buy_quote_volume: ones(),
    close_time: times(MINUTE - 1000),
  }
}

function bars(rows: readonly Bar[], source: RowSource = 'archive'): LakeTable<'klines'> {
  const columns = barColumns(
    rows.map(({ at }) => at),
    source,
  )
  return makeTable(tableSchema('klines'), {
    ...columns,
    open: Float64Array.from(rows, ({ open }) => open ?? 1),
    close: Float64Array.from(rows, ({ close }) => close ?? 1),
  })
}

/** Bars of the first minutes; a volume that is NaN is null, and so is the count. */
function marks(volumes: readonly number[], dataType: BarType = 'markPriceKlines'): LakeTable<BarType> {
  return makeTable(tableSchema(dataType), {
    ...barColumns([...volumes.keys()], 'archive'),
    volume: Float64Array.from(volumes),
    trade_count: {
      values: BigInt64Array.from(volumes, (value) => BigInt(value || 0)),
      nulls: Uint8Array.from(volumes, (value) => (Number.isNaN(value) ? 1 : 0)),
    },
  })
}

interface IndexBar {
  readonly at: number
  readonly open: number
  readonly volume: number
  readonly count: number | null
}

function indexBars(rows: readonly IndexBar[], source: RowSource): LakeTable<'indexPriceKlines'> {
  const columns = barColumns(
    rows.map(({ at }) => at),
    source,
  )
  return makeTable(tableSchema('indexPriceKlines'), {
    ...columns,
    open: Float64Array.from(rows, ({ open }) => open),
    volume: Float64Array.from(rows, ({ volume }) => volume),
    trade_count: {
      values: BigInt64Array.from(rows, ({ count }) => BigInt(count ?? 0)),
      nulls: Uint8Array.from(rows, ({ count }) => (count === null ? 1 : 0)),
    },
  })
}

function readIndexBars(table: LakeTable<'indexPriceKlines'>): (IndexBar & { source: string | undefined })[] {
  const nulls = nullFlags(table, 'trade_count')
  const counts = integerValues(table, 'trade_count')
  return minutesOf(table).map((at, row) => ({
    at,
    open: floatValues(table, 'open')[row] ?? 0,
    volume: floatValues(table, 'volume')[row] ?? 0,
    count: nulls?.[row] === 1 ? null : Number(counts[row]),
    source: sourcesOf(table)[row],
  }))
}

/** What a merge is, in the plainest words: rows from the least to the most believed input replace each other. */
function reference(
  inputs: readonly (MergeSource & { readonly rows: readonly IndexBar[] })[],
  policy: MergePolicy,
): (IndexBar & { source: RowSource })[] {
  const order: RowSource[] = policy === 'rest-first' ? ['ws', 'archive', 'rest'] : ['ws', 'rest', 'archive']
  const rank = ({ source }: MergeSource): number => order.indexOf(source)
  const time = ({ receivedAt }: MergeSource): number => receivedAt ?? -1
  const ranked = [...inputs].sort((a, b) => {
    const [byRank, byTime] = [rank(a) - rank(b), time(a) - time(b)]
    const byName = a.name < b.name ? -1 : 1
    return policy === 'newest' ? byTime || byRank || byName : byRank || byTime || byName
  })
  const found = new Map<number, IndexBar & { source: RowSource }>()
  for (const { rows, source } of ranked) {
    for (const row of rows) {
      const before = found.get(row.at)
      const volume = Number.isNaN(row.volume) ? (before?.volume ?? row.volume) : row.volume
      found.set(row.at, { ...row, volume, count: row.count ?? before?.count ?? null, source })
    }
  }
  return [...found.values()].sort((a, b) => a.at - b.at)
}

interface Trade {
  readonly id: bigint
  /** Seconds after the start. */
  readonly at: number
  readonly side?: 'buy' | 'sell' | null
  readonly isBest?: boolean | null
}

function tradeColumns(rows: readonly Trade[]) {
  const times = (): BigInt64Array => timesOf(Float64Array.from(rows, ({ at }) => start + at * 1e6))
  return {
    ts_event: times(),
    ts_available: times(),
    source: constantWord('archive', rows.length),
    price: new Float64Array(rows.length),
    size: new Float64Array(rows.length),
    side: {
      codes: Int32Array.from(rows, ({ side = 'buy' }) => (side === null ? -1 : side === 'buy' ? 1 : 0)),
      words: ['sell', 'buy'],
    },
    is_best_match: Uint8Array.from(rows, ({ isBest = null }) => (isBest === null ? 2 : Number(isBest))),
  }
}

function trades(rows: readonly Trade[]): LakeTable<'trades'> {
  return makeTable(tableSchema('trades'), {
    ...tradeColumns(rows),
    trade_id: BigInt64Array.from(rows, ({ id }) => id),
    quote_size: new Float64Array(rows.length),
  })
}

function aggTrades(ids: readonly bigint[]): LakeTable<'aggTrades'> {
  const all = (): BigInt64Array => BigInt64Array.from(ids)
  return makeTable(tableSchema('aggTrades'), {
    ...tradeColumns(ids.map((id) => ({ id, at: 0 }))),
    agg_trade_id: all(),
    first_trade_id: all(),
    last_trade_id: all(),
  })
}

function funding(
  rows: readonly (readonly [minute: number, rate: number, hours: number | null])[],
): LakeTable<'fundingRate'> {
  const times = (): BigInt64Array => timesOf(Float64Array.from(rows, ([minute]) => Math.round(start + minute * MINUTE)))
  return makeTable(tableSchema('fundingRate'), {
    ts_event: times(),
    ts_available: times(),
    source: constantWord('archive', rows.length),
    funding_rate: Float64Array.from(rows, ([, rate]) => rate),
    funding_interval_hours: {
      values: BigInt64Array.from(rows, ([, , hours]) => BigInt(hours ?? 0)),
      nulls: Uint8Array.from(rows, ([, , hours]) => (hours === null ? 1 : 0)),
    },
    mark_price: new Float64Array(rows.length).fill(Number.NaN),
  })
}

function withMetadata(table: LakeTable<'klines'>, metadata: Record<string, string>): LakeTable<'klines'> {
  return new Table<Columns['klines']>(
    new Schema<Columns['klines']>(table.schema.fields, new Map(Object.entries(metadata))),
    table.batches,
  )
}

function minutesOf(table: LakeTable<BarType>): number[] {
  return [...integerValues(table, 'ts_event')].map((time) => (Number(time) - start) / MINUTE)
}

function sourcesOf(table: LakeTable<BarType>): (string | undefined)[] {
  const { codes, words } = wordValues(table, 'source')
  return [...codes].map((code) => words[code])
}
