import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import {
  DAY_MICROS,
  floatValues,
  integerValues,
  LakeError,
  microsOf,
  type ObjectStore,
  parseDatasetId,
  parseInstant,
  parseTimeRange,
  readObject,
} from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { rowsFromArchive, startVenue, type Venue } from '@lake/ingest-ccxt/testing'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { readParquet } from '@lake/parquet'
import { fileStore, memoryStore } from '@lake/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeCertificate } from './certificate-file.ts'
import { certifyLake, type CertifyRequest, defineLake, type Lake, runPipeline } from './index.ts'
import { contentOf, copySample, MINUTES, publish, SAMPLE } from './testing/fixtures.ts'
import { putRecording } from './testing/put-recording.ts'
import { restateFile } from './testing/restate-file.ts'

const DATASET = 'binance/spot/klines/BTCUSDT/1m'
const DAYS = ['2020-01-01', '2020-01-02', '2020-01-03']
const dayFile = (day: string): string => `${MINUTES}/BTCUSDT-1m-${day}.zip`
const MONTH_FILE = 'data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01.zip'
const start = parseInstant('2020-01-01')

async function textOf(store: ObjectStore, key: string): Promise<string> {
  const zip = Buffer.from(await readObject(store, key))
  return inflateRawSync(zip.subarray(30 + zip.readUInt16LE(26) + zip.readUInt16LE(28))).toString()
}

async function publishText(store: ObjectStore, key: string, text: string): Promise<void> {
  const name = key.slice(key.lastIndexOf('/') + 1).replace(/\.zip$/, '.csv')
  await publish(store, key, await writeZip([{ name, bytes: Buffer.from(text) }]))
}

/** The days and the month that they make up. */
async function archiveOfBoth(edit = (month: string): string => month): Promise<ObjectStore> {
  const archive = await copySample()
  const texts = await Promise.all(DAYS.map((day) => textOf(archive, dayFile(day))))
  await publishText(archive, MONTH_FILE, edit(texts.map((text) => text.trimEnd()).join('\n')))
  return archive
}

const lakeOf = (store: ObjectStore = memoryStore()): Lake =>
  defineLake({ lake: store, now: () => parseInstant('2020-02-10') })

async function run(lake: Lake, source: ObjectStore, datasets = [DATASET]): Promise<void> {
  const { failures } = await runPipeline(lake, { source, datasets, gold: [] })
  expect(failures).toEqual([])
}

async function certify(lake: Lake, request: CertifyRequest = {}) {
  const report = await certifyLake(lake, request)
  expect(report.failures).toEqual([])
  return report
}

describe('the certificate of a month', () => {
  test('compares it with its days, which are taken for that and make no silver', async () => {
    const archive = await archiveOfBoth()
    const lake = lakeOf()
    await run(lake, archive)
    expect((await certify(lake)).partitions).toMatchObject([
      { state: 'made', certificate: { verdict: 'uncompared', parts: [{ name: 'monthly' }, { name: 'partition' }] } },
    ])
    const silver = await contentOf(lake.store, 'silver/')
    const { partitions, filesFetched } = await certify(lake, { source: archive })
    expect(filesFetched).toBe(3)
    const [certified] = partitions
    expect(certified).toMatchObject({ id: DATASET, label: '2020-01', state: 'made' })
    expect(certified?.changed).toEqual(DAYS.map((day) => `bronze/binance/archive/${dayFile(day)}`))
    const { certificate } = certified ?? {}
    expect(certificate).toMatchObject({ verdict: 'agrees', dataset: DATASET })
    expect(certificate?.parts.map(({ name, rows, inputs }) => [name, rows, inputs.length])).toEqual([
      ['monthly', 4320, 1],
      ['daily', 4320, 3],
      ['partition', 4320, 1],
    ])
    expect(certificate?.comparisons).toMatchObject([
      { left: 'monthly', right: 'daily', same: 4320, ranges: [{ from: start, to: start + 3 * DAY_MICROS }] },
      { left: 'monthly', right: 'partition', agrees: true },
      { left: 'daily', right: 'partition', agrees: true },
    ])
    expect(await contentOf(lake.store, 'silver/')).toEqual(silver)
  })

  test('lists every bar in which they differ', async () => {
    const archive = await archiveOfBoth((month) =>
      month
        .split('\n')
        .filter((_, minute) => minute !== 77)
        .join('\n')
        .replace('7344.96000000,162.22', '7340.50000000,162.22'),
    )
    const lake = lakeOf()
    await run(lake, archive)
    const [certified] = (await certify(lake, { source: archive })).partitions
    expect(certified?.certificate.verdict).toBe('differs')
    expect(certified?.certificate.comparisons[0]).toMatchObject({
      ...{ same: 4318, onlyRight: 1, differing: 1, differingColumns: { close: 1 } },
      first: [
        { change: 'added', time: start + 77 * 60_000_000 },
        { change: 'changed', columns: { close: { before: 7340.5, after: 7344.96 } } },
      ],
    })
  })
})

