import {
  constantWord,
  floatValues,
  integerValues,
  intervalStart,
  type LakeTable,
  makeTable,
  nullFlags,
  parseInstant,
  tableSchema,
  timesOf,
  type WordColumn,
  wordValues,
} from '@lake/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { barsFromTrades } from './bars-from-trades.ts'
import type { ResampledBars } from './resampled-bars.ts'

const MINUTE = 60_000_000
const start = parseInstant('2024-01-01')
const by = { time: '1m' } as const
const until = Number.POSITIVE_INFINITY

describe('barsFromTrades of trades', () => {
  test('makes bars of prices, sizes and sides', () => {
    const table = trades([
      { at: 0, price: 10, size: 0.1, quote: 1, side: 'buy' },
      { at: 30, price: 12, size: 0.2, quote: 2.4, side: 'sell' },
      { at: 59.999999, price: 9, size: 0.4, quote: 3.6, side: 'buy' },
      { at: 180, price: 11, size: 1, quote: 11, side: 'sell' },
    ])
    expect(read(barsFromTrades(table, { by, until }))).toEqual([
      {
        ts_event: start,
        ts_available: start + MINUTE,
        source: 'archive',
        open: 10,
        high: 12,
        low: 9,
        close: 9,
        volume: 0.7,
        quote_volume: 7,
        trade_count: 3,
        taker_buy_volume: 0.5,
        taker_buy_quote_volume: 4.6,
        close_time: start + MINUTE - 1,
        child_count: 3,
      },
      expect.objectContaining({ ts_event: start + 3 * MINUTE, open: 11, taker_buy_volume: 0, child_count: 1 }),
    ])
  })

  test('leaves the bar of the last trade out unless told that its end has come', () => {
    const table = trades([{ at: 0 }, { at: 61 }])
    expect(barsFromTrades(table, { by }).numRows).toBe(1)
    expect(barsFromTrades(table, { by, until: start + 2 * MINUTE }).numRows).toBe(2)
    expect(barsFromTrades(trades([]), { by }).numRows).toBe(0)
  })

  test('takes trades of one instant in the order of their ids, as they must come', () => {
    const instant = [
      { at: 1, price: 3 },
      { at: 1, price: 1 },
      { at: 1, price: 2 },
    ]
    expect(read(barsFromTrades(trades(instant), { by, until }))).toMatchObject([{ open: 3, close: 2 }])
    expect(() => barsFromTrades(trades(instant, { ids: [5n, 7n, 7n] }), { by })).toThrow(/Row 2 .* sorted and free of/)
    expect(() => barsFromTrades(trades([{ at: 2 }, { at: 1 }]), { by })).toThrow(
      expect.objectContaining({
        code: 'BAD_REQUEST',
        details: {
          row: 1,
          column: 'ts_event',
          value: '2024-01-01T00:00:01Z',
          previous: '2024-01-01T00:00:02Z',
        },
      }),
    )
  })

  test.each([
    ['both', 0],
    ['null', -1],
  ])('refuses the side %s', (word, code) => {
    const side = { codes: Int32Array.of(1, code), words: ['both', 'buy'] }
    expect(() => barsFromTrades(trades([{ at: 0 }, { at: 1 }], { side }), { by })).toThrow(
      `Row 1 has the side ${word};`,
    )
  })

  test('believes the quote sizes of the table, whatever the market', () => {
    const table = trades([{ at: 0, price: 50_000, size: 3, quote: 0.006 }])
    expect(read(barsFromTrades(table, { by, until, market: 'cm' }))).toMatchObject([{ quote_volume: 0.006 }])
  })

  test('agrees with a plain reference', () => {
    const trade = fc.record({
      at: fc.integer({ min: 0, max: 3_600_000 }).map((millis) => millis / 1000),
      price: fc.integer({ min: 1, max: 1000 }),
      size: fc.integer({ min: 1, max: 1e9 }).map((units) => units / 1e6),
      quote: fc.integer({ min: 1, max: 1e9 }).map((units) => units / 1e4),
      side: fc.constantFrom('buy' as const, 'sell' as const),
    })
    fc.assert(
      fc.property(fc.array(trade), fc.constantFrom('1s' as const, '1m' as const, '5m' as const), (rows, interval) => {
        rows.sort((a, b) => a.at - b.at)
        const bars = read(barsFromTrades(trades(rows), { by: { time: interval }, until }))
        const groups = new Map<number, typeof rows>()
        for (const row of rows) {
          const time = intervalStart(interval, start + Math.round(row.at * 1e6))
          groups.set(time, [...(groups.get(time) ?? []), row])
        }
        const total = (values: number[]): number =>
          values.reduce((sum, value) => sum + Math.round(value * 1e8), 0) / 1e8
        expect(bars).toMatchObject(
          [...groups].map(([time, group]) => {
            const bought = group.filter(({ side }) => side === 'buy')
            return {
              ts_event: time,
              open: group[0]?.price,
              high: Math.max(...group.map(({ price }) => price)),
              low: Math.min(...group.map(({ price }) => price)),
              close: group.at(-1)?.price,
              volume: total(group.map(({ size }) => size)),
              quote_volume: total(group.map(({ quote }) => quote)),
              taker_buy_volume: total(bought.map(({ size }) => size)),
              taker_buy_quote_volume: total(bought.map(({ quote }) => quote)),
              trade_count: group.length,
              child_count: group.length,
            }
          }),
        )
      }),
    )
  })
})

