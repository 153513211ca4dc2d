import { inflateRawSync } from 'node:zlib'
import {
  floatValues,
  integerValues,
  type ObjectStore,
  parseDatasetId,
  parseTimeRange,
  partitionKey,
  readObject,
  silverSeries,
  versionKey,
} from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { sha256Of } from '@lake/ledger'
import { readParquet } from '@lake/parquet'
import { memoryStore } from '@lake/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import { defineLake, type Lake, runPipeline } from './index.ts'
import { contentOf, copySample, MINUTES, publish } from './testing/fixtures.ts'

const DATASET = 'binance/spot/klines/BTCUSDT/1m'
const PARTITION = partitionKey(silverSeries(parseDatasetId(DATASET)), '2020-01')
const LAST_DAY = `${MINUTES}/BTCUSDT-1m-2020-01-03.zip`
const DAILY_BARS = 'gold/bars/exchange=binance/market=spot/symbol=BTCUSDT/interval=1d/month=2020-01/2020-01.parquet'

let archive: ObjectStore
let store: ObjectStore
let lake: Lake

beforeEach(async () => {
  archive = await copySample()
  store = memoryStore()
  lake = defineLake({ lake: store })
})

const take = async (...days: [from: string, to: string] | []) => {
  const [from, to] = days
  const range = from === undefined || to === undefined ? undefined : parseTimeRange(from, to)
  const { datasets, failures } = await runPipeline(lake, { source: archive, datasets: [DATASET], range })
  expect(failures).toEqual([])
  return datasets[0]
}

describe('a month that grows', () => {
  test('gains days in any order, and ends in the bytes of one run', async () => {
    expect(await take('2020-01-03', '2020-01-04')).toMatchObject({ rows: 1440, gaps: 0 })
    expect(await take('2020-01-01', '2020-01-02')).toMatchObject({ rows: 2880, gaps: 0 })
    expect(await take('2020-01-01', '2020-01-04')).toMatchObject({ rows: 4320, gaps: 0 })
    const other = memoryStore()
    await runPipeline(defineLake({ lake: other }), { source: archive, datasets: [DATASET] })
    expect(await contentOf(store, 'bronze/', 'silver/', 'gold/')).toEqual(
      await contentOf(other, 'bronze/', 'silver/', 'gold/'),
    )
  })

  test('names the day that is missing in the middle, and what lies around the files', async () => {
    await archive.delete(`${MINUTES}/BTCUSDT-1m-2020-01-02.zip`)
    expect(await take()).toMatchObject({ rows: 2880, gaps: 1, rowsMissing: 1440 })
    expect(await take('2019-12-31', '2020-01-06')).toMatchObject({ gaps: 3, rowsMissing: 3 * 1440 + 1440 })
  })

  test('a file that left the archive stays in the lake', async () => {
    await take()
    await archive.delete(LAST_DAY)
    expect(await take()).toMatchObject({ rows: 4320, partitions: 0 })
  })

  test('loses nothing to a crash between the commit and the inventory', async () => {
    await take()
    await store.delete('_lake/inventory/binance/spot/klines/BTCUSDT/1m.json')
    expect(await take('2020-01-02', '2020-01-03')).toMatchObject({ rows: 4320, partitions: 0, filesTransferred: 0 })
  })
})

describe('a restated file', () => {
  const restate = async () => {
    const csv = await sampleCsv()
    const name = 'BTCUSDT-1m-2020-01-03.csv'
    // The close of the last minute, and so of the day.
    const text = csv.replace('7344.96000000,162.22', '7340.50000000,162.22')
    expect(text).not.toBe(csv)
    await publish(archive, LAST_DAY, await writeZip([{ name, bytes: new TextEncoder().encode(text) }]))
  }
  const sampleCsv = async () => {
    const zip = Buffer.from(await readObject(archive, LAST_DAY))
    const start = 30 + zip.readUInt16LE(26) + zip.readUInt16LE(28)
    return inflateRawSync(zip.subarray(start)).toString()
  }

  test('is laid beside the first, rebuilds what derives from it, and the superseded version stays readable', async () => {
    await take()
    const before = await readObject(store, PARTITION)
    await restate()
    expect(await take()).toMatchObject({ rows: 4320, filesTransferred: 1 })

    const bronze = Object.keys(await contentOf(store, 'bronze/'))
    expect(bronze.filter((key) => key.includes('2020-01-03') && key.endsWith('.zip'))).toHaveLength(2)
    expect(await readObject(store, versionKey(sha256Of(before)))).toEqual(before)
    const silver = await readParquet(await readObject(store, PARTITION))
    expect(floatValues(silver, 'close').at(-1)).toBe(7340.5)
    const daily = await readParquet(await readObject(store, DAILY_BARS))
    expect(floatValues(daily, 'close').at(-1)).toBe(7340.5)
    expect(await take()).toMatchObject({ partitions: 0, filesTransferred: 0 })
  })
})

describe('gold of a symbol with several series', () => {
  const HOURS = 'data/spot/daily/klines/BTCUSDT/1h'
  const ROW = (hour: number) => {
    const open = 1_577_836_800_000 + hour * 3_600_000
    return `${open},1.00,2.00,0.50,1.50,10.00,${open + 3_599_999},15.00,5,4.00,6.00,0`
  }

  beforeEach(async () => {
    // Hourly bars of two days, of which the minutes know only the first: with prices that tell them apart.
    for (const [day, from] of [
      ['2020-01-01', 0],
      ['2020-01-05', 96],
    ] as const) {
      const rows = Array.from({ length: 24 }, (_, hour) => ROW(from + hour)).join('\n')
      const name = `BTCUSDT-1h-${day}.csv`
      await publish(
        archive,
        `${HOURS}/BTCUSDT-1h-${day}.zip`,
        await writeZip([{ name, bytes: new TextEncoder().encode(rows) }]),
      )
    }
  })

  test.each([[[DATASET, 'binance/spot/klines/BTCUSDT/1h']], [['binance/spot/klines/BTCUSDT/1h', DATASET]]])(
    'takes the finest where it is whole and loses no bar of the coarser, whichever came first',
    async (datasets) => {
      for (const dataset of datasets) await runPipeline(lake, { source: archive, datasets: [dataset], gold: ['1h'] })
      const key = 'gold/bars/exchange=binance/market=spot/symbol=BTCUSDT/interval=1h/month=2020-01/2020-01.parquet'
      const bars = await readParquet(await readObject(store, key))
      expect(bars.numRows).toBe(96)
      const opens = floatValues(bars, 'open')
      expect([opens[0], opens[72], opens.at(-1)]).toEqual([7195.24, 1, 1])
      const children = integerValues(bars, 'child_count')
      expect([children[0], children[72]]).toEqual([60n, 1n])
    },
  )
})