describe('a certificate stands', () => {
  test('as long as its inputs do: nothing is read again, and the same inputs give the same bytes', async () => {
    const archive = await archiveOfBoth()
    const store = memoryStore()
    const lake = lakeOf(store)
    await run(lake, archive)
    await certify(lake, { source: archive })
    const before = await contentOf(lake.store, '_lake/reports/')
    const unread = faultyStore(store, {
      fail: (operation, key) =>
        operation === 'put' || (operation === 'get' && /^(?:bronze|silver)\//.test(key))
          ? new LakeError('STORE_FAILED', `${operation} ${key}`)
          : undefined,
    })
    const { partitions, filesFetched } = await certify(lakeOf(unread), { source: archive })
    expect(filesFetched).toBe(0)
    expect(partitions).toMatchObject([{ state: 'standing', changed: [] }])
    expect((await certify(lake, { recompute: true })).partitions).toMatchObject([{ state: 'standing' }])
    expect(await contentOf(lake.store, '_lake/reports/')).toEqual(before)
    const other = lakeOf()
    await run(other, archive)
    await certify(other, { source: archive })
    expect(Object.entries(before)).toEqual(
      expect.arrayContaining(Object.entries(await contentOf(other.store, '_lake/reports/'))),
    )
  })

  test('until an input is another: that is told, and the older certificate is kept', async () => {
    const archive = await copySample()
    const lake = lakeOf()
    await run(lake, archive)
    await certify(lake)
    await restateFile(archive, dayFile('2020-01-03'), (csv) =>
      csv.replace('7344.96000000,162.22', '7340.50000000,162.22'),
    )
    await run(lake, archive)
    const [certified] = (await certify(lake)).partitions
    expect(certified?.state).toBe('made')
    expect(certified?.changed).toEqual([
      expect.stringMatching(/2020-01-03\.restated-/),
      expect.stringMatching(/^silver\/.*2020-01\.parquet$/),
    ])
    const kept = Object.keys(await contentOf(lake.store, '_lake/reports/certificates/'))
    expect(kept).toHaveLength(2)
    expect(kept).toContain(certified?.certificateKey)
  })

  test('and one that was altered is told and made again', async () => {
    const lake = lakeOf()
    await run(lake, await copySample())
    const [made] = (await certify(lake)).partitions
    const key = made?.certificateKey ?? ''
    const bytes = await readObject(lake.store, key)
    const text = new TextDecoder().decode(bytes)
    for (const altered of ['{', '{}', text.replace('"rows": 4320', '"rows": 4321')]) {
      expect(altered).not.toBe(text)
      await lake.store.put(key, new TextEncoder().encode(altered))
      expect((await certify(lake)).partitions).toMatchObject([{ state: 'altered', certificate: made?.certificate }])
      expect(await readObject(lake.store, key)).toEqual(bytes)
    }
  })

  test('and one that was altered and sealed again is told by who makes it anew', async () => {
    const lake = lakeOf()
    await run(lake, await copySample())
    const [made] = (await certify(lake)).partitions
    if (made === undefined) throw new Error('one partition')
    const forged = encodeCertificate({ ...made.certificate, verdict: 'agrees' })
    await lake.store.put(made.certificateKey, forged)
    expect((await certify(lake)).partitions).toMatchObject([{ state: 'standing', certificate: { verdict: 'agrees' } }])
    expect((await certify(lake, { recompute: true })).partitions).toMatchObject([
      { state: 'altered', certificate: { verdict: 'uncompared' } },
    ])
  })

  test('a partition or a bronze file that is not what it was is not certified', async () => {
    const lake = lakeOf()
    await run(lake, await copySample())
    const [made] = (await certify(lake)).partitions
    const damage = async (key: string): Promise<void> => {
      const bytes = await readObject(lake.store, key)
      await lake.store.put(
        key,
        bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 255 : byte)),
      )
    }
    await damage(made?.key ?? '')
    const codes = async () => (await certifyLake(lake, { recompute: true })).failures.map(({ error }) => error.code)
    expect(await codes()).toEqual(['CORRUPT_LAKE'])
    await damage(made?.certificate.parts[0]?.inputs[0]?.name ?? '')
    expect(await codes()).toEqual(['CHECKSUM_MISMATCH'])
  })
})

