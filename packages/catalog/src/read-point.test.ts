import { floatValues, integerValues, microsOf, parseInstant, silverSeries, tableSchema, versionKey } from '@lake/core'
import { tableOfRows } from '@lake/core/testing'
import { openLedger, sha256Of } from '@lake/ledger'
import { writeParquet } from '@lake/parquet'
import { describe, expect, test } from 'vitest'
import { openCatalog, readDataset, type ReadPoint } from './index.ts'
import { temporaryLake } from './testing/temporary-lake.ts'

const bars = { exchange: 'binance', market: 'um', dataType: 'klines', symbol: "BTC'USDT", interval: '1h' } as const
const start = parseInstant('2024-01-01')
const HOUR = 3_600_000_000
const [FIRST, SECOND, THIRD] = [parseInstant('2024-02-01'), parseInstant('2024-03-01'), parseInstant('2024-04-01')]

/** Hourly bars whose close is given, each known when it closes. */
function barsOf(closes: readonly number[], from = start) {
  return tableOfRows(
    tableSchema('klines'),
    closes.map((close, hour) => ({
      ...{ ts_event: BigInt(from + hour * HOUR), ts_available: BigInt(from + (hour + 1) * HOUR), source: 'archive' },
      ...{ open: close, high: close, low: close, close, volume: 1, quote_volume: 1, trade_count: 1n },
      ...{ taker_buy_volume: 0, taker_buy_quote_volume: 0, close_time: BigInt(from + (hour + 1) * HOUR - 1000) },
    })),
  )
}

/** A lake in which January was restated twice, and February came at the second time. */
async function restatedLake() {
  const { store } = await temporaryLake()
  const commit = async (
    now: number,
    label: string,
    table: ReturnType<typeof barsOf>,
    input: string,
  ): Promise<string> => {
    const ledger = openLedger(store, { now: () => now })
    const series = silverSeries(bars)
    const { file } = await ledger.commitPartition({
      ...{ series, label, base: await ledger.manifest(series, label), bytes: writeParquet(table) },
      ...{ rows: table.numRows, first: start, last: start, span: { from: start, to: start + 3 * HOUR } },
      ...{ inputs: [{ key: input, sha256: sha256Of(input) }], revision: 1, options: {} },
    })
    return file.sha256
  }
  const first = await commit(FIRST, '2024-01', barsOf([1, 2, 3]), 'a')
  await commit(SECOND, '2024-01', barsOf([1, 2.5, 3]), 'a-restated')
  await commit(SECOND, '2024-02', barsOf([10], parseInstant('2024-02-01')), 'b')
  await commit(THIRD, '2024-01', barsOf([1, 2.75, 3]), 'a-restated-again')
  return { store, first }
}

/** What both ways of reading give: the closes. */
async function closesOf(lake: Awaited<ReturnType<typeof restatedLake>>, point: ReadPoint): Promise<number[]> {
  const closes: number[] = []
  for await (const table of readDataset({ store: lake.store, dataset: bars, ...point, columns: ['close'] })) {
    expect(table.schema.names).toEqual(['close'])
    closes.push(...floatValues(table, 'close'))
  }
  await using catalog = await openCatalog({ store: lake.store, ...point })
  const result = await catalog.query('select close, symbol, month from klines order by ts_event')
  expect(result.objects().map(({ close }) => close)).toEqual(closes)
  expect(new Set(result.objects().map(({ symbol }) => symbol))).toEqual(new Set([bars.symbol]))
  expect(result.objects().at(0)?.['month']).toBe('2024-01')
  return closes
}

describe('a lake as it stood', () => {
  test('has the values of then, restated or not', async () => {
    const lake = await restatedLake()
    expect(await closesOf(lake, { asOf: FIRST })).toEqual([1, 2, 3])
    expect(await closesOf(lake, { asOf: SECOND - 1 })).toEqual([1, 2, 3])
    expect(await closesOf(lake, { asOf: SECOND })).toEqual([1, 2.5, 3, 10])
    expect(await closesOf(lake, { asOf: THIRD })).toEqual([1, 2.75, 3, 10])
    expect(await closesOf(lake, {})).toEqual([1, 2.75, 3, 10])
  })

  test('had nothing before its first commit', async () => {
    const { store } = await restatedLake()
    const all = readDataset({ store, dataset: bars, asOf: FIRST - 1 })
    await expect(all.next()).rejects.toThrow('The lake as it stood at 2024-01-31T23:59:59.999999Z has nothing of')
    await using catalog = await openCatalog({ store, asOf: FIRST - 1 })
    expect((await catalog.query('select * from klines')).objects()).toEqual([])
  })

  test('says which file of then is gone', async () => {
    const { store, first } = await restatedLake()
    await store.delete(versionKey(first))
    const all = readDataset({ store, dataset: bars, asOf: FIRST })
    await expect(all.next()).rejects.toMatchObject({ code: 'CORRUPT_LAKE', details: { key: versionKey(first) } })
    await using catalog = await openCatalog({ store, asOf: FIRST })
    await expect(catalog.query('select * from klines')).rejects.toThrow(versionKey(first))
  })
})

describe('what could be known', () => {
  test('are the rows whose ts_available has come, on another clock than that of the lake', async () => {
    const lake = await restatedLake()
    expect(await closesOf(lake, { knownAt: start + 2 * HOUR })).toEqual([1, 2.75])
    expect(await closesOf(lake, { knownAt: start + 2 * HOUR - 1 })).toEqual([1])
    expect(await closesOf(lake, { knownAt: start + 2 * HOUR, asOf: FIRST })).toEqual([1, 2])
    expect(await closesOf(lake, { knownAt: start + 2 * HOUR, asOf: SECOND })).toEqual([1, 2.5])
  })

  test('keeps all columns and their order when none are chosen', async () => {
    const { store } = await restatedLake()
    for await (const table of readDataset({ store, dataset: bars, knownAt: start + HOUR })) {
      expect(table.schema.names).toEqual(tableSchema('klines').names)
      expect([...microsOf(integerValues(table, 'ts_event'))]).toEqual([start])
    }
  })
})
