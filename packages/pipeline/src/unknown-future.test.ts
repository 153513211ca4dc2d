import { type LakeTable, parseInstant, readObject, rowsKnownAt, tableSchema } from '@lake/core'
import { type Row, rowsOfTable, type RowValue, tableOfRows } from '@lake/core/testing'
import * as enrich from '@lake/enrich'
import { addVwap } from '@lake/enrich'
import * as merge from '@lake/merge'
import { mergeBatches, mergeTables } from '@lake/merge'
import { readParquet } from '@lake/parquet'
import * as quality from '@lake/quality'
import { type InstrumentEpoch, universe } from '@lake/quality'
import * as resample from '@lake/resample'
import { barsFromTrades, openBarResampler, resampleBars, resampleFunding } from '@lake/resample'
import { memoryStore } from '@lake/storage'
import type { Schema, Table, TypeMap } from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { combineBars } from './combine-bars.ts'
import { defineLake, runPipeline } from './index.ts'

/*
 * Whatever comes after a moment, what could be known at that moment is the same, value by value. The future of a moment
 * is every input row whose `ts_available` is after it: here it gets other values, moves, or is not there.
 */

const START = parseInstant('2024-01-31T12:00:00Z')
const [SECOND, MINUTE, HOUR] = [1_000_000, 60_000_000, 3_600_000_000]
const COUNT = 150
const ALWAYS = Number.MAX_SAFE_INTEGER

/** What becomes of the rows that are not known yet. */
interface Future {
  readonly factor: number
  /** All of them come later by so much. */
  readonly delay: number
  /** One of so many rows stays; 0 leaves none. */
  readonly keptOf: number
}

const futures: fc.Arbitrary<Future> = fc.record({
  factor: fc.constantFrom(1, 0, 0.5, 1e6),
  delay: fc.constantFrom(0, 1, 30 * SECOND, 5 * HOUR),
  keptOf: fc.constantFrom(0, 1, 1, 2, 3),
})

/** Moments at which rows become known, a microsecond around them, and any others. */
const momentsOf = (rows: readonly Row[]): fc.Arbitrary<number> => {
  const known = rows.map((row) => Number(row['ts_available']))
  const around = fc.tuple(fc.constantFrom(...known), fc.constantFrom(-1, 0, 1)).map(([at, by]) => at + by)
  return fc.oneof(around, fc.integer({ min: START, max: known.at(-1) ?? START }))
}

const TIMES = new Set(['ts_event', 'ts_available', 'close_time'])

function otherwise(row: Row, { factor, delay }: Future): Row {
  const changed = Object.entries(row).map(([name, value]): [string, RowValue | undefined] => {
    if (TIMES.has(name)) return [name, BigInt(value ?? 0) + BigInt(delay)]
    if (typeof value === 'number') return [name, value * factor + 1]
    if (name === 'side') return [name, value === 'buy' ? 'sell' : 'buy']
    if (name === 'source') return [name, 'filled']
    return [name, name === 'trade_count' ? 7n : value]
  })
  return Object.fromEntries(changed)
}

/** Computes a feature of the rows as they are, and with another future, and expects to see the same of the moment. */
async function expectSameWhateverComes<T extends TypeMap>(
  schema: Schema<T>,
  rows: readonly Row[],
  feature: (table: Table<T>, until: number | undefined) => Table | Promise<Table>,
): Promise<void> {
  let seen = 0
  const seenAt = async (given: readonly Row[], at: number, until?: number): Promise<Record<string, RowValue>[]> =>
    rowsOfTable(rowsKnownAt(await feature(tableOfRows(schema, given), until), at))
  await fc.assert(
    fc.asyncProperty(momentsOf(rows), futures, async (at, future) => {
      const isKnown = (row: Row): boolean => Number(row['ts_available']) <= at
      const other = rows.flatMap((row, index) => {
        if (isKnown(row)) return [row]
        return future.keptOf > 0 && index % future.keptOf === 0 ? [otherwise(row, future)] : []
      })
      // Without its last rows a table says nothing of where it ends: then the caller does.
      const until = other.length === rows.length ? undefined : ALWAYS
      const expected = await seenAt(rows, at, until)
      expect(await seenAt(other, at, until)).toEqual(expected)
      seen += expected.length
    }),
    // Of the last moment there is something to see, whatever the others are.
    { numRuns: 15, examples: [[Number(rows.at(-1)?.['ts_available']), { factor: 0, delay: 0, keptOf: 0 }]] },
  )
  expect(seen).toBeGreaterThan(0)
}

const times = (at: number, known = at): Row => ({
  ts_event: BigInt(at),
  ts_available: BigInt(known),
  source: 'archive',
})
const price = (index: number): number => 40_000 + ((index * 7919) % 1000) / 10