describe('the certificate of bars', () => {
  let folder: string
  let venue: Venue

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lake-certify-'))
    const zips = await Promise.all(DAYS.map((day) => readObject(fileStore({ root: SAMPLE }), dayFile(day))))
    venue = await startVenue({
      rows: zips.flatMap((zip) => rowsFromArchive(zip, parseDatasetId(DATASET))),
      now: () => parseInstant('2020-01-04'),
    })
  })

  afterAll(async () => {
    await venue.close()
    await rm(folder, { recursive: true })
  })

  test('compares a day that was healed over REST with the file that the archive publishes later', async () => {
    const archive = await copySample()
    const whole = await copySample()
    await archive.delete(dayFile('2020-01-02'))
    const venues = { urls: { binance: venue.url }, budgetFolder: folder }
    const lake = defineLake({ lake: memoryStore(), venues, now: () => parseInstant('2020-01-04') })
    await runPipeline(lake, { source: archive, datasets: [DATASET], heal: true, gold: [] })
    expect((await certify(lake)).partitions).toMatchObject([{ certificate: { verdict: 'uncompared' } }])
    const [certified] = (await certify(lake, { source: whole })).partitions
    expect(certified?.certificate).toMatchObject({
      verdict: 'agrees',
      comparisons: [
        { left: 'daily', right: 'rest', same: 1440, ranges: [parseTimeRange('2020-01-02', '2020-01-03')] },
        { left: 'daily', right: 'partition', same: 4320 },
        { left: 'rest', right: 'partition', same: 1440 },
      ],
    })
  })

  test('compares coarse bars with the finer ones that make them up, where those are whole', async () => {
    const archive = await copySample()
    const minutes = await textOf(archive, dayFile('2020-01-01'))
    const rows = minutes
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','))
    const hour = (at: number, more: number): string => {
      const of = rows.slice(at * 60, at * 60 + 60).map((row) => row.map(Number))
      const sum = (column: number): string => of.reduce((total, row) => total + (row[column] ?? 0), 0).toFixed(8)
      const most = (column: number, pick: (...values: number[]) => number): number =>
        pick(...of.map((row) => row[column] ?? 0))
      const [first, last] = [of[0] ?? [], of.at(-1) ?? []]
      const prices = [first[1], most(2, Math.max), most(3, Math.min), last[4]]
      return [
        first[0],
        ...prices,
        sum(5),
        last[6],
        sum(7),
        more + most(8, (...counts) => counts.reduce((a, b) => a + b)),
        sum(9),
        sum(10),
        0,
      ].join(',')
    }
    const text = Array.from({ length: 24 }, (_, at) => hour(at, at === 5 ? 1 : 0)).join('\n')
    await publishText(archive, 'data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h-2020-01-01.zip', text)
    const lake = lakeOf()
    await run(lake, archive, [DATASET, 'binance/spot/klines/BTCUSDT/1h'])
    const { partitions } = await certify(lake, { datasets: ['binance/spot/klines/BTCUSDT/1h'] })
    expect(partitions[0]?.certificate).toMatchObject({
      verdict: 'differs',
      comparisons: [
        {
          left: 'daily',
          right: 'finer',
          same: 23,
          differing: 1,
          onlyLeft: 0,
          onlyRight: 0,
          differingColumns: { trade_count: 1 },
        },
        { left: 'daily', right: 'partition', agrees: true },
        { left: 'finer', right: 'partition', agrees: false },
      ],
    })
  })

  test('compares bars with those rebuilt from the trades of their day', async () => {
    const trades = 'binance/cm/aggTrades/BTCUSD_PERP'
    const archive = await copySample('data/futures/cm')
    const lake = lakeOf()
    await runPipeline(lake, { source: archive, datasets: [trades], gold: ['1h'] })
    const key = 'gold/bars/exchange=binance/market=cm/symbol=BTCUSD_PERP/interval=1h/month=2026-05/2026-05.parquet'
    const bars = await readParquet(await readObject(lake.store, key))
    const column = (name: string): Float64Array => floatValues(bars, name)
    const counts = microsOf(integerValues(bars, 'trade_count'))
    const lines = Array.from(microsOf(integerValues(bars, 'ts_event')), (time, row) => {
      const open = time / 1000
      const [prices, volumes] = [
        ['open', 'high', 'low', 'close'].map((name) => column(name)[row]),
        ['taker_buy_volume', 'taker_buy_quote_volume'].map((name) => column(name)[row]),
      ]
      const count = row === 3 ? 1 : counts[row]
      return [
        open,
        ...prices,
        column('volume')[row],
        open + 3_599_999,
        column('quote_volume')[row],
        count,
        ...volumes,
        0,
      ].join(',')
    })
    const bar = 'data/futures/cm/daily/klines/BTCUSD_PERP/1h/BTCUSD_PERP-1h-2026-05-08.zip'
    const header =
      'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'
    await publishText(archive, bar, [header, ...lines].join('\n'))
    const id = 'binance/cm/klines/BTCUSD_PERP/1h'
    await run(lake, archive, [id])
    const { partitions } = await certify(lake, { datasets: [id] })
    expect(partitions[0]?.certificate.comparisons[0]).toMatchObject({
      ...{ left: 'daily', right: 'trades', same: 23, differing: 1, differingColumns: { trade_count: 1 } },
    })
  })

  test('compares the days of a month of trades with the month, day by day', async () => {
    const trades = 'binance/cm/aggTrades/BTCUSD_PERP'
    const archive = await copySample('data/futures/cm')
    const day = 'data/futures/cm/daily/aggTrades/BTCUSD_PERP/BTCUSD_PERP-aggTrades-2026-05-08.zip'
    const month = 'data/futures/cm/monthly/aggTrades/BTCUSD_PERP/BTCUSD_PERP-aggTrades-2026-05.zip'
    await publishText(archive, month, (await textOf(archive, day)).split('\n').slice(0, -3).join('\n'))
    const lake = lakeOf()
    await runPipeline(lake, { source: archive, datasets: [trades], range: parseTimeRange('2026-05-08', '2026-05-09') })
    const { partitions } = await certify(lake, { source: archive, range: parseTimeRange('2026-05-08', '2026-05-09') })
    const ofDay = partitions.find(({ label }) => label === '2026-05-08')
    expect(ofDay?.certificate.comparisons[0]).toMatchObject({
      left: 'monthly',
      right: 'daily',
      differing: 0,
      onlyLeft: 0,
    })
    expect(ofDay?.certificate.comparisons[0]?.onlyRight).toBeGreaterThan(0)
  })
})

