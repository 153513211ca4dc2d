import {
  DATA_TYPES,
  floatValues,
  goldSeries,
  integerValues,
  isBarType,
  microsOf,
  parseInstant,
  parseTimeRange,
  type Series,
  silverSeries,
  tableSchema,
  versionKey,
} from '@lake/core'
import { tableOfRows } from '@lake/core/testing'
import { openLedger, pruneVersions, sha256Of } from '@lake/ledger'
import { writeParquet } from '@lake/parquet'
import { describe, expect, test } from 'vitest'
import { openCatalog, readDataset, type ReadPoint } from './index.ts'
import { sampleTable, temporaryLake } from './testing/temporary-lake.ts'

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
  const { store } = await temporaryLake("a lake's [folder] *")
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

describe('a version of then that was pruned', () => {
  const prune = async (lake: Awaited<ReturnType<typeof restatedLake>>): Promise<void> => {
    for await (const _ of pruneVersions(lake.store, { keep: 1, now: THIRD })) continue
  }

  test('is told with the moment from which the lake can be read', async () => {
    const lake = await restatedLake()
    await prune(lake)
    const all = readDataset({ store: lake.store, dataset: bars, asOf: FIRST })
    const error = {
      code: 'NOT_FOUND',
      message: expect.stringMatching(/was pruned at .* read as of 2024-03-01T/) as string,
    }
    await expect(all.next()).rejects.toMatchObject(error)
    await using catalog = await openCatalog({ store: lake.store, asOf: FIRST })
    await expect(catalog.query('select * from klines')).rejects.toMatchObject(error)
    await expect(catalog.query('select * from klines')).rejects.toMatchObject(error)
    expect(await closesOf(lake, { asOf: SECOND })).toEqual([1, 2.5, 3, 10])
  })

  test('leaves what it is not part of', async () => {
    const lake = await restatedLake()
    await prune(lake)
    await using catalog = await openCatalog({ store: lake.store, asOf: FIRST })
    expect((await catalog.query('select count(*) as n from trades')).objects()).toEqual([{ n: 0 }])
    const range = parseTimeRange('2024-02-01', '2024-03-01')
    expect((await readDataset({ store: lake.store, dataset: bars, range, asOf: FIRST }).next()).done).toBe(true)
    const never = readDataset({ store: lake.store, dataset: bars, range, asOf: FIRST - 1 })
    await expect(never.next()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

test('rows that were added since are left out, of partitions that have grown alike and otherwise', async () => {
  const { store } = await temporaryLake('[grown]')
  const closes = { ADAUSDT: [1, 2, 3], BTCUSDT: [10, 20, 30], ETHUSDT: [100, 200, 300] }
  // Where each has a row that came with the second commit.
  const young = { ADAUSDT: 2, BTCUSDT: 2, ETHUSDT: 0 }
  for (const now of [FIRST, SECOND]) {
    const ledger = openLedger(store, { now: () => now })
    for (const [symbol, all] of Object.entries(closes)) {
      const added = Object.entries(young).find(([name]) => name === symbol)?.[1] ?? 0
      const rows = barsOf(all).slice(...(now === SECOND ? [0] : added === 0 ? [1] : [0, added]))
      const series = silverSeries({ ...bars, symbol })
      await ledger.commitPartition({
        ...{ series, label: '2024-01', base: await ledger.manifest(series, '2024-01'), bytes: writeParquet(rows) },
        ...{ rows: rows.numRows, first: start, last: start, span: { from: start, to: start + 3 * HOUR } },
        ...{ inputs: [{ key: `${now}`, sha256: sha256Of(`${now}`) }], revision: 1, options: {}, restates: false },
        added: now === SECOND ? [{ from: start + added * HOUR, to: start + added * HOUR + 1 }] : [],
      })
    }
  }
  const moments: readonly (readonly [number, Readonly<Record<string, readonly number[]>>])[] = [
    [FIRST, { ADAUSDT: [1, 2], BTCUSDT: [10, 20], ETHUSDT: [200, 300] }],
    [SECOND, closes],
  ]
  for (const [asOf, expected] of moments) {
    await using catalog = await openCatalog({ store, asOf })
    const sql = 'select symbol, list(close order by ts_event) as closes from klines group by symbol order by symbol'
    const found = (await catalog.query(sql)).objects()
    expect(found).toEqual(Object.entries(expected).map(([symbol, all]) => ({ symbol, closes: all })))
    for (const [symbol, all] of Object.entries(expected)) {
      const { value } = await readDataset({ store, dataset: { ...bars, symbol }, asOf }).next()
      expect(value === undefined ? undefined : [...floatValues(value, 'close')]).toEqual(all)
    }
  }
})

describe('every table', () => {
  const id = { exchange: 'binance', market: 'um', symbol: '币安人生USDT' } as const
  const allSeries: readonly Series[] = [
    ...DATA_TYPES.map((dataType) =>
      silverSeries({ ...id, dataType, ...(isBarType(dataType) ? { interval: '1h' } : {}) }),
    ),
    ...(['bars', 'funding'] as const).map((table) => goldSeries(table, { ...id, dataType: 'klines' }, '1d')),
  ]
  const MINUTE = HOUR / 60

  test('is read as it stood and as it could be known, also where both are asked', async () => {
    const { store } = await temporaryLake()
    for (const [now, rows] of [
      [FIRST, 2],
      [SECOND, 4],
    ] as const) {
      const ledger = openLedger(store, { now: () => now })
      for (const series of allSeries) {
        const dataType = DATA_TYPES.find((one) => silverSeries({ ...id, dataType: one }).table === series.table)
        const name = series.table === 'bars' || series.table === 'funding' ? series.table : (dataType ?? 'klines')
        await ledger.commitPartition({
          ...{ series, label: '2024-01', base: await ledger.manifest(series, '2024-01') },
          ...{ bytes: writeParquet(sampleTable(name, start, rows)), rows, first: start, last: start },
          ...{ span: { from: start, to: start + HOUR }, revision: 1, options: {}, restates: true },
          inputs: [{ key: `${rows}`, sha256: sha256Of(`${rows}`) }],
        })
      }
    }
    const [known, before] = [start + 2 * MINUTE, start + MINUTE - 1]
    const points: readonly (readonly [ReadPoint, number])[] = [
      [{}, 4],
      [{ asOf: FIRST - 1 }, 0],
      [{ asOf: FIRST }, 2],
      [{ asOf: SECOND }, 4],
      [{ knownAt: known }, 2],
      [{ knownAt: before }, 0],
      [{ asOf: FIRST, knownAt: start + MINUTE }, 1],
      [{ asOf: SECOND, knownAt: start + 3 * MINUTE }, 3],
    ]
    for (const [point, rows] of points) {
      await using catalog = await openCatalog({ store, ...point })
      const tables = await catalog.tables()
      expect(tables).toHaveLength(allSeries.length)
      for (const { name, files } of tables) {
        const sql = `select count(*) as n from ${name} where symbol = '${id.symbol}' and month = '2024-01'`
        expect([name, ...(await catalog.query(sql)).objects()]).toEqual([name, { n: rows }])
        expect([name, files]).toEqual([name, point.asOf === FIRST - 1 ? 0 : 1])
      }
    }
  }, 30_000)
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
