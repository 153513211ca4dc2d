import { inflateRawSync } from 'node:zlib'
import { LakeError, type ObjectStore, parseDatasetId, parseTimeRange, readObject } from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { parseCollectionRequest } from '@lake/ingest-s5cmd'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { readRebuildMarks, type RebuildMark } from '@lake/ledger'
import { memoryStore } from '@lake/storage'
import { beforeEach, expect, test } from 'vitest'
import { defineLake, discoverSource, type Lake, runPipeline, syncSource } from './index.ts'
import { copySample, MINUTES, publish } from './testing/fixtures.ts'

const DATASET = 'binance/spot/klines/BTCUSDT/1m'
const LAST_DAY = `${MINUTES}/BTCUSDT-1m-2020-01-03.zip`
const SILVER = 'silver/klines/exchange=binance/market=spot/symbol=BTCUSDT/interval=1m/month=2020-01/2020-01.parquet'

let archive: ObjectStore
let store: ObjectStore
let lake: Lake

beforeEach(async () => {
  archive = await copySample()
  store = memoryStore()
  lake = defineLake({ lake: store })
  await run()
  await discover()
})

test('a discovery marks what rests on a replaced file, once, and a run over it takes the mark away', async () => {
  await restate()
  const { restatements } = await discover()
  expect(restatements).toHaveLength(1)
  const [mark] = await marks()
  expect(mark).toMatchObject({ sourceKey: LAST_DAY, label: '2020-01-03' })
  expect(mark?.partitions).toContain(SILVER)
  expect(mark?.partitions.filter((key) => key.startsWith('gold/'))).toHaveLength(3)
  await discover()
  expect(await marks()).toEqual([mark])

  await run({ range: parseTimeRange('2020-01-01', '2020-01-02') })
  expect(await marks()).toEqual([mark])
  await run({ gold: [] })
  const [left] = await marks()
  expect(left?.partitions).not.toContain(SILVER)
  expect(left?.partitions).toEqual(mark?.partitions.filter((key) => key.startsWith('gold/')))
  await run()
  expect(await marks()).toEqual([])
})

test('a scan that is killed before it has marked tells the change again', async () => {
  await restate()
  const failing = faultyStore(store, {
    fail: (operation, key) =>
      operation === 'put' && key.startsWith('_lake/rebuild/') ? new LakeError('STORE_FAILED', 'killed') : undefined,
  })
  await expect(discover(defineLake({ lake: failing }))).rejects.toThrow('killed')
  expect(await marks()).toEqual([])
  expect((await discover()).restatements).toHaveLength(1)
  expect(await marks()).toHaveLength(1)
})

test('a sync that takes a newer version marks too, also one that finds it there', async () => {
  await restate()
  const failing = faultyStore(store, {
    fail: (operation, key) =>
      operation === 'put' && key.startsWith('_lake/rebuild/') ? new LakeError('STORE_FAILED', 'killed') : undefined,
  })
  await expect(sync(defineLake({ lake: failing }))).rejects.toThrow('killed')
  expect(await sync()).toMatchObject({ restated: 1, bytesMoved: 0 })
  const [mark] = await marks()
  expect(mark).toMatchObject({ sourceKey: LAST_DAY })
  expect(mark?.sha256).toMatch(/^[0-9a-f]{64}$/)
  await run()
  expect(await marks()).toEqual([])
  expect(await sync()).toMatchObject({ restated: 1, bytesMoved: 0 })
  expect(await marks()).toEqual([])
})

test('a file that nothing was made of leaves no mark', async () => {
  const other = defineLake({ lake: memoryStore() })
  await discover(other)
  await restate()
  expect((await discover(other)).restatements).toMatchObject([{ partitions: [] }])
  expect(await readRebuildMarks(other.store, parseDatasetId(DATASET))).toEqual([])
})

async function marks(): Promise<readonly RebuildMark[]> {
  return readRebuildMarks(store, parseDatasetId(DATASET))
}

async function run(more: Partial<Parameters<typeof runPipeline>[1]> = {}): Promise<void> {
  const { failures } = await runPipeline(lake, { source: archive, datasets: [DATASET], ...more })
  expect(failures).toEqual([])
}

async function discover(into: Lake = lake) {
  return discoverSource(into, { source: archive, exchange: 'binance' })
}

async function sync(into: Lake = lake) {
  const collection = parseCollectionRequest({ exchange: 'binance' })
  return syncSource(into, { source: archive, collection, datasets: [DATASET] })
}

/** The venue replaces the last day: the same rows but for the last price. */
async function restate(): Promise<void> {
  const zip = await readObject(archive, LAST_DAY)
  const csv = textOf(zip)
  const text = csv.replace('7344.96000000,162.22', '7340.50000000,162.22')
  expect(text).not.toBe(csv)
  await publish(archive, LAST_DAY, await writeZip([{ name: 'BTCUSDT-1m-2020-01-03.csv', bytes: Buffer.from(text) }]))
}

function textOf(zip: Uint8Array): string {
  const view = Buffer.from(zip)
  const start = 30 + view.readUInt16LE(26) + view.readUInt16LE(28)
  return inflateRawSync(view.subarray(start)).toString()
}
