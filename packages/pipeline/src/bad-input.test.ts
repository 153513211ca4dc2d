import { LakeError, type ObjectStore, parseDatasetId, readObject } from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { readFailedMonths } from '@lake/ledger'
import { fileStore, memoryStore } from '@lake/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import { defineLake, type RunReport, runPipeline } from './index.ts'
import { contentOf, copySample, MINUTES, publish, SAMPLE } from './testing/fixtures.ts'

const DAY = '2020-01-02'
const KEY = `${MINUTES}/BTCUSDT-1m-${DAY}.zip`
const CSV = `BTCUSDT-1m-${DAY}.csv`
const DATASET = 'binance/spot/klines/BTCUSDT/1m'
const ROW =
  '1577923200000,7200.77000000,7200.99000000,7193.11000000,7194.87000000,13.10971500,1577923259999,94358.51821512,220,3.37405500,24284.26957108,0'

let archive: ObjectStore
let store: ObjectStore
let before: Record<string, string>

beforeEach(async () => {
  archive = await copySample()
  // The bad day is the only one that is new: the others of its month are in refused-files.test.ts.
  for (const end of ['', '.CHECKSUM']) await archive.delete(`${MINUTES}/BTCUSDT-1m-2020-01-03.zip${end}`)
  store = memoryStore()
  // A lake that holds something already: the first day.
  const first = await copySample(`${MINUTES}/BTCUSDT-1m-2020-01-01`)
  await runPipeline(defineLake({ lake: store }), { source: first, datasets: [DATASET] })
  before = await contentOf(store, '')
})

const take = async (dataset = DATASET, lake: ObjectStore = store): Promise<RunReport> =>
  runPipeline(defineLake({ lake }), { source: archive, datasets: [dataset] })

const zipOf = (...lines: string[]): Promise<Uint8Array> =>
  writeZip([{ name: CSV, bytes: new TextEncoder().encode(lines.join('\n')) }])

/** What the lake holds, but for the notes on what failed, which explain its gaps. */
async function contentWithoutNotes(): Promise<Record<string, string>> {
  const content = Object.entries(await contentOf(store, ''))
  return Object.fromEntries(content.filter(([key]) => !key.startsWith('_lake/failures/')))
}

async function expectRefused(code: string, ...message: string[]): Promise<void> {
  const report = await take()
  expect(report.failures).toHaveLength(1)
  const error = report.failures[0]?.error
  expect(error).toMatchObject({ code })
  for (const part of message) expect(error?.message).toContain(part)
  expect(await contentWithoutNotes()).toEqual(before)
  expect(await readFailedMonths(store, parseDatasetId(DATASET))).toMatchObject([{ month: '2020-01', code }])
}

describe('a bad file is named, and the lake is as it was', () => {
  test('wrong checksum', async () => {
    await archive.put(`${KEY}.CHECKSUM`, new TextEncoder().encode(`${'0'.repeat(64)}  BTCUSDT-1m-${DAY}.zip\n`))
    await expectRefused('CHECKSUM_MISMATCH', `BTCUSDT-1m-${DAY}.zip`, '0'.repeat(64))
  })

  test('truncated zip', async () => {
    const bytes = await readObject(archive, KEY)
    await publish(archive, KEY, bytes.subarray(0, bytes.length - 1000))
    await expectRefused('BAD_ARCHIVE', `BTCUSDT-1m-${DAY}.zip`)
  })

  test('a zip with two members', async () => {
    const bytes = new TextEncoder().encode(ROW)
    await publish(
      archive,
      KEY,
      await writeZip([
        { name: CSV, bytes },
        { name: 'more.csv', bytes },
      ]),
    )
    await expectRefused('BAD_ARCHIVE', `BTCUSDT-1m-${DAY}.zip holds 2 members`)
  })

  test('a member that climbs out of its folder', async () => {
    await publish(archive, KEY, await writeZip([{ name: `../${CSV}`, bytes: new TextEncoder().encode(ROW) }]))
    await expectRefused('BAD_ARCHIVE', `BTCUSDT-1m-${DAY}.zip`, `../${CSV}`)
  })

  test('a missing column', async () => {
    await publish(archive, KEY, await zipOf(ROW, ROW.slice(0, ROW.lastIndexOf(','))))
    await expectRefused('BAD_ROW', `${CSV} line 2`)
  })

  test('a letter in a price', async () => {
    await publish(archive, KEY, await zipOf(ROW, ROW.replace('7194.87', '7l94.87')))
    await expectRefused('BAD_ROW', `${CSV} line 2`, 'close', '7l94.87')
  })

  test("a time out of the file's day", async () => {
    await publish(archive, KEY, await zipOf(ROW, ROW.replace('1577923200000', '1577836800000')))
    await expectRefused('BAD_ROW', `${CSV} line 2`, 'open_time', '1577836800000')
  })

  test('an empty file', async () => {
    await publish(archive, KEY, new Uint8Array())
    await expectRefused('BAD_ARCHIVE', `BTCUSDT-1m-${DAY}.zip`)
  })

  test('an empty csv', async () => {
    await publish(archive, KEY, await zipOf(''))
    await expectRefused('BAD_FORMAT', CSV)
  })

  test('a file renamed to another symbol', async () => {
    const renamed = KEY.replaceAll('BTCUSDT', 'ETHUSDT')
    await publish(archive, renamed, await readObject(archive, KEY))
    const { failures } = await take('binance/spot/klines/ETHUSDT/1m')
    expect(failures[0]?.error).toMatchObject({ code: 'WRONG_FILE' })
    expect(failures[0]?.error.message).toContain(`ETHUSDT-1m-${DAY}.csv`)
    expect(failures[0]?.error.message).toContain(CSV)
    expect(await contentWithoutNotes()).toEqual(before)
  })

  test('a checksum file renamed to another symbol', async () => {
    const renamed = KEY.replaceAll('BTCUSDT', 'ETHUSDT')
    await archive.put(renamed, await readObject(archive, KEY))
    await archive.put(`${renamed}.CHECKSUM`, await readObject(archive, `${KEY}.CHECKSUM`))
    const { failures } = await take('binance/spot/klines/ETHUSDT/1m')
    expect(failures[0]?.error).toMatchObject({ code: 'WRONG_FILE' })
    expect(await contentWithoutNotes()).toEqual(before)
  })
})

