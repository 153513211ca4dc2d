import { type ObjectStore, parseDatasetId, parseInstant, parseTimeRange, readObject } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { memoryStore } from '@lake/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import { certifyLake, defineLake, discoverSource, heldPassedOver, type Lake, runPipeline } from './index.ts'
import { copySample, csvOf, MINUTES, publish } from './testing/fixtures.ts'
import { restateFile } from './testing/restate-file.ts'

/* Days of real minutes, whose monthly file comes later, and one of which is published anew after that. */

const DATASET = 'binance/spot/klines/BTCUSDT/1m'
const DAYS = ['2020-01-01', '2020-01-02', '2020-01-03']
const dayFile = (day: string): string => `${MINUTES}/BTCUSDT-1m-${day}.zip`
const MONTH = 'data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01.zip'
const SECOND = { key: dayFile('2020-01-02'), day: '2020-01-02' }

let archive: ObjectStore
let store: ObjectStore
let now: number

beforeEach(async () => {
  archive = await copySample()
  store = memoryStore()
  now = parseInstant('2020-02-05')
})

const lake = (): Lake => defineLake({ lake: store, now: () => (now += 1_000_000) })

async function publishMonth(): Promise<void> {
  const days = await Promise.all(DAYS.map(async (day) => csvOf(await readObject(archive, dayFile(day)))))
  await publish(archive, MONTH, await writeZip([{ name: 'BTCUSDT-1m-2020-01.csv', bytes: Buffer.from(days.join('')) }]))
}

const correct = async (): Promise<void> =>
  restateFile(archive, SECOND.key, (csv) => csv.replace(/^(\d+),[^,]+/, '$1,1.00000000'))

async function run() {
  const range = parseTimeRange('2020-01-01', '2020-01-04')
  const { datasets, failures } = await runPipeline(lake(), { source: archive, datasets: [DATASET], range, gold: [] })
  expect(failures).toEqual([])
  return datasets[0]
}

const discover = async (): Promise<unknown> => discoverSource(lake(), { source: archive, exchange: 'binance' })

describe('a file of a day that is published anew while the file of its month stands', () => {
  test('is told when the lake was made of it before', async () => {
    await run()
    await publishMonth()
    const whole = parseTimeRange('2020-01-01', '2020-02-01')
    const request = { source: archive, datasets: [DATASET], range: whole, gold: [] }
    expect((await runPipeline(lake(), request)).datasets[0]?.passedOver).toEqual([])
    await correct()
    const { datasets } = await runPipeline(lake(), request)
    expect(datasets[0]).toMatchObject({ partitions: 0, passedOver: [SECOND] })
  })

  test('is told when earlier looks at the source have seen it as it was', async () => {
    await publishMonth()
    await discover()
    const request = { source: archive, datasets: [DATASET], gold: [] }
    expect((await runPipeline(lake(), request)).datasets[0]?.passedOver).toEqual([])
    expect(await heldPassedOver(lake(), parseDatasetId(DATASET))).toEqual([])
    await correct()
    expect((await runPipeline(lake(), request)).datasets[0]?.passedOver).toEqual([SECOND])
    await discover()
    expect(await heldPassedOver(lake(), parseDatasetId(DATASET))).toEqual([SECOND])
    expect((await runPipeline(lake(), request)).datasets[0]?.passedOver).toEqual([SECOND])
  })

  test('is in the certificate, which names the row that differs', async () => {
    await publishMonth()
    await discover()
    const request = { source: archive, datasets: [DATASET], gold: [] }
    await runPipeline(lake(), request)
    await correct()
    const { partitions, failures } = await certifyLake(lake(), { source: archive, datasets: [DATASET] })
    expect(failures).toEqual([])
    const { certificate } = partitions[0] ?? {}
    expect(certificate?.verdict).toBe('differs')
    const pair = certificate?.comparisons.find(({ left, right }) => [left, right].sort().join() === 'daily,monthly')
    expect(pair).toMatchObject({ agrees: false, differing: 1, differingColumns: { open: 1 } })
    // Compared, it is no news any more.
    expect((await runPipeline(lake(), request)).datasets[0]?.passedOver).toEqual([])
  })

  test('of which nobody knows what it was before is not told', async () => {
    await publishMonth()
    await correct()
    const { datasets } = await runPipeline(lake(), { source: archive, datasets: [DATASET], gold: [] })
    expect(datasets[0]?.passedOver).toEqual([])
  })
})
