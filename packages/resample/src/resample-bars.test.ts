import {
  type Columns,
  type ColumnValues,
  constantWord,
  floatValues,
  INTERVALS,
  type Interval,
  integerValues,
  intervalStart,
  type LakeTable,
  makeTable,
  nestsIn,
  nextIntervalStart,
  nullFlags,
  parseInstant,
  tableSchema,
  timesOf,
  type WordColumn,
  wordValues,
} from '@lake/core'
import { Schema, Table, tableFromIPC, tableToIPC } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openBarResampler } from './bar-resampler.ts'
import { resampleBars } from './resample-bars.ts'
import type { ResampledBars } from './resampled-bars.ts'

const MINUTE = 60_000_000
const start = parseInstant('2024-01-01')

describe('resampleBars', () => {
  test('takes open and close from children with trades, high and low from all', () => {
    const children = [
      { open: 10, high: 11, low: 9, close: 10, trades: 0 },
      { open: 20, high: 21, low: 19, close: 22, trades: 3 },
      { open: 30, high: 33, low: 29, close: 31, trades: 2 },
      { open: 40, high: 50, low: 1, close: 41, trades: 0 },
      { open: 60, high: 60, low: 60, close: 60, trades: 0 },
    ]
    const [bar] = read(resampleBars(minutes(children), { from: '1m', to: '5m' }))
    expect(bar).toMatchObject({ open: 20, high: 60, low: 1, close: 31, trade_count: 5, child_count: 5 })
  })

  test('takes the first and last child where nothing traded', () => {
    const still = [1, 2, 3, 4, 5].map((price) => ({ open: price, high: price, low: price, close: price, trades: 0 }))
    const [bar] = read(resampleBars(minutes(still), { from: '1m', to: '5m' }))
    expect(bar).toMatchObject({ open: 1, high: 5, low: 1, close: 5, trade_count: 0 })
  })

  test('adds volumes as decimals', () => {
    const children = [0.1, 0.2, 0.3, 0.4, 0.7].map((volume) => ({ volume, quote: volume * 10 }))
    const [bar] = read(resampleBars(minutes(children), { from: '1m', to: '5m' }))
    expect(bar).toMatchObject({ volume: 1.7, quote_volume: 17, taker_buy_volume: 0.85, taker_buy_quote_volume: 8.5 })
  })

  test('makes the quote volume null where a child has none', () => {
    const bars = resampleBars(minutes([{}, { quote: Number.NaN }, {}, {}, {}]), { from: '1m', to: '1m' })
    expect(nullFlags(bars, 'quote_volume')).toEqual(Uint8Array.of(0, 1, 0, 0, 0))
    const resampled = resampleBars(bars, { from: '1m', to: '5m' })
    expect(nullFlags(resampled, 'quote_volume')).toEqual(Uint8Array.of(1))
    expect(nullFlags(resampled, 'volume')).toBeUndefined()
  })

  test('names the bar by its start and says when it was known', () => {
    const [bar] = read(resampleBars(minutes([{}, {}, {}, {}, {}]), { from: '1m', to: '5m' }))
    expect(bar).toMatchObject({
      ts_event: start,
      ts_available: start + 5 * MINUTE,
      close_time: start + 5 * MINUTE - 1000,
      source: 'archive',
    })
  })

  test('makes bars with children missing, none without children, and counts the children', () => {
    const bars = minutes([{ at: 1 }, { at: 3 }, { at: 11 }, { at: 14 }])
    expect(read(resampleBars(bars, { from: '1m', to: '5m' }))).toMatchObject([
      { ts_event: start, child_count: 2 },
      { ts_event: start + 10 * MINUTE, child_count: 2 },
    ])
  })

  test('leaves the unfinished bar out, unless told that its end has come', () => {
    const bars = minutes([{ at: 0 }, { at: 4 }, { at: 5 }, { at: 8 }])
    const ends = (until?: number): unknown =>
      read(resampleBars(bars, { from: '1m', to: '5m', until })).map((bar) => bar['ts_available'])
    expect(ends()).toEqual([start + 5 * MINUTE])
    expect(ends(start + 10 * MINUTE)).toEqual([start + 5 * MINUTE, start + 10 * MINUTE])
    expect(ends(start + 10 * MINUTE - 1)).toEqual([start + 5 * MINUTE])
    expect(ends(start + 5 * MINUTE - 1)).toEqual([])
  })

  test('puts a child off the grid into the bar that holds its open', () => {
    const bars = minutes([{ at: 4.9 }, { at: 5.1 }, { at: 9.5 }])
    expect(read(resampleBars(bars, { from: '1m', to: '5m' }))).toMatchObject([
      { ts_event: start, child_count: 1 },
      { ts_event: start + 5 * MINUTE, child_count: 2, close_time: start + 10 * MINUTE - 33_333_333 },
    ])
  })

  test('is known when its last child is, where that is after its end', () => {
    const bars = minutes([{ at: 3 }, { at: 4.9, available: start + 5.9 * MINUTE }, { at: 6 }])
    expect(read(resampleBars(bars, { from: '1m', to: '5m', until: start + 10 * MINUTE }))).toMatchObject([
      { ts_event: start, ts_available: start + 5.9 * MINUTE },
      { ts_event: start + 5 * MINUTE, ts_available: start + 10 * MINUTE },
    ])
  })

  test('closes like its last child, or in the unit of its children where that is absent', () => {
    const closes = (unit: number, at: number[]): unknown =>
      read(
        resampleBars(
          minutes(
            at.map((minute) => ({ at: minute })),
            { unit },
          ),
          { from: '1m', to: '5m', until: Infinity },
        ),
      ).map((bar) => Number(bar['close_time']) - start)
    expect(closes(1000, [0, 4])).toEqual([5 * MINUTE - 1000])
    expect(closes(1, [0, 4])).toEqual([5 * MINUTE - 1])
    expect(closes(1000, [0, 3])).toEqual([5 * MINUTE - 1000])
    expect(closes(1, [0, 3])).toEqual([5 * MINUTE - 1])
    // An outage ended the last child early: the unit is that of the one before it.
    expect(closes(1000, [0, 3.5])).toEqual([5 * MINUTE - 1000])
    expect(closes(7_000_000, [0, 3])).toEqual([5 * MINUTE - 1])
    expect(closes(7_000_000, [0, 4])).toEqual([5 * MINUTE - 7_000_000])
  })

  test('takes the most derived source', () => {
    const bars = minutes([{}, {}, {}, {}], {
      source: { codes: Int32Array.of(2, 1, 2, 3), words: ['ws', 'rest', 'archive', 'filled'] },
    })
    expect(read(resampleBars(bars, { from: '1m', to: '1m' })).map((bar) => bar['source'])).toEqual([
      'archive',
      'rest',
      'archive',
      'filled',
    ])
    const [one] = read(resampleBars(bars, { from: '1m', to: '1h', until: Infinity }))
    expect(one?.['source']).toBe('filled')
    expect(wordValues(resampleBars(bars, { from: '1m', to: '3m' }), 'source').words).toEqual(['rest'])
  })

  test.each([
    ['tape', 0],
    ['null', -1],
  ])('refuses the source %s', (word, code) => {
    const bars = minutes([{}, {}], { source: { codes: Int32Array.of(1, code), words: ['tape', 'archive'] } })
    expect(() => resampleBars(bars, { from: '1m', to: '1m' })).toThrow(`Row 1 has the source ${word};`)
  })

  test('gives the same bars on the grid when the grain does not change', () => {
    const bars = minutes([{ at: 0 }, { at: 1.25 }, { at: 7 }])
    const same = resampleBars(bars, { from: '1m', to: '1m' })
    expect([...floatValues(same, 'volume')]).toEqual([...floatValues(bars, 'volume')])
    expect(read(same)).toMatchObject([
      { ts_event: start, child_count: 1 },
      { ts_event: start + MINUTE, child_count: 1 },
      { ts_event: start + 7 * MINUTE, child_count: 1 },
    ])
  })

  test('knows weeks from Monday and calendar months', () => {
    // 2024-01-31 is a Wednesday.
    const days = Array.from({ length: 70 }, (_, day) => ({ at: (30 + day) * 1440 }))
    const bars = minutes(days, { from: '1d' })
    const [week] = read(resampleBars(bars, { from: '1d', to: '1w' }))
    expect(week).toMatchObject({ ts_event: parseInstant('2024-01-29'), child_count: 5 })
    const months = read(resampleBars(bars, { from: '1d', to: '1mo' }))
    expect(months.map((bar) => [bar['ts_event'], bar['child_count']])).toEqual([
      [parseInstant('2024-01-01'), 1],
      [parseInstant('2024-02-01'), 29],
      [parseInstant('2024-03-01'), 31],
    ])
  })

  test('makes an empty table of an empty one', () => {
    expect(resampleBars(minutes([]), { from: '1m', to: '1h' }).numRows).toBe(0)
  })

  test('keeps the metadata of the schema, in one batch that survives IPC', () => {
    const bars = minutes([{}, {}])
    const schema = new Schema(bars.schema.fields, new Map([['units', '{"volume":"contracts"}']]))
    const both = new Table(schema, bars.batches).concat(minutes([{ at: 2 }]))
    const resampled = resampleBars(both, { from: '1m', to: '3m' })
    expect(resampled.schema.metadata.get('units')).toBe('{"volume":"contracts"}')
    expect(resampled.batches).toHaveLength(1)
    expect(resampled.schema.names).toEqual(tableSchema('bars').names.filter((name) => name !== 'vwap'))
    expect(tableFromIPC(tableToIPC(resampled)).get(0)?.toJSON()).toMatchObject({ child_count: 3n, source: 'archive' })
  })

  test.each([
    ['5m', '1m'],
    ['1w', '1mo'],
    ['3d', '1w'],
    ['1mo', '1d'],
    ['2h', '3m'],
  ] as const)('refuses to make %s into %s', (from, to) => {
    expect(() => resampleBars(minutes([]), { from, to })).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST', details: { from, to } }),
    )
  })

  test.each([
    [[0, 1, 1], 2],
    [[3, 2], 1],
  ])('refuses rows that are not strictly ascending and names the first', (at, row) => {
    const bars = minutes(at.map((minute) => ({ at: minute })))
    expect(() => resampleBars(bars, { from: '1m', to: '5m' })).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST', details: expect.objectContaining({ row }) as unknown }),
    )
  })

  test('takes bars of venues that count no trades: null stays null, and volume tells which children traded', () => {
    const children = [
      { open: 1, volume: 0 },
      { open: 2, volume: 5 },
      { at: 5, trades: 3 },
    ]
    const uncounted = makeTable(tableSchema('klines'), {
      ...columns(children, {}),
      trade_count: { values: BigInt64Array.of(0n, 0n, 3n), nulls: Uint8Array.of(1, 1, 0) },
      taker_buy_volume: Float64Array.of(Number.NaN, Number.NaN, 1),
    })
    const bars = resampleBars(uncounted, { from: '1m', to: '5m', until: start + 10 * MINUTE })
    expect(read(bars)).toMatchObject([
      { open: 2, volume: 5 },
      { trade_count: 3, taker_buy_volume: 1 },
    ])
    expect(nullFlags(bars, 'trade_count')).toEqual(Uint8Array.of(1, 0))
    expect(nullFlags(bars, 'taker_buy_volume')).toEqual(Uint8Array.of(1, 0))
  })

  test('refuses bars without volume', () => {
    const marks = makeTable(tableSchema('markPriceKlines'), {
      ...columns([{}], {}),
      volume: Float64Array.of(Number.NaN),
    })
    expect(() => resampleBars(marks, { from: '1m', to: '5m' })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED', details: { column: 'volume' } }),
    )
  })

  test('refuses an end that is not a number', () => {
    expect(() => resampleBars(minutes([]), { from: '1m', to: '5m', until: Number.NaN })).toThrow(
      /until is not a number/,
    )
  })

  test('agrees with a plain reference for any bars', () => {
    const child = fc.record({
      open: fc.integer({ min: 1, max: 99 }),
      high: fc.integer({ min: 1, max: 99 }),
      low: fc.integer({ min: 1, max: 99 }),
      close: fc.integer({ min: 1, max: 99 }),
      volume: fc.integer({ min: 0, max: 999 }).map((units) => units / 1000),
      quote: fc.integer({ min: 0, max: 9_999_999 }).map((units) => units / 1e5),
      trades: fc.nat(3),
      step: fc.constantFrom(1, 1, 1, 1, 2, 7, 100),
    })
    const pairs = INTERVALS.flatMap((from) =>
      INTERVALS.filter((to) => nestsIn(from, to)).map((to) => [from, to] as const),
    )
    fc.assert(
      fc.property(
        fc.array(child, { maxLength: 60 }),
        fc.constantFrom(...pairs),
        fc.nat(1e6),
        (rows, [from, to], skip) => {
          let open = intervalStart(from, start + skip * MINUTE)
          const children = rows.map(({ step, ...row }) => {
            for (let index = 0; index < step; index++) open = nextIntervalStart(from, open)
            return { ...row, open_time: open }
          })
          const bars = minutes(children, { from })
          expect(read(resampleBars(bars, { from, to }))).toEqual(reference(read(bars), from, to))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('gives the same bars in one step and in two', () => {
    const child = fc.record({
      at: fc.nat(600),
      open: fc.integer({ min: 1, max: 99 }),
      close: fc.integer({ min: 1, max: 99 }),
      volume: fc.integer({ min: 0, max: 2 ** 30 }).map((units) => (2 * units) / 1e8),
      quote: fc.integer({ min: 0, max: 2 ** 31 }).map((units) => units / 1e3),
      trades: fc.nat(2),
    })
    fc.assert(
      fc.property(fc.uniqueArray(child, { selector: ({ at }) => at, maxLength: 120 }), (rows) => {
        rows.sort((a, b) => a.at - b.at)
        const bars = minutes(rows)
        const until = start + 660 * MINUTE
        const fives = resampleBars(bars, { from: '1m', to: '5m', until })
        expect(read(resampleBars(fives, { from: '5m', to: '1h', until }))).toEqual(
          read(resampleBars(bars, { from: '1m', to: '1h', until })),
        )
      }),
    )
  })

  test('gives the same bars of several grains out of one reading as of each alone, in any order', () => {
    const units = fc.integer({ min: 0, max: 2 ** 31 })
    const child = fc.record({
      at: fc.nat(3000),
      volume: fc.oneof({ weight: 9, arbitrary: units.map((value) => (2 * value) / 1e8) }, fc.constant(2 / 3)),
      quote: fc.oneof({ weight: 9, arbitrary: units.map((value) => value / 1e2) }, fc.constant(Number.NaN)),
    })
    const grains = fc.shuffledSubarray<Interval>(['1m', '3m', '5m', '1h', '4h', '1d'], { minLength: 2 })
    fc.assert(
      fc.property(fc.uniqueArray(child, { selector: ({ at }) => at, maxLength: 80 }), grains, (rows, intervals) => {
        rows.sort((a, b) => a.at - b.at)
        const bars = minutes(rows)
        const until = start + 3000 * MINUTE
        const resample = openBarResampler(bars, { from: '1m' })
        for (const to of intervals) {
          expect(read(resample({ to, until }))).toEqual(read(resampleBars(bars, { from: '1m', to, until })))
        }
      }),
    )
  })
})

interface Child {
  /** Minutes after the start; its index by default. */
  readonly at?: number
  readonly open_time?: number
  readonly available?: number
  readonly open?: number
  readonly high?: number
  readonly low?: number
  readonly close?: number
  readonly volume?: number
  readonly quote?: number
  readonly trades?: number
}

interface Options {
  readonly from?: Interval
  readonly unit?: number
  readonly source?: WordColumn
}

function minutes(children: readonly Child[], options: Options = {}): LakeTable<'klines'> {
  return makeTable(tableSchema('klines'), columns(children, options))
}

function columns(children: readonly Child[], options: Options): Record<keyof Columns['klines'], ColumnValues> {
  const { from = '1m', unit = 1000, source = constantWord('archive', children.length) } = options
  const opens = children.map((child, index) => child.open_time ?? start + Math.round((child.at ?? index) * MINUTE))
  const ends = opens.map((open) => nextIntervalStart(from, open))
  const floats = (pick: (child: Child) => number): Float64Array => Float64Array.from(children, pick)
  return {
    ts_event: timesOf(Float64Array.from(opens)),
    ts_available: timesOf(Float64Array.from(ends, (end, index) => children[index]?.available ?? end)),
    source,
    open: floats((child) => child.open ?? 1),
    high: floats((child) => child.high ?? 1),
    low: floats((child) => child.low ?? 1),
    close: floats((child) => child.close ?? 1),
    volume: floats((child) => child.volume ?? 1),
    quote_volume: floats((child) => child.quote ?? 1),
    trade_count: BigInt64Array.from(children, (child) => BigInt(child.trades ?? 1)),
    taker_buy_volume: floats((child) => (child.volume ?? 1) / 2),
    taker_buy_quote_volume: floats((child) => (child.quote ?? 1) / 2),
    close_time: timesOf(
      Float64Array.from(
        ends,
        (end, index) => end - (opens[index] === intervalStart(from, opens[index] ?? 0) ? unit : 33_333_333),
      ),
    ),
  }
}

type Row = Readonly<Record<string, unknown>>

/** The rows as plain objects; int64 as numbers. */
function read(table: LakeTable<'klines'> | ResampledBars): Row[] {
  const { codes, words } = wordValues(table, 'source')
  const names = table.schema.names.map(String).filter((name) => name !== 'source')
  const columns = names.map((name): [string, readonly number[]] => [
    name,
    /^ts_|_time$|_count$/.test(name) ? [...integerValues(table, name)].map(Number) : [...floatValues(table, name)],
  ])
  return Array.from({ length: table.numRows }, (_, row) => ({
    source: words[codes[row] ?? -1],
    ...Object.fromEntries(columns.map(([name, values]) => [name, values[row]])),
  }))
}

function reference(rows: readonly Row[], from: Interval, to: Interval): Row[] {
  const groups = new Map<number, Row[]>()
  for (const row of rows) {
    const key = intervalStart(to, Number(row['ts_event']))
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  const until = nextIntervalStart(from, Number(rows.at(-1)?.['ts_event'] ?? 0))
  const bars = [...groups].map(([key, children]): Row => {
    const traded = children.filter((row) => row['trade_count'] !== 0)
    const numbers = (name: string): number[] => children.map((row) => Number(row[name]))
    // Decimals with up to nine places, added in whole billionths.
    const total = (name: string): number => numbers(name).reduce((sum, value) => sum + Math.round(value * 1e8), 0) / 1e8
    const end = nextIntervalStart(to, key)
    const lastEnd = nextIntervalStart(from, Number(children.at(-1)?.['ts_event']))
    return {
      ts_event: key,
      ts_available: end,
      source: 'archive',
      open: (traded[0] ?? children[0])?.['open'],
      high: Math.max(...numbers('high')),
      low: Math.min(...numbers('low')),
      close: (traded.at(-1) ?? children.at(-1))?.['close'],
      volume: total('volume'),
      quote_volume: total('quote_volume'),
      trade_count: total('trade_count'),
      taker_buy_volume: total('taker_buy_volume'),
      taker_buy_quote_volume: total('taker_buy_quote_volume'),
      close_time: lastEnd === end ? children.at(-1)?.['close_time'] : end - 1000,
      child_count: children.length,
    }
  })
  return bars.filter((bar) => Number(bar['ts_available']) <= until)
}
