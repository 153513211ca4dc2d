import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  floatValues,
  formatInstant,
  integerValues,
  LakeError,
  nullFlags,
  type ObjectStore,
  parseInstant,
  readObject,
} from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { generateKlineArchive, writeZip } from '@lake/ingest-s5cmd/testing'
import { openLedger } from '@lake/ledger'
import { readParquet } from '@lake/parquet'
import { memoryStore } from '@lake/storage'
import type { Table } from 'apache-arrow'
import { beforeEach, describe, expect, test } from 'vitest'
import { defineLake, type Lake, runPipeline } from './index.ts'
import { contentOf, publish } from './testing/fixtures.ts'

let archive: ObjectStore
let store: ObjectStore
let lake: Lake

beforeEach(() => {
  archive = memoryStore()
  store = memoryStore()
  lake = defineLake({ lake: store })
})

const zip = async (key: string, lines: readonly string[]): Promise<void> => {
  const name = `${key.slice(key.lastIndexOf('/') + 1, -'.zip'.length)}.csv`
  await publish(archive, key, await writeZip([{ name, bytes: new TextEncoder().encode(`${lines.join('\n')}\n`) }]))
}

const read = async (key: string): Promise<Table> => readParquet(await readObject(store, key))

const TRADES = 'data/futures/um/monthly/trades/ABCUSDT/ABCUSDT-trades-2024-01.zip'
const HEADER = 'id,price,qty,quote_qty,time,is_buyer_maker'
const trade = (id: number, time: string, price: number): string =>
  `${id},${price},2,${2 * price},${parseInstant(time) / 1000},${id % 2 === 0 ? 'true' : 'false'}`
const partitionOf = (day: string): string =>
  `silver/trades/exchange=binance/market=um/symbol=ABCUSDT/month=2024-01/${day}.parquet`