describe('a store that fails', () => {
  test.each(['.zip', '.parquet', '.json'])('a disk that is full when a %s is written', async (extension) => {
    const full = new LakeError('NO_SPACE', 'The disk is full. Nothing was changed.')
    const lake = faultyStore(store, {
      fail: (operation, key) => (operation === 'put' && key.endsWith(extension) ? full : undefined),
    })
    const { failures } = await take(DATASET, lake)
    expect(failures[0]?.error).toMatchObject({ code: 'NO_SPACE' })
    expect(await contentWithoutNotes()).toEqual(before)
    expect((await take()).failures).toEqual([])
    const whole = memoryStore()
    await take(DATASET, whole)
    expect(await contentOf(store, 'bronze/', 'silver/', 'gold/')).toEqual(
      await contentOf(whole, 'bronze/', 'silver/', 'gold/'),
    )
  })

  test('a place that cannot be written', async () => {
    const lake = fileStore({ root: '/sys/lake' })
    const { failures } = await take(DATASET, lake)
    // The kernel's own folder refuses even root.
    expect(failures[0]?.error).toMatchObject({ code: 'NO_PERMISSION' })
    expect(failures[0]?.error.message).toContain('/sys/lake')
  })

  test('a source that breaks off again and again keeps what has arrived', async () => {
    const broken = faultyStore(archive, {
      fail: (operation, key) =>
        operation === 'get' && key === KEY ? new LakeError('UNAVAILABLE', 'no answer') : undefined,
    })
    const report = await runPipeline(defineLake({ lake: store }), { source: broken, datasets: [DATASET] })
    expect(report.failures[0]?.error.code).toBe('UNAVAILABLE')
    const held = Object.keys(await contentOf(store, 'bronze/'))
    expect(held.some((key) => key.includes('2020-01-01'))).toBe(true)
    expect(held.some((key) => key.endsWith(`${DAY}.zip`))).toBe(false)
  }, 30_000)
})

describe('a request that cannot be', () => {
  test.each([
    [{ datasets: [] }, 'names no dataset'],
    [{ datasets: ['binance/spot'] }, 'is not a dataset'],
    [{ datasets: ['nowhere/spot/trades/BTCUSDT'] }, "no exchange 'nowhere'"],
    [{ datasets: ['binance/spot/klines/NOSUCHCOIN/1m'] }, 'has no files of binance/spot/klines/NOSUCHCOIN/1m'],
  ])('%j is refused', async (request, why) => {
    const run = async () => {
      const { failures } = await runPipeline(defineLake({ lake: store }), { source: SAMPLE, ...request })
      throw failures[0]?.error ?? new Error('it was accepted')
    }
    await expect(run()).rejects.toThrow(why)
    expect(await contentWithoutNotes()).toEqual(before)
  })
})
