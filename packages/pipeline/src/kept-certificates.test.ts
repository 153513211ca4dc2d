import { LakeError, type ObjectStore, parseInstant, readObject } from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { memoryStore } from '@lake/storage'
import { beforeEach, expect, test } from 'vitest'
import { certifyLake, defineLake, type Lake, pruneLake, runPipeline } from './index.ts'
import { contentOf, copySample, csvOf, MINUTES, publish } from './testing/fixtures.ts'
import { restateFile } from './testing/restate-file.ts'

const DATASET = 'binance/spot/klines/BTCUSDT/1m'
const DAYS = ['2020-01-01', '2020-01-02', '2020-01-03']
const dayFile = (day: string): string => `${MINUTES}/BTCUSDT-1m-${day}.zip`

let archive: ObjectStore
let store: ObjectStore

beforeEach(async () => {
  archive = await copySample()
  store = memoryStore()
})

const lakeOn = (lake: ObjectStore): Lake => defineLake({ lake, now: () => parseInstant('2020-02-10') })

async function run(): Promise<void> {
  const { failures } = await runPipeline(lakeOn(store), { source: archive, datasets: [DATASET], gold: [] })
  expect(failures).toEqual([])
}

/** Certifies the month; gives its certificate's key and state, and the keys of all that are kept. */
async function certify({ source }: { readonly source?: ObjectStore } = {}) {
  const { partitions, failures } = await certifyLake(lakeOn(store), source === undefined ? {} : { source })
  expect(failures).toEqual([])
  return { ...partitions[0], kept: await keptKeys() }
}

const keptKeys = async (): Promise<string[]> => Object.keys(await contentOf(store, '_lake/reports/certificates/'))

/** The archive publishes the month that the days make up. */
async function publishMonth(): Promise<void> {
  const texts = await Promise.all(DAYS.map(async (day) => csvOf(await readObject(archive, dayFile(day))).trimEnd()))
  const bytes = await writeZip([{ name: 'BTCUSDT-1m-2020-01.csv', bytes: Buffer.from(texts.join('\n')) }])
  await publish(archive, 'data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01.zip', bytes)
}

const restate = async (price: string): Promise<void> =>
  restateFile(archive, dayFile('2020-01-03'), (csv) => csv.replace(/,734\d\.\d+,162\.22/, `,${price},162.22`))

test('a certificate of the same rows takes the place of the one that knew less', async () => {
  await run()
  const first = await certify()
  await publishMonth()
  const second = await certify({ source: archive })
  expect(second.changed).toHaveLength(1)
  expect(second.certificateKey).not.toBe(first.certificateKey)
  expect(second.kept).toEqual([second.certificateKey])
})

test('that of a version that is kept stays, and goes when the version is pruned', async () => {
  await run()
  const first = await certify()
  await restate('7340.50000000')
  await run()
  const second = await certify()
  expect(second.kept.sort()).toEqual([first.certificateKey, second.certificateKey].sort())
  await publishMonth()
  const third = await certify({ source: archive })
  expect(third.kept.sort()).toEqual([first.certificateKey, third.certificateKey].sort())
  for await (const { key } of pruneLake(lakeOn(store), { keep: 0, dryRun: true })) expect(key).toBe(first.key)
  expect(await keptKeys()).toHaveLength(2)
  for await (const { key } of pruneLake(lakeOn(store), { keep: 0 })) expect(key).toBe(first.key)
  expect(await keptKeys()).toEqual([third.certificateKey])
  expect(await certify()).toMatchObject({ state: 'standing', kept: [third.certificateKey] })
})

test('that of rows that only grew goes: nobody can read those bytes any more', async () => {
  const last = dayFile('2020-01-03')
  const whole = await copySample()
  await archive.delete(last)
  await archive.delete(`${last}.CHECKSUM`)
  await run()
  await certify()
  archive = whole
  await run()
  const grown = await certify()
  expect(grown).toMatchObject({ state: 'made', kept: [grown.certificateKey] })
})

test('a version that is the truth again has its certificate as it was', async () => {
  await run()
  const first = await certify()
  await restate('7340.50000000')
  await run()
  const second = await certify()
  await restate('7344.96000000')
  await run()
  const back = await certify()
  expect(back.certificate?.parts.at(-1)?.inputs).toEqual(first.certificate?.parts.at(-1)?.inputs)
  expect(back.kept).toHaveLength(2)
  expect(back.kept).toContain(second.certificateKey)
})

test('killed before the older one is deleted, the next call deletes it', async () => {
  await run()
  const first = await certify()
  await publishMonth()
  const dying = faultyStore(store, {
    fail: (operation, key) =>
      operation === 'delete' && key === first.certificateKey ? new LakeError('STORE_FAILED', 'gone') : undefined,
  })
  const { failures } = await certifyLake(lakeOn(dying), { source: archive })
  expect(failures).toMatchObject([{ error: { code: 'STORE_FAILED' } }])
  expect(await keptKeys()).toHaveLength(2)
  const next = await certify()
  expect(next).toMatchObject({ state: 'standing', kept: [next.certificateKey] })
})

test('one that was altered is no witness of any version, and goes with the next', async () => {
  await run()
  const first = await certify()
  await store.put(first.certificateKey ?? '', Buffer.from('{}'))
  await publishMonth()
  const second = await certify({ source: archive })
  expect(second.kept).toEqual([second.certificateKey])
  expect(second.changed).toEqual([])
})