describe('barsFromTrades of aggregated trades', () => {
  const rows = [
    { at: 0, price: 1.1, size: 1.1, ids: [10n, 12n], side: 'buy' },
    { at: 1, price: 50, size: 0.2, ids: [13n, 13n], side: 'sell' },
  ] as const

  test('counts the trades behind the rows, exactly however large the ids are', () => {
    expect(read(barsFromTrades(aggTrades(rows), { by, until }))).toMatchObject([{ trade_count: 4, child_count: 2 }])
    const large = aggTrades([{ at: 0, ids: [2n ** 62n - 1n, 2n ** 62n + 2n ** 32n] }])
    expect(read(barsFromTrades(large, { by, until }))).toMatchObject([{ trade_count: 2 ** 32 + 2 }])
  })

  test('does not know how many trades a bar has when one of its rows does not say', () => {
    const counts = (nulls: Readonly<Record<string, Uint8Array>>): unknown[] => {
      const table = aggTrades([...rows, { at: 61, ids: [14n, 14n] }, { at: 121, ids: [15n, 16n] }], nulls)
      const column = barsFromTrades(table, { by, until }).getChild('trade_count')
      return Array.from(column ?? [], (value) => (value === null ? null : Number(value)))
    }
    expect(counts({})).toEqual([4, 1, 2])
    expect(counts({ first_trade_id: Uint8Array.of(0, 1, 0, 0) })).toEqual([null, 1, 2])
    expect(counts({ last_trade_id: Uint8Array.of(1, 0, 0, 0) })).toEqual([null, 1, 2])
  })

  test.each([undefined, 'spot', 'um', 'option'] as const)('multiplies price and size in market %s', (market) => {
    expect(read(barsFromTrades(aggTrades(rows), { by, until, market }))).toMatchObject([
      { volume: 1.3, quote_volume: 11.21, taker_buy_quote_volume: 1.21 },
    ])
  })

  test('keeps products that are no decimals of eight places as they are', () => {
    const bars = barsFromTrades(aggTrades([{ at: 0, price: 1 / 3, size: 1 / 7 }]), { by, until })
    expect([...floatValues(bars, 'quote_volume')]).toEqual([(1 / 3) * (1 / 7)])
  })

  test('turns contracts into the base asset where the size of a contract is known', () => {
    const table = aggTrades([
      { at: 0, price: 50_000, size: 3, side: 'buy' },
      { at: 1, price: 40_000, size: 2, side: 'sell' },
    ])
    for (const market of [undefined, 'cm'] as const) {
      expect(read(barsFromTrades(table, { by, until, market, contractSize: 100 }))).toMatchObject([
        { volume: 5, quote_volume: 0.011, taker_buy_volume: 3, taker_buy_quote_volume: 0.006 },
      ])
    }
  })

  test('says null rather than a wrong number where the size of a contract is not known', () => {
    const bars = barsFromTrades(aggTrades(rows), { by, until, market: 'cm' })
    expect(nullFlags(bars, 'quote_volume')).toEqual(Uint8Array.of(1))
    expect(nullFlags(bars, 'taker_buy_quote_volume')).toEqual(Uint8Array.of(1))
    expect([...floatValues(bars, 'volume')]).toEqual([1.3])
  })

  test.each([
    { market: 'um', contractSize: 100 },
    { market: 'cm', contractSize: 0 },
    { market: 'cm', contractSize: Number.NaN },
    { contractSize: Number.POSITIVE_INFINITY },
  ] as const)('refuses %o', (options) => {
    expect(() => barsFromTrades(aggTrades(rows), { by, ...options })).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }),
    )
  })
})