describe('trades', () => {
  const dataset = 'binance/um/trades/ABCUSDT'
  // Days interleaved, a row twice, two ids missing.
  const rows = [
    trade(7, '2024-01-03T00:00:10Z', 12),
    trade(1, '2024-01-01T00:00:10Z', 10),
    trade(8, '2024-01-03T00:00:20Z', 13),
    trade(2, '2024-01-01T00:00:20Z', 11),
    trade(2, '2024-01-01T00:00:20Z', 11),
    trade(5, '2024-01-01T00:06:00Z', 9),
  ]

  test('of a month that is larger than memory come out the same', async () => {
    const days = Array.from({ length: 31 }, (_, day) => `2024-01-${String(day + 1).padStart(2, '0')}`)
    // Every day again and again: more pieces than are cut without sorting, and more than a bound of one byte holds.
    const many = Array.from({ length: 9 }, (_, hour) =>
      days.map((day, index) => trade(index * 100 + hour, `${day}T0${hour}:00:00Z`, 10 + hour)),
    ).flat()
    await zip(TRADES, [HEADER, ...many, ...many.slice(0, 3)])
    const folder = await mkdtemp(join(tmpdir(), 'lake-scratch-'))
    const small = defineLake({ lake: memoryStore(), scratch: { folder, memoryBytes: 1 } })
    const run = { source: archive, datasets: [dataset], gold: [] }
    const spilled = await runPipeline(small, run)
    const held = await runPipeline(lake, run)
    expect(spilled.datasets).toEqual(held.datasets)
    expect(held.datasets[0]).toMatchObject({ rows: 279, counts: { duplicate_rows: 3 } })
    expect(await contentOf(small.store, 'silver/')).toEqual(await contentOf(store, 'silver/'))
    expect(await readdir(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })

  test('of a month in one file, in any order, become days', async () => {
    await zip(TRADES, [HEADER, ...rows])
    const { datasets, failures } = await runPipeline(lake, { source: archive, datasets: [dataset], gold: ['5m', '1d'] })
    expect(failures).toEqual([])
    expect(datasets[0]).toMatchObject({ rows: 5, gaps: null, counts: { duplicate_rows: 1, missing_ids: 2 } })
    expect(datasets[0]?.first).toBe('2024-01-01T00:00:10Z')

    const first = await read(partitionOf('2024-01-01'))
    expect([...integerValues(first, 'trade_id')]).toEqual([1n, 2n, 5n])
    // Days of the month without a trade are known to be empty.
    expect((await read(partitionOf('2024-01-02'))).numRows).toBe(0)
    expect((await read(partitionOf('2024-01-31'))).numRows).toBe(0)

    const bars = await read(
      'gold/bars/exchange=binance/market=um/symbol=ABCUSDT/interval=5m/month=2024-01/2024-01.parquet',
    )
    expect([...integerValues(bars, 'ts_event')].map(Number).map(formatInstant)).toEqual([
      '2024-01-01T00:00:00Z',
      '2024-01-01T00:05:00Z',
      '2024-01-03T00:00:00Z',
    ])
    expect([...floatValues(bars, 'vwap')]).toEqual([10.5, 9, 12.5])
    expect([...floatValues(bars, 'taker_buy_volume')]).toEqual([2, 2, 2])

    const again = await runPipeline(lake, { source: archive, datasets: [dataset], gold: ['5m', '1d'] })
    expect(again.datasets[0]).toMatchObject({ partitions: 0, rows: 5 })
  })

  test('of a day that was restated by the month count once, and a disagreement is counted', async () => {
    const daily = 'data/futures/um/daily/trades/ABCUSDT/ABCUSDT-trades-2024-01-03.zip'
    await zip(daily, [HEADER, trade(7, '2024-01-03T00:00:10Z', 12), trade(8, '2024-01-03T00:00:20Z', 14)])
    await runPipeline(lake, { source: archive, datasets: [dataset] })
    await zip(TRADES, [HEADER, ...rows])
    const { datasets } = await runPipeline(lake, { source: archive, datasets: [dataset] })
    expect(datasets[0]?.counts).toEqual({
      duplicate_rows: 3,
      missing_ids: 2,
      conflicting_price: 1,
      conflicting_quote_size: 1,
    })
    expect((await read(partitionOf('2024-01-03'))).numRows).toBe(2)
  })
})

describe('coin-margined trades', () => {
  test('of a contract whose size nobody knows have no VWAP, rather than a wrong one', async () => {
    const key = 'data/futures/cm/daily/aggTrades/NEWUSD_PERP/NEWUSD_PERP-aggTrades-2024-01-01.zip'
    await zip(key, [`1,2.5,3,1,1,${parseInstant('2024-01-01T00:00:01Z') / 1000},true`])
    const { failures } = await runPipeline(lake, {
      source: archive,
      datasets: ['binance/cm/aggTrades/NEWUSD_PERP'],
      gold: ['1d'],
    })
    expect(failures).toEqual([])
    const bars = await read(
      'gold/bars/exchange=binance/market=cm/symbol=NEWUSD_PERP/interval=1d/month=2024-01/2024-01.parquet',
    )
    expect([...floatValues(bars, 'volume')]).toEqual([3])
    expect(nullFlags(bars, 'vwap')).toEqual(Uint8Array.of(1))
    expect(nullFlags(bars, 'quote_volume')).toEqual(Uint8Array.of(1))
  })
})

describe('bars that reach into the next month', () => {
  const dataset = { exchange: 'binance', market: 'um', dataType: 'klines', symbol: 'ABCUSDT', interval: '1d' } as const
  const weekly = (month: string): string =>
    `gold/bars/exchange=binance/market=um/symbol=ABCUSDT/interval=1w/month=${month}/${month}.parquet`

  test('are made when their last day is there, and belong to the month in which they start', async () => {
    const from = parseInstant('2024-01-01')
    await generateKlineArchive({ target: archive, dataset, from, months: 1, seed: 1 })
    const request = { source: archive, datasets: [dataset], gold: ['1w', '1mo'] as const }
    expect((await runPipeline(lake, request)).datasets[0]?.gold).toEqual({ '1w': 4, '1mo': 1 })

    await generateKlineArchive({ target: archive, dataset, from, months: 2, seed: 1 })
    expect((await runPipeline(lake, request)).datasets[0]?.gold).toEqual({ '1w': 8, '1mo': 2 })
    const january = await read(weekly('2024-01'))
    expect(formatInstant(Number(integerValues(january, 'ts_event').at(-1)))).toBe('2024-01-29T00:00:00Z')
    expect(integerValues(january, 'child_count').at(-1)).toBe(7n)
  })

  test('coarser than what was asked for are left out', async () => {
    await generateKlineArchive({ target: archive, dataset, from: parseInstant('2024-01-01'), months: 1, seed: 1 })
    const { datasets } = await runPipeline(lake, { source: archive, datasets: [dataset], gold: ['5m', '1d'] })
    expect(datasets[0]?.gold).toEqual({ '1d': 31 })
  })
})

describe('gold that cannot be written', () => {
  test('is reported, while silver stands', async () => {
    const dataset = 'binance/um/trades/ABCUSDT'
    await zip(TRADES, [HEADER, trade(1, '2024-01-01T00:00:10Z', 10)])
    const failing = faultyStore(store, {
      fail: (operation, key) =>
        operation === 'put' && key.startsWith('gold/') ? new LakeError('STORE_FAILED', 'The disk broke.') : undefined,
    })
    const { datasets, failures } = await runPipeline(defineLake({ lake: failing }), {
      source: archive,
      datasets: [dataset],
      gold: ['1d'],
    })
    expect(datasets[0]?.rows).toBe(1)
    expect(failures).toMatchObject([{ id: dataset, month: '2024-01', error: { code: 'STORE_FAILED' } }])
  })
})

test('an abort in the middle stops the run with its reason, and leaves no half partition', async () => {
  const dataset = 'binance/um/trades/ABCUSDT'
  await zip(TRADES, [HEADER, trade(1, '2024-01-01T00:00:10Z', 10)])
  const controller = new AbortController()
  const reason = new Error('enough')
  const run = runPipeline(
    lake,
    { source: archive, datasets: [dataset] },
    {
      signal: controller.signal,
      onProgress: ({ stage }) => {
        if (stage === 'bronze') controller.abort(reason)
      },
    },
  )
  await expect(run).rejects.toBe(reason)
  for await (const { files } of openLedger(store).manifests()) {
    for (const file of files) expect((await store.head(file.key))?.etag).toBe(file.etag)
  }
  expect((await runPipeline(lake, { source: archive, datasets: [dataset] })).failures).toEqual([])
})