/** Minutes, of which some are absent and some have no trades. */
const MINUTES: readonly Row[] = Array.from({ length: COUNT }, (_, index): Row => {
  const [at, volume] = [START + index * MINUTE, index % 11 === 0 ? 0 : 1 + (index % 13) / 10]
  return {
    ...times(at, at + MINUTE),
    ...{ open: price(index), high: price(index) + 5, low: price(index) - 5, close: price(index + 1) },
    ...{ volume, quote_volume: volume * price(index), trade_count: volume === 0 ? 0n : BigInt(index % 9) + 1n },
    ...{ taker_buy_volume: volume / 2, taker_buy_quote_volume: (volume * price(index)) / 2 },
    close_time: BigInt(at + MINUTE - 1000),
  }
}).filter((_, index) => index % 17 !== 3 && (index < 100 || index > 110))

const trade = (index: number): Row => ({
  ...times(START + index * 41 * SECOND),
  ...{ price: price(index), size: 1 + (index % 5), side: index % 3 === 0 ? 'buy' : 'sell' },
})
const TRADES = Array.from({ length: COUNT }, (_, index): Row => ({ ...trade(index), trade_id: BigInt(index) }))
const AGGREGATED = Array.from({ length: COUNT }, (_, index): Row => {
  const id = BigInt(index)
  return { ...trade(index), agg_trade_id: id, first_trade_id: 2n * id, last_trade_id: 2n * id + 1n }
})
const FUNDING = Array.from({ length: 60 }, (_, index): Row => ({
  ...times(START + index * 8 * HOUR + (index % 2)),
  ...{ funding_rate: ((index % 7) - 3) / 10_000, funding_interval_hours: 8n },
}))

describe('what comes later changes nothing that was known', () => {
  test.each(['1m', '5m', '1h'] as const)('in bars of %s resampled from minutes, with their VWAP', async (to) => {
    await expectSameWhateverComes(tableSchema('klines'), MINUTES, (table, until) =>
      addVwap(resampleBars(table, { from: '1m', to, until })),
    )
  })

  test('in bars of an hour that were summed up from those of five minutes', async () => {
    await expectSameWhateverComes(tableSchema('klines'), MINUTES, (table, until) => {
      const resampled = openBarResampler(table, { from: '1m' })
      resampled({ to: '5m', until })
      return addVwap(resampled({ to: '1h', until }))
    })
  })

  test('in bars that were resampled twice', async () => {
    await expectSameWhateverComes(tableSchema('klines'), MINUTES, (table, until) =>
      addVwap(resampleBars(resampleBars(table, { from: '1m', to: '5m', until }), { from: '5m', to: '1h', until })),
    )
  })

  test.each(['1m', '1h'] as const)('in bars of %s made of trades, single and aggregated', async (time) => {
    await expectSameWhateverComes(tableSchema('trades'), TRADES, (table, until) =>
      addVwap(barsFromTrades(table, { by: { time }, market: 'um', until })),
    )
    const contract = { market: 'cm', contractSize: 100 } as const
    await expectSameWhateverComes(tableSchema('aggTrades'), AGGREGATED, (table, until) =>
      addVwap(barsFromTrades(table, { by: { time }, ...contract, until }), contract),
    )
  })

  test.each(['8h', '1d', '1w'] as const)('in funding of %s', async (to) => {
    await expectSameWhateverComes(tableSchema('fundingRate'), FUNDING, (table, until) =>
      resampleFunding(table, { to, until }),
    )
  })

  /** Two sources of the same rows, neither of them whole, which differ in some: told apart by place, so that what is known stays. */
  const sourcesOf = (rows: readonly Row[], column: string): readonly [readonly Row[], readonly Row[]] => [
    rows.filter((_, index) => index % 4 !== 0),
    rows
      .filter((_, index) => index % 3 !== 0)
      .map((row) => ({ ...row, source: 'rest', [column]: Number(row[column]) + 1 })),
  ]

  test.each(['archive-first', 'rest-first', 'newest'] as const)('in rows that were merged %s', async (policy) => {
    const merged = (table: LakeTable<'klines'>): LakeTable<'klines'> => {
      const [archive, rest] = sourcesOf(rowsOfTable(table), 'close').map((rows) =>
        tableOfRows(tableSchema('klines'), rows),
      )
      return mergeTables({
        dataType: 'klines',
        interval: '1m',
        policy,
        inputs: [
          { table: archive ?? table, name: 'a', source: 'archive', receivedAt: 1 },
          { table: rest ?? table, name: 'b', source: 'rest', receivedAt: 2 },
        ],
      }).table
    }
    await expectSameWhateverComes(tableSchema('klines'), MINUTES, merged)
  })

  test('in trades that were merged batch by batch', async () => {
    await expectSameWhateverComes(tableSchema('trades'), TRADES, async (table) => {
      const batchesOf = (rows: readonly Row[]): LakeTable<'trades'>[] =>
        [rows.slice(0, 40), rows.slice(40)].map((some) => tableOfRows(tableSchema('trades'), some))
      const [archive, rest] = sourcesOf(rowsOfTable(table), 'price').map((rows) => batchesOf(rows))
      const batches: LakeTable<'trades'>[] = [table.slice(0, 0)]
      for await (const batch of mergeBatches({
        dataType: 'trades',
        inputs: [
          { batches: archive ?? [], name: 'a', source: 'archive' },
          { batches: rest ?? [], name: 'b', source: 'rest' },
        ],
      }))
        batches.push(batch)
      const [first = table, ...others] = batches
      return first.concat(...others)
    })
  })

  test('in bars of several series that were combined', async () => {
    await expectSameWhateverComes(tableSchema('klines'), MINUTES, (table, until) => {
      const half = table.slice(0, Math.min(70, table.numRows))
      const coarse = resampleBars(table, { from: '1m', to: '5m', until })
      const bars = combineBars(
        { bars: resampleBars(half, { from: '1m', to: '30m', until }), childMicros: MINUTE },
        { bars: resampleBars(coarse, { from: '5m', to: '30m', until }), childMicros: MINUTE },
      )
      return addVwap(bars)
    })
  })

  test('in the universe', () => {
    const epoch = fc.record({
      symbol: fc.constantFrom('ADA', 'BTC', 'LUNA'),
      from: fc.integer({ min: 0, max: 20 }),
      lasts: fc.option(fc.integer({ min: 1, max: 20 })),
      knownAfter: fc.integer({ min: 0, max: 5 }),
    })
    const listed = (epochs: readonly InstrumentEpoch[], at: number): unknown =>
      universe(epochs, at).map(({ symbol, from }) => ({ symbol, from }))
    const property = fc.property(fc.array(epoch), fc.integer({ min: 0, max: 25 }), futures, (all, at, { keptOf }) => {
      const epochs = all.map(({ symbol, from, lasts, knownAfter }): InstrumentEpoch => {
        const known = { symbol, from, knownFrom: from + knownAfter }
        return lasts === null ? known : { ...known, to: from + lasts }
      })
      const other = epochs.flatMap((one): InstrumentEpoch[] => {
        const { from, to = ALWAYS, knownFrom = from } = one
        if (knownFrom > at) return keptOf === 0 ? [] : [{ symbol: 'NEW', from, knownFrom }]
        // That it ends later, or never, is not known yet either.
        return [to > at ? { ...one, to: at + 1 + keptOf } : one]
      })
      expect(listed(other, at)).toEqual(listed(epochs, at))
    })
    fc.assert(property)
  })

  test('in the gold of a lake', async () => {
    const id = 'kraken/spot/klines/XBTUSD/1h'
    const lineOf = (index: number, by: number): string =>
      [(START + index * HOUR) / SECOND, price(index), price(index) + 9 + by, price(index) - 9, price(index) + by]
        .concat(1 + by, 3)
        .join(',')
    const goldOf = async (lines: readonly string[], at: number): Promise<unknown[]> => {
      const [source, store] = [memoryStore(), memoryStore()]
      await source.put('XBTUSD_60.csv', new TextEncoder().encode(`${lines.join('\n')}\n`))
      const report = await runPipeline(defineLake({ lake: store }), { source, datasets: [id], gold: ['4h', '1d'] })
      expect(report.failures).toEqual([])
      const rows: unknown[] = []
      for await (const { key } of store.list({ prefix: 'gold/bars/' }))
        rows.push(...rowsOfTable(rowsKnownAt(await readParquet(await readObject(store, key)), at)))
      return rows
    }
    const at = START + 36 * HOUR
    const linesOf = (count: number, by: (index: number) => number = () => 0): string[] =>
      Array.from({ length: count }, (_, index) => lineOf(index, by(index)))
    const full = await goldOf(linesOf(72), at)
    expect(full.length).toBeGreaterThan(2)
    expect(
      await goldOf(
        linesOf(72, (index) => (index < 36 ? 0 : 500)),
        at,
      ),
    ).toEqual(full)
    expect(await goldOf(linesOf(36), at)).toEqual(full)
  })
})