describe('the certificate of what was recorded', () => {
  const at = (time: string): number => parseInstant(`2020-01-02T${time}Z`)
  const [live, daily] = ['live', 'daily']

  /** The bars of a day as a venue sent them, two seconds after each ended, while somebody listened. */
  async function record(
    lake: Lake,
    archive: ObjectStore,
    listened: readonly (readonly [from: string, to: string])[],
    edit: (frame: Record<string, unknown>, time: number) => Record<string, unknown> | undefined = (frame) => frame,
  ): Promise<void> {
    const bars = (await textOf(archive, dayFile('2020-01-02'))).trimEnd().split('\n')
    const frames = bars.flatMap((bar) => {
      const [t, o, h, l, c, v, T, q, n, V, Q] = bar.split(',')
      const whole = { t: Number(t), T: Number(T), s: 'BTCUSDT', i: '1m', ...{ o, h, l, c, v, q, V, Q }, x: true }
      const k = edit({ ...whole, n: Number(n) }, Number(t) * 1000)
      const data = { e: 'kline', E: Number(T), s: 'BTCUSDT', k }
      const frame = { stream: 'btcusdt@kline_1m', data }
      return k === undefined ? [] : [[Number(T) * 1000 + 2_000_000, frame] as const]
    })
    const covered = listened.map(([from, to]) => ({ from: at(from), to: at(to) }))
    const dataset = parseDatasetId(DATASET)
    await putRecording(lake.store, { dataset, channel: 'binance-ws-spot-klines', covered, frames })
  }

  const liveWith = ({ partitions }: Awaited<ReturnType<typeof certify>>, other: string) =>
    partitions[0]?.certificate.comparisons.find(
      ({ left, right }) => [left, right].includes(live) && [left, right].includes(other),
    )

  test('compares its bars with those of the archive while somebody listened, and misses none besides', async () => {
    const archive = await copySample()
    const lake = lakeOf()
    await run(lake, archive)
    const before = await certify(lake)
    await record(lake, archive, [
      ['10:00:30', '10:30:30'],
      ['10:40:00', '11:00:00'],
    ])
    const after = await certify(lake)
    expect(after.partitions[0]?.certificateKey).not.toBe(before.partitions[0]?.certificateKey)
    expect(after.partitions[0]?.changed).toEqual([expect.stringMatching(/binance-ws-spot-klines.*\.frames\.gz$/)])
    expect(after.partitions[0]?.certificate.verdict).toBe('agrees')
    expect(after.partitions[0]?.certificate.parts.map(({ name, rows, inputs }) => [name, rows, inputs.length])).toEqual(
      [
        ['daily', 4320, 3],
        ['live', 50, 1],
        ['partition', 4320, 1],
      ],
    )
    const compared = {
      ...{ agrees: true, onlyLeft: 0, onlyRight: 0, differing: 0, same: 49 },
      // A bar is known to be there when it ended well within what was covered.
      ranges: [
        { from: at('09:59:35'), to: at('10:29:25') },
        { from: at('10:39:05'), to: at('10:58:55') },
      ],
    }
    expect(liveWith(after, daily)).toMatchObject(compared)
    expect(liveWith(after, 'partition')).toMatchObject(compared)
    expect((await certify(lake)).partitions).toMatchObject([{ state: 'standing' }])
  })

  test('tells what differs, what is only in the archive and what is only live', async () => {
    const archive = await copySample()
    const whole = await copySample()
    await restateFile(archive, dayFile('2020-01-02'), (csv) =>
      csv
        .split('\n')
        .filter((line) => !line.startsWith(String(at('10:20:00') / 1000)))
        .join('\n'),
    )
    const lake = lakeOf()
    await run(lake, archive)
    await record(lake, whole, [['10:00:00', '11:00:00']], (frame, time) => {
      if (time === at('10:05:00')) return undefined
      return time === at('10:10:00') ? { ...frame, v: '0.5' } : frame
    })
    const report = await certify(lake)
    expect(report.partitions[0]?.certificate.verdict).toBe('differs')
    expect(liveWith(report, daily)).toMatchObject({
      ...{ left: daily, right: live, onlyLeft: 1, onlyRight: 1, differing: 1, differingColumns: { volume: 1 } },
      first: [
        { change: 'removed', time: at('10:05:00') },
        { change: 'changed', time: at('10:10:00') },
        { change: 'added', time: at('10:20:00') },
      ],
    })
  })

  test('says nothing of a stretch so short that no bar is sure to be in it', async () => {
    const archive = await copySample()
    const lake = lakeOf()
    await run(lake, archive)
    await record(lake, archive, [['10:00:00', '10:00:08']])
    const report = await certify(lake)
    expect(report.partitions[0]?.certificate.parts.map(({ name, rows }) => [name, rows])).toContainEqual(['live', 1])
    expect(liveWith(report, daily)).toBeUndefined()
    expect(report.partitions[0]?.certificate.verdict).toBe('uncompared')
  })
})

