import { integerValues, microsOf, type ObjectStore, parseInstant, parseTimeRange, readObject } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { readParquet } from '@lake/parquet'
import { memoryStore } from '@lake/storage'
import { beforeEach, expect, test } from 'vitest'
import { defineLake, listGaps, runPipeline } from './index.ts'
import { contentOf, copySample, csvOf, MINUTES, publish } from './testing/fixtures.ts'

/* A monthly file of real minutes that lacks a day and an hour, beside the files of its days. */

const DATASET = 'binance/spot/klines/BTCUSDT/1m'
const DAYS = ['2020-01-01', '2020-01-02', '2020-01-03']
const dayFile = (day: string): string => `${MINUTES}/BTCUSDT-1m-${day}.zip`
const SILVER = 'silver/klines/exchange=binance/market=spot/symbol=BTCUSDT/interval=1m/month=2020-01/2020-01.parquet'
const HALT = { from: parseInstant('2020-01-03T10:00:00Z'), to: parseInstant('2020-01-03T11:00:00Z') }

let archive: ObjectStore
let store: ObjectStore

beforeEach(async () => {
  archive = await copySample()
  store = memoryStore()
  const lines: string[] = []
  for (const day of DAYS)
    lines.push(
      ...csvOf(await readObject(archive, dayFile(day)))
        .trimEnd()
        .split('\n'),
    )
  const isMissing = (time: number): boolean =>
    (time >= parseInstant('2020-01-02') && time < parseInstant('2020-01-03')) || (time >= HALT.from && time < HALT.to)
  await publishLines(
    'data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01.zip',
    lines.filter((line) => !isMissing(Number.parseInt(line) * 1000)),
  )
})

async function publishLines(key: string, lines: readonly string[]): Promise<void> {
  const name = key.slice(key.lastIndexOf('/') + 1).replace('.zip', '.csv')
  await publish(archive, key, await writeZip([{ name, bytes: Buffer.from(lines.join('\n')) }]))
}

async function run() {
  const range = parseTimeRange('2020-01-01', '2020-02-01')
  const { datasets, failures } = await runPipeline(defineLake({ lake: store }), {
    ...{ source: archive, datasets: [DATASET], range, gold: ['1h'] },
  })
  return { ...datasets[0], failures }
}

async function gaps(): Promise<unknown> {
  for await (const found of listGaps(defineLake({ lake: store }), {
    datasets: [DATASET],
    range: parseTimeRange('2020-01-01', '2020-01-04'),
  })) {
    return found.gaps?.map(({ from, to }) => ({ from, to }))
  }
  return undefined
}

test('what a monthly file lacks is taken from the files of the days, and only of those', async () => {
  expect(await run()).toMatchObject({ rows: 4320, failures: [], filesTransferred: 3, gold: { '1h': 72 } })
  const times = microsOf(integerValues(await readParquet(await readObject(store, SILVER)), 'ts_event'))
  expect(times.filter((time) => time >= HALT.from && time < HALT.to)).toHaveLength(60)
  const bronze = Object.keys(await contentOf(store, 'bronze/')).filter((key) => key.endsWith('.zip'))
  expect(bronze.map((key) => key.slice(key.lastIndexOf('-1m-') + 4, -4))).toEqual([
    '2020-01-02',
    '2020-01-03',
    '2020-01',
  ])
})

test('nothing is taken or made the second time, and a hole that both have stays one', async () => {
  const lines = csvOf(await readObject(archive, dayFile('2020-01-03')))
    .trimEnd()
    .split('\n')
  const kept = lines.filter(
    (line) => Number.parseInt(line) * 1000 < HALT.from || Number.parseInt(line) * 1000 >= HALT.to,
  )
  await publishLines(dayFile('2020-01-03'), kept)
  expect(await run()).toMatchObject({ rows: 4260, failures: [] })
  expect(await gaps()).toEqual([HALT])
  const content = await contentOf(store, '')
  expect(await run()).toMatchObject({ rows: 4260, partitions: 0, filesTransferred: 0, failures: [] })
  expect(await contentOf(store, '')).toEqual(content)
})

test('a file of a day that is broken is told, and the other days fill what they can', async () => {
  await publish(archive, dayFile('2020-01-02'), Buffer.from('no zip'))
  const failure = { month: '2020-01', file: dayFile('2020-01-02'), error: { code: 'BAD_ARCHIVE' } }
  expect(await run()).toMatchObject({ rows: 2880, failures: [failure] })
  const bronze = Object.keys(await contentOf(store, 'bronze/')).filter((key) => key.endsWith('.zip'))
  expect(bronze.map((key) => key.slice(-14, -4))).toEqual(['2020-01-03', '1m-2020-01'])
})
