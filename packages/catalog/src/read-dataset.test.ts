import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type DatasetId,
  floatValues,
  integerValues,
  type ObjectStore,
  parseInstant,
  parseTimeRange,
  silverSeries,
} from '@lake/core'
import { countingStore } from '@lake/core/testing'
import { openStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import { readDataset } from './index.ts'
import { putPartition, sampleTable, temporaryLake } from './testing/temporary-lake.ts'

const bars = {
  exchange: 'binance',
  market: 'spot',
  dataType: 'klines',
  symbol: '币安人生USDT',
  interval: '1m',
} as const
const trades = { exchange: 'binance', market: 'um', dataType: 'trades', symbol: 'BTCUSDT' } as const

describe('readDataset', () => {
  test('gives the rows of the range in the order of time, clipped to it', async () => {
    const store = await lakeOf(bars, ['2024-03', '2024-01', '2024-02'])
    const range = parseTimeRange('2024-01-01T00:05:00Z', '2024-03-01T00:03:00Z')
    const times: number[] = []
    for await (const table of readDataset({ store, dataset: bars, range })) {
      times.push(...Array.from(integerValues(table, 'ts_event'), Number))
    }
    const minute = (start: string, index: number): number => parseInstant(start) + index * 60_000_000
    expect(times).toEqual([
      ...[5, 6, 7, 8, 9].map((index) => minute('2024-01-01', index)),
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((index) => minute('2024-02-01', index)),
      ...[0, 1, 2].map((index) => minute('2024-03-01', index)),
    ])
  })

  test('gives all rows without a range, also from a lake that is no folder', async () => {
    const store = await lakeOf(trades, ['2024-01-02', '2024-01-01'], openStore('memory:'))
    const tables = await collect(readDataset({ store, dataset: trades }))
    expect(tables.map((table) => Number(integerValues(table, 'ts_event')[0]))).toEqual([
      parseInstant('2024-01-01'),
      parseInstant('2024-01-02'),
    ])
  })

  test('does not open the partitions outside the range', async () => {
    const { store, folder } = await temporaryLake()
    await lakeOf(trades, ['2024-01-01', '2024-01-02', '2024-01-03'], store)
    for (const day of ['2024-01-01', '2024-01-03']) {
      await writeFile(join(folder, `${prefix}month=2024-01/${day}.parquet`), 'damaged')
    }
    const counting = countingStore(store)
    const range = parseTimeRange('2024-01-02', '2024-01-03')
    const tables = await collect(readDataset({ store: counting.store, dataset: trades, range, columns: ['price'] }))
    expect(tables.map((table) => table.numRows)).toEqual([10])
    expect(counting.counts.get.requests).toBeLessThanOrEqual(3)
  })

  test('gives the columns that are asked for, in the order of the data type', async () => {
    const store = await lakeOf(trades, ['2024-01-01'])
    const [table] = await collect(readDataset({ store, dataset: trades, columns: ['size', 'price'] }))
    expect(table?.schema.names).toEqual(['price', 'size'])
    expect(floatValues(table ?? expect.fail(), 'price')).toHaveLength(10)
  })

  test('does not mix datasets whose names begin alike', async () => {
    const store = await lakeOf(trades, ['2024-01-01'])
    await lakeOf({ ...trades, symbol: 'BTCUSDT_240329' }, ['2024-01-01'], store)
    expect(await collect(readDataset({ store, dataset: trades }))).toHaveLength(1)
  })

  test('gives no table for a partition without rows in the range', async () => {
    const store = await lakeOf(trades, ['2024-01-01'])
    const range = parseTimeRange('2024-01-01T12:00:00Z', '2024-01-01T13:00:00Z')
    expect(await collect(readDataset({ store, dataset: trades, range }))).toEqual([])
  })

  test('says when the lake has nothing of the dataset', async () => {
    const { store } = await temporaryLake()
    await expect(readDataset({ store, dataset: trades }).next()).rejects.toMatchObject({
      code: 'NOT_FOUND',
      details: { dataset: 'binance/um/trades/BTCUSDT' },
    })
  })

  test('names the file that cannot be read', async () => {
    const { store, folder } = await temporaryLake()
    await lakeOf(trades, ['2024-01-01'], store)
    const key = `${prefix}month=2024-01/2024-01-01.parquet`
    await writeFile(join(folder, key), (await readFile(join(folder, key))).subarray(0, 500))
    await expect(readDataset({ store, dataset: trades }).next()).rejects.toMatchObject({
      code: 'CORRUPT_LAKE',
      details: { file: key },
    })
  })

  test('fails with CONFLICT rather than mix two versions of a file', async () => {
    const store = await lakeOf(trades, ['2024-01-01'])
    const replaced: ObjectStore = {
      ...store,
      async *list(options) {
        for await (const info of store.list(options)) yield { ...info, etag: 'another' }
      },
    }
    await expect(readDataset({ store: replaced, dataset: trades }).next()).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  test('stops with the reason of the signal', async () => {
    const store = await lakeOf(trades, ['2024-01-01', '2024-01-02'])
    const controller = new AbortController()
    const reading = readDataset({ store, dataset: trades, signal: controller.signal })
    await reading.next()
    controller.abort(new Error('enough'))
    await expect(reading.next()).rejects.toThrow('enough')
  })
})

const prefix = 'silver/trades/exchange=binance/market=um/symbol=BTCUSDT/'

/** Ten rows at the start of each period. */
async function lakeOf(dataset: DatasetId, labels: readonly string[], given?: ObjectStore): Promise<ObjectStore> {
  const store = given ?? (await temporaryLake()).store
  for (const label of labels) {
    const from = parseInstant(label.length === 7 ? `${label}-01` : label)
    await putPartition(store, silverSeries(dataset), label, sampleTable(dataset.dataType, from, 10))
  }
  return store
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