test('a lake of exact decimals is certified and restated as any other', async () => {
  const archive = await archiveOfBoth()
  const store = memoryStore()
  const lake = defineLake({ lake: store, decimals: 'exact', now: () => parseInstant('2020-02-10') })
  await run(lake, archive)
  expect((await certify(lake, { source: archive })).partitions).toMatchObject([{ certificate: { verdict: 'agrees' } }])
  await restateFile(archive, MONTH_FILE, (csv) => csv.replace('7344.96000000,162.22', '7340.50000000,162.22'))
  const { datasets } = await runPipeline(lake, { source: archive, datasets: [DATASET], gold: [] })
  expect(datasets[0]?.restated).toMatchObject([{ diff: { changed: 1, changedColumns: { close: 1 } } }])
  const [certified] = (await certify(lake)).partitions
  expect(certified?.certificate).toMatchObject({
    verdict: 'differs',
    comparisons: [{ differingColumns: { close: 1 } }, {}, {}],
  })
})

test('what cannot be certified is said', async () => {
  const lake = lakeOf()
  const { failures } = await certifyLake(lake, { datasets: [DATASET], source: memoryStore() })
  expect(failures).toMatchObject([{ id: DATASET, error: { code: 'NOT_FOUND' } }])
  await run(lake, await copySample())
  const report = await certifyLake(lake, { datasets: [DATASET], source: memoryStore() })
  expect(report.failures).toMatchObject([{ id: DATASET, error: { code: 'NOT_FOUND' } }])
  expect(report.partitions).toHaveLength(1)
})