/** Functions that make rows or values of rows: each is shown above. */
const DERIVING: readonly unknown[] = [
  ...[resample.barsFromTrades, resample.openBarResampler, resample.resampleBars, resample.resampleFunding],
  // Plain arrays, row by row: `addVwap` is this over a table.
  ...[enrich.addVwap, enrich.vwap],
  ...[merge.mergeTables, merge.mergeBatches],
  ...[quality.rowsKnownAt, quality.universe],
]

/** Functions that say something of rows, and make none: what a lake finds out about its data, not what a backtest reads. */
const JUDGING: readonly unknown[] = [
  ...[quality.checkTable, quality.checkName, quality.contractFor, quality.defineContract, quality.findDefects],
  ...[quality.findGaps, quality.findFundingGaps, quality.findIdGaps, quality.findSilences, quality.explainGaps],
  ...[quality.learnOutages, quality.measureBars, quality.measureCompleteness, quality.tradesAcross],
  ...[quality.diffTables, quality.reconcile, quality.exactSum],
]

test('every function that the stages export is shown above, or judges rows and makes none', () => {
  const stages = { enrich, merge, quality, resample }
  for (const [stage, exported] of Object.entries(stages)) {
    for (const [name, value] of Object.entries(exported)) {
      if (typeof value !== 'function') continue
      expect([stage, name, DERIVING.includes(value) || JUDGING.includes(value)]).toEqual([stage, name, true])
    }
  }
})