interface Row {
  /** Seconds after the start. */
  readonly at: number
  readonly price?: number
  readonly size?: number
  readonly quote?: number
  readonly side?: 'buy' | 'sell'
  readonly ids?: readonly [bigint, bigint]
}

function common(rows: readonly Row[]): Record<'ts_event' | 'ts_available', BigInt64Array> & {
  source: WordColumn
  price: Float64Array
  size: Float64Array
  side: WordColumn
  is_best_match: Uint8Array
} {
  const times = (): BigInt64Array => timesOf(Float64Array.from(rows, ({ at }) => start + Math.round(at * 1e6)))
  return {
    ts_event: times(),
    ts_available: times(),
    source: constantWord('archive', rows.length),
    price: Float64Array.from(rows, ({ price }) => price ?? 1),
    size: Float64Array.from(rows, ({ size }) => size ?? 1),
    side: { codes: Int32Array.from(rows, ({ side }) => (side === 'buy' ? 1 : 0)), words: ['sell', 'buy'] },
    is_best_match: new Uint8Array(rows.length).fill(2),
  }
}

function trades(
  rows: readonly Row[],
  replaced: { ids?: readonly bigint[]; side?: WordColumn } = {},
): LakeTable<'trades'> {
  const { side = common(rows).side, ids = rows.map((_, row) => BigInt(row)) } = replaced
  return makeTable(tableSchema('trades'), {
    ...common(rows),
    side,
    trade_id: BigInt64Array.from(ids),
    quote_size: Float64Array.from(rows, ({ quote }) => quote ?? 1),
  })
}

function aggTrades(rows: readonly Row[], nulls: Readonly<Record<string, Uint8Array>> = {}): LakeTable<'aggTrades'> {
  const none = new Uint8Array(rows.length)
  return makeTable(tableSchema('aggTrades'), {
    ...common(rows),
    agg_trade_id: BigInt64Array.from(rows, (_, row) => BigInt(row)),
    first_trade_id: {
      values: BigInt64Array.from(rows, ({ ids }, row) => ids?.[0] ?? BigInt(row)),
      nulls: nulls['first_trade_id'] ?? none,
    },
    last_trade_id: {
      values: BigInt64Array.from(rows, ({ ids }, row) => ids?.[1] ?? BigInt(row)),
      nulls: nulls['last_trade_id'] ?? none,
    },
  })
}

function read(bars: ResampledBars): Readonly<Record<string, unknown>>[] {
  const { codes, words } = wordValues(bars, 'source')
  const names = bars.schema.names.map(String).filter((name) => name !== 'source')
  return Array.from({ length: bars.numRows }, (_, row) => ({
    source: words[codes[row] ?? -1],
    ...Object.fromEntries(
      names.map((name) => [
        name,
        /^ts_|_time$|_count$/.test(name) ? Number(integerValues(bars, name)[row]) : floatValues(bars, name)[row],
      ]),
    ),
  }))
}
