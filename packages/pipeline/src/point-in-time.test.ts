import {
  DAY_MICROS,
  type DatasetId,
  integerValues,
  type Interval,
  type LakeTable,
  microsOf,
  parseDatasetId,
  parseInstant,
  readObject,
  rowsKnownAt,
} from '@lake/core'
import { rowsOfTable } from '@lake/core/testing'
import { openManifestReader } from '@lake/ledger'
import { addVwap } from '@lake/enrich'
import { readParquet } from '@lake/parquet'
import { barsFromTrades, resampleBars, resampleFunding } from '@lake/resample'
import { memoryStore } from '@lake/storage'
import type { Table, TypeMap } from 'apache-arrow'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { defineLake, runPipeline } from './index.ts'
import { openSilverReader } from './read-silver.ts'
import { silverFiles } from './silver-files.ts'
import { SAMPLE } from './testing/fixtures.ts'
import { SAMPLE_DATASETS } from './testing/sample-datasets.ts'

/*
 * What is computed from the rows that could be known at a moment must be what the whole lake shows of that moment: a
 * feature that differs has seen the future. Moments are random, on bar boundaries and a microsecond around them.
 */

const HOUR = 3_600_000_000
const lake = defineLake({ lake: memoryStore() })
let klines: LakeTable<'klines'>
let trades: LakeTable<'aggTrades'>
let funding: LakeTable<'fundingRate'>

async function silverOf<D extends 'klines' | 'aggTrades' | 'fundingRate'>(dataType: D, id: string) {
  const files = await silverFiles(openManifestReader(lake.store), parseDatasetId(id))
  return openSilverReader(lake, dataType)({ files, range: { from: 0, to: Number.MAX_SAFE_INTEGER } })
}

beforeAll(async () => {
  const { failures } = await runPipeline(lake, { source: SAMPLE, datasets: SAMPLE_DATASETS })
  expect(failures).toEqual([])
  klines = await silverOf('klines', 'binance/spot/klines/BTCUSDT/1m')
  trades = await silverOf('aggTrades', 'binance/cm/aggTrades/BTCUSD_PERP')
  funding = await silverOf('fundingRate', 'binance/um/fundingRate/BTCUSDT')
}, 60_000)

/** Moments of a range, half of them at a whole step, with a microsecond before and behind. */
const momentIn = (from: number, to: number, step: number) =>
  fc.oneof(
    fc.integer({ min: from, max: to }),
    fc
      .tuple(fc.integer({ min: 0, max: Math.floor((to - from) / step) }), fc.constantFrom(-1, 0, 1))
      .map(([at, around]) => from + at * step + around),
  )

/** Computes a feature of all rows and of those known at a moment, and expects to see the same of that moment. */
function expectNoFuture<T extends TypeMap>(
  rows: Table<T>,
  at: number,
  feature: (known: Table<T>, until: number) => Table,
): void {
  const [first = 0] = microsOf(integerValues(rows, 'ts_event'))
  const full = rowsKnownAt(feature(rows, Number.MAX_SAFE_INTEGER), at)
  const known = feature(rowsKnownAt(rows, at), Math.max(first, at))
  expect(rowsOfTable(rowsKnownAt(known, at))).toEqual(rowsOfTable(full))
  // Nothing that is computed of known rows, cut off at the moment, claims to be known later.
  expect(known.numRows).toBe(full.numRows)
}

describe('no feature sees the future', () => {
  const runs = { numRuns: 40 }
  const intervals: readonly Interval[] = ['5m', '1h', '4h', '1d']

  test.each(intervals)('bars of %s resampled from minutes, with their VWAP', (to) => {
    const start = parseInstant('2020-01-01')
    fc.assert(
      fc.property(momentIn(start, start + 3 * DAY_MICROS, 60_000_000), (at) => {
        expectNoFuture(klines, at, (known, until) =>
          addVwap(resampleBars(known, { from: '1m', to, until }), { market: 'spot' }),
        )
      }),
      runs,
    )
  })

  test.each(['1m', '1h'] as const)('bars of %s built from trades', (time) => {
    const start = parseInstant('2026-05-08')
    const some = trades.slice(0, 20_000)
    fc.assert(
      fc.property(momentIn(start, start + 6 * HOUR, 60_000_000), (at) => {
        expectNoFuture(some, at, (known, until) =>
          barsFromTrades(known, { by: { time }, market: 'cm', contractSize: 100, until }),
        )
      }),
      { numRuns: 15 },
    )
  })

  test.each(['1d', '1w'] as const)('funding of %s', (to) => {
    const start = parseInstant('2026-04-01')
    fc.assert(
      fc.property(momentIn(start, start + 30 * DAY_MICROS, HOUR), (at) => {
        expectNoFuture(funding, at, (known, until) => resampleFunding(known, { to, until }))
      }),
      runs,
    )
  })

  test.each([
    ['bars', 'binance/spot/klines/BTCUSDT/1m', ['5m', '1h', '1d']],
    ['bars', 'binance/cm/aggTrades/BTCUSD_PERP', ['5m', '1h', '1d']],
    ['funding', 'binance/um/fundingRate/BTCUSDT', ['1d']],
  ] as const)('gold %s of %s say of each bar that it is known when its last row is', async (table, id, of) => {
    const { exchange, market, symbol, dataType }: DatasetId = parseDatasetId(id)
    const rows = { klines, aggTrades: trades, fundingRate: funding }
    const silver =
      dataType === 'klines' || dataType === 'aggTrades' || dataType === 'fundingRate' ? rows[dataType] : klines
    const [events, available] = ['ts_event', 'ts_available'].map((name) => microsOf(integerValues(silver, name)))
    for (const interval of of) {
      const place = `exchange=${exchange}/market=${market}/symbol=${symbol}/interval=${interval}`
      for await (const { key } of lake.store.list({ prefix: `gold/${table}/${place}/` })) {
        const bars = await readParquet(await readObject(lake.store, key))
        const opens = microsOf(integerValues(bars, 'ts_event'))
        for (const [bar, known] of microsOf(integerValues(bars, 'ts_available')).entries()) {
          const [from, to] = [opens[bar] ?? 0, opens[bar + 1] ?? Number.POSITIVE_INFINITY]
          expect(known).toBeGreaterThan(from)
          const late = events?.findIndex(
            (event, row) => event >= from && event < Math.min(to, known) && (available?.[row] ?? 0) > known,
          )
          expect(late).toBe(-1)
        }
      }
    }
  })
})
