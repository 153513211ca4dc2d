import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import {
  DAY_MICROS,
  integerValues,
  LakeError,
  type ObjectStore,
  parseDatasetId,
  parseInstant,
  parseTimeRange,
  readObject,
  wordValues,
} from '@lake/core'
import { rowsFromArchive, startVenue, type Venue, type VenueOptions } from '@lake/ingest-ccxt/testing'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { readRefusals } from '@lake/ledger'
import { readParquet } from '@lake/parquet'
import { memoryStore } from '@lake/storage'
import type { Table } from 'apache-arrow'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  defineLake,
  discoverSource,
  healLake,
  type Lake,
  listGaps,
  runPipeline,
  type RunReport,
  updateLake,
} from './index.ts'
import { contentOf, publish, SAMPLE } from './testing/fixtures.ts'

const MINUTES = 'binance/spot/klines/BTCUSDT/1m'
const FOLDER = 'data/spot/daily/klines/BTCUSDT/1m'
const PARTITION = 'silver/klines/exchange=binance/market=spot/symbol=BTCUSDT/interval=1m/month=2020-01/2020-01.parquet'
const MINUTE = 60_000_000
const dataset = parseDatasetId(MINUTES)
const second = parseInstant('2020-01-02')

let budgetFolder: string
let venue: Venue | undefined

beforeAll(async () => {
  budgetFolder = await mkdtemp(join(tmpdir(), 'lake-heal-'))
})

afterEach(async () => {
  await venue?.close()
  venue = undefined
})

afterAll(async () => {
  await rm(budgetFolder, { recursive: true })
})

const dayFile = async (day: string): Promise<Uint8Array> =>
  readFile(new URL(`../../../fixtures/archive/${FOLDER}/BTCUSDT-1m-${day}.zip`, import.meta.url))

/** An archive of some of the three days. */
async function archiveOf(...days: readonly string[]): Promise<ObjectStore> {
  const archive = memoryStore()
  for (const day of days) await publish(archive, `${FOLDER}/BTCUSDT-1m-${day}.zip`, await dayFile(day))
  return archive
}

async function openLake(days: readonly string[], options: VenueOptions = {}): Promise<Lake> {
  const rows = (await Promise.all(days.map(dayFile))).flatMap((zip) => rowsFromArchive(zip, dataset))
  venue = await startVenue({ rows, now: () => parseInstant('2020-01-04'), ...options })
  return defineLake({
    lake: memoryStore(),
    venues: { urls: { binance: venue.url }, budgetFolder },
    now: () => parseInstant('2020-01-04'),
  })
}

const silver = async (lake: Lake): Promise<Table> => readParquet(await readObject(lake.store, PARTITION))
const requests = (): number => venue?.requests.length ?? 0

describe('healing', () => {
  test('fills a day that the archive lacks with equal rows, of another source', async () => {
    const lake = await openLake(['2020-01-02'])
    const source = await archiveOf('2020-01-01', '2020-01-03')
    const { datasets, failures } = await runPipeline(lake, { source, datasets: [MINUTES], heal: true })
    expect(failures).toEqual([])
    expect(datasets).toMatchObject([{ rows: 4320, gaps: 0, gapsFilled: 1, gold: { '5m': 864, '1h': 72, '1d': 3 } }])

    const whole = defineLake({ lake: memoryStore() })
    await runPipeline(whole, { source: SAMPLE, datasets: [MINUTES] })
    const [healed, archived] = [await silver(lake), await silver(whole)]
    const { codes, words } = wordValues(healed, 'source')
    const sources = [...codes].map((code) => words[code])
    expect([sources.indexOf('rest'), sources.lastIndexOf('rest')]).toEqual([1440, 2879])
    for (const { name } of healed.schema.fields) {
      if (name !== 'source') expect(healed.getChild(name)?.toArray(), name).toEqual(archived.getChild(name)?.toArray())
    }
  })

  test('does nothing the second time, and asks nobody', async () => {
    const lake = await openLake(['2020-01-02'])
    const source = await archiveOf('2020-01-01', '2020-01-03')
    await runPipeline(lake, { source, datasets: [MINUTES], heal: true })
    const [before, asked] = [await contentOf(lake.store, ''), requests()]
    const again = await runPipeline(lake, { source, datasets: [MINUTES], heal: true })
    expect(again.datasets).toMatchObject([{ partitions: 0, gapsFilled: 0 }])
    expect((await healLake(lake)).datasets).toMatchObject([{ gapsFilled: 0, gapsLeft: 0, requests: 0 }])
    expect(await contentOf(lake.store, '')).toEqual(before)
    expect(requests()).toBe(asked)
  })

  test('goes on while rows come late, and takes doubled ones once', async () => {
    const late = [{ from: second + 720 * MINUTE, to: second + 725 * MINUTE, after: 3 }]
    const lake = await openLake(['2020-01-02'], { late, doubled: [{ from: second, to: second + 10 * MINUTE }] })
    await runPipeline(lake, { source: await archiveOf('2020-01-01', '2020-01-03'), datasets: [MINUTES] })
    const { datasets } = await healLake(lake, { datasets: [MINUTES] })
    expect(datasets).toMatchObject([{ id: MINUTES, rowsAdded: 1440, gapsFilled: 1, gapsLeft: 0 }])
    expect((await silver(lake)).numRows).toBe(4320)
  })

  test('remembers what the venue does not have, until the archive changes', async () => {
    const lake = await openLake(['2020-01-01'])
    const source = await archiveOf('2020-01-01', '2020-01-03')
    await runPipeline(lake, { source, datasets: [MINUTES] })
    const first = await healLake(lake)
    expect(first.datasets).toMatchObject([
      { gapsFilled: 0, gapsLeft: 1, left: [{ expected: 1440, why: 'the venue does not have these rows (unknown)' }] },
    ])
    expect(await readRefusals(lake.store, dataset)).toMatchObject([{ from: second, to: second + DAY_MICROS }])
    const [asked, before] = [requests(), await contentOf(lake.store, '')]
    expect(asked).toBeGreaterThan(0)
    expect((await healLake(lake)).datasets).toMatchObject([{ gapsLeft: 1, requests: 0 }])
    expect(requests()).toBe(asked)
    expect(await contentOf(lake.store, '')).toEqual(before)
  })

  test('stops at a budget, and at a venue that does not serve this region, and says so', async () => {
    const lake = await openLake(['2020-01-02'], { fault: () => ({ kind: 'status', status: 451 }) })
    await runPipeline(lake, { source: await archiveOf('2020-01-01', '2020-01-03'), datasets: [MINUTES] })
    const { datasets, failures } = await healLake(lake)
    expect(failures).toEqual([])
    expect(datasets).toMatchObject([
      { gapsFilled: 0, gapsLeft: 1, left: [{ why: expect.stringMatching(/region/i) as unknown }] },
    ])
    expect(await readRefusals(lake.store, dataset)).toEqual([])
  })

  test('looks only where it is told to, and takes no dataset that does not exist for one that does', async () => {
    const lake = await openLake(['2020-01-02'])
    await runPipeline(lake, { source: await archiveOf('2020-01-01', '2020-01-03'), datasets: [MINUTES] })
    const range = parseTimeRange('2020-01-02T00:00:00Z', '2020-01-02T01:00:00Z')
    expect((await healLake(lake, { range })).datasets).toMatchObject([{ rowsAdded: 60, gapsFilled: 1, gapsLeft: 0 }])
    await expect(healLake(lake, { datasets: ['nonsense'] })).rejects.toThrow(LakeError)
  })
})

describe('gaps', () => {
  test('are told with their cause: a hole that the symbol has alone, and one that it shares with the venue', async () => {
    const lake = await openLake(['2020-01-02'])
    await runPipeline(lake, { source: await archiveOf('2020-01-01', '2020-01-03'), datasets: [MINUTES] })
    const alone = await gapsOf(lake)
    expect(alone).toMatchObject([{ from: second, to: second + DAY_MICROS, expected: 1440, cause: 'unknown' }])

    // Another symbol that traded through it.
    const other = memoryStore()
    for (const day of ['2020-01-01', '2020-01-02', '2020-01-03']) await publishAs('ETHUSDT', day, other)
    await runPipeline(lake, { source: other, datasets: ['binance/spot/klines/ETHUSDT/1m'] })
    await discoverSource(lake, { source: await archiveOf('2020-01-01', '2020-01-03'), exchange: 'binance' })
    const later = { ...lake, now: () => parseInstant('2020-06-01') }
    expect(await gapsOf(later)).toMatchObject([{ cause: 'missing-at-source', fillableBy: ['rest'] }])

    // Another lake, in which the other symbol was silent too.
    const silent = await openLake(['2020-01-02'])
    const halted = memoryStore()
    for (const day of ['2020-01-01', '2020-01-03']) await publishAs('ETHUSDT', day, halted)
    await runPipeline(silent, { source: await archiveOf('2020-01-01', '2020-01-03'), datasets: [MINUTES] })
    await runPipeline(silent, { source: halted, datasets: ['binance/spot/klines/ETHUSDT/1m'] })
    expect(await gapsOf(silent)).toMatchObject([{ cause: 'exchange-halt', fillableBy: [] }])
    const before = requests()
    expect((await healLake(silent)).datasets).toMatchObject([
      { gapsLeft: 1, requests: 0 },
      { gapsLeft: 1, requests: 0 },
    ])
    expect(requests()).toBe(before)
  })
})

async function gapsOf(lake: Lake): Promise<readonly unknown[] | undefined> {
  for await (const { gaps } of listGaps(lake, { datasets: [MINUTES] })) return gaps
  return undefined
}

/** A day of BTCUSDT under another name. */
async function publishAs(symbol: string, day: string, archive: ObjectStore, market = 'spot'): Promise<void> {
  const name = `${symbol}-1m-${day}`
  const bytes = inflatedCsv(await dayFile(day))
  await publish(
    archive,
    `data/${market}/daily/klines/${symbol}/1m/${name}.zip`,
    await writeZip([{ name: `${name}.csv`, bytes }]),
  )
}

/** The only member of a zip: what follows its local header. */
function inflatedCsv(zip: Uint8Array): Uint8Array {
  const view = new DataView(zip.buffer, zip.byteOffset)
  return inflateRawSync(zip.subarray(30 + view.getUint16(26, true) + view.getUint16(28, true)))
}

describe('updating', () => {
  const hour = 3_600_000_000

  test('goes on where the lake ends, gathers in bronze, and writes silver at most once an hour', async () => {
    let now = parseInstant('2020-01-02T00:30:30Z')
    const made = await openLake(['2020-01-01', '2020-01-02'], { now: () => now })
    const lake = { ...made, now: () => now }
    await runPipeline(lake, { source: await archiveOf('2020-01-01'), datasets: [MINUTES] })
    expect((await updateLake(lake)).datasets).toMatchObject([
      { id: MINUTES, rowsAdded: 0, rowsFetched: 90, bytesWritten: 0, bronzeTo: second + 30 * MINUTE, silverTo: second },
    ])
    now += hour
    const { datasets } = await updateLake(lake)
    expect(datasets).toMatchObject([{ rowsAdded: 90, silverTo: second + 90 * MINUTE, bronzeTo: second + 90 * MINUTE }])
    expect(datasets[0]?.bytesWritten).toBeGreaterThan(0)
    const times = integerValues(await silver(lake), 'ts_event')
    expect(times.at(-1)).toBe(BigInt(second + 89 * MINUTE))
  })

  test('equals the archive in the end, gold too, and a run over the archive afterwards takes nothing away', async () => {
    const lake = await openLake(['2020-01-01', '2020-01-02', '2020-01-03'])
    await runPipeline(lake, { source: await archiveOf('2020-01-01'), datasets: [MINUTES] })
    await updateLake(lake, { commitEvery: 0 })
    expect((await silver(lake)).numRows).toBe(4320)
    const { datasets } = await runPipeline(lake, { source: SAMPLE, datasets: [MINUTES] })
    expect(datasets).toMatchObject([{ rows: 4320, gaps: 0, gold: { '1d': 3 } }])
    const { codes, words } = wordValues(await silver(lake), 'source')
    expect(new Set([...codes].map((code) => words[code]))).toEqual(new Set(['archive']))
  })

  test('begins a dataset where it is told to, and refuses to guess', async () => {
    const lake = await openLake(['2020-01-03'])
    const { failures } = await updateLake(lake, { datasets: [MINUTES] })
    expect(failures).toMatchObject([{ id: MINUTES, error: { code: 'NOT_FOUND' } }])
    const { datasets } = await updateLake(lake, {
      datasets: [MINUTES],
      from: parseInstant('2020-01-03'),
      commitEvery: 0,
    })
    expect(datasets).toMatchObject([{ rowsAdded: 1440 }])
  })
})

describe('healing within a run', () => {
  const run = async (lake: Lake, ...symbols: readonly string[]): Promise<RunReport> => {
    const source = await archiveOf('2020-01-01', '2020-01-03')
    for (const symbol of symbols) for (const day of ['2020-01-01', '2020-01-03']) await publishAs(symbol, day, source)
    const datasets = ['BTCUSDT', ...symbols].map((symbol) => `binance/spot/klines/${symbol}/1m`)
    return runPipeline(lake, { source, datasets, heal: true })
  }

  test('asks nobody for what all symbols of the run lack, in whatever order they come', async () => {
    const report = await run(await openLake(['2020-01-02']), 'ETHUSDT')
    expect(report).toMatchObject({ datasets: [{ gapsFilled: 0 }, { gapsFilled: 0 }], unasked: [], failures: [] })
    expect(requests()).toBe(0)
  })

  test.each([
    ['refuses this region', 'BLOCKED_REGION', (): VenueOptions => ({ fault: () => ({ kind: 'status', status: 451 }) })],
    ['is not there', 'UNAVAILABLE', (): VenueOptions => ({ fault: () => ({ kind: 'cut' }) })],
  ] as const)('of a venue that %s ends with the first request, and nothing fails', async (_, reason, fault) => {
    const lake = await openLake(['2020-01-02'], fault())
    // Markets apart, so that neither explains the gap of the other.
    const source = await archiveOf('2020-01-01', '2020-01-03')
    for (const day of ['2020-01-01', '2020-01-03']) await publishAs('BTCUSDT', day, source, 'futures/um')
    const datasets = [MINUTES, 'binance/um/klines/BTCUSDT/1m']
    const report = await runPipeline(lake, { source, datasets, heal: true })
    expect(report).toMatchObject({
      datasets: [
        { rows: 2880, gaps: 1 },
        { rows: 2880, gaps: 1 },
      ],
      unasked: [{ exchange: 'binance', gaps: 2, rows: 2880, reason }],
      failures: [],
    })
    expect(requests()).toBe(1)
    expect(await readRefusals(lake.store, dataset)).toEqual([])
  })

  test('stops at its budget of gaps and rows, and the next run goes on from there', async () => {
    const lake = await openLake(['2020-01-02'])
    const source = await archiveOf('2020-01-01', '2020-01-03')
    const request = { source, datasets: [MINUTES], heal: true, healBudget: 1 }
    const { datasets, unasked } = await runPipeline(lake, request)
    expect(datasets).toMatchObject([{ rows: 3880, rowsMissing: 440 }])
    expect(unasked).toMatchObject([{ exchange: 'binance', gaps: 1, rows: 440, reason: 'budget' }])
    expect(await runPipeline(lake, request)).toMatchObject({ datasets: [{ rows: 4320, gaps: 0 }], unasked: [] })
  })

  test('remembers a symbol that the venue does not know, and what it does not have', async () => {
    const unknown = '{"code":-1121,"msg":"Invalid symbol."}'
    const lake = await openLake(['2020-01-02'], { fault: () => ({ kind: 'status', status: 400, body: unknown }) })
    const first = await run(lake)
    const asked = requests()
    expect([first.unasked, asked]).toEqual([[], 1])
    expect((await run(lake)).unasked).toEqual([])
    expect((await healLake(lake)).datasets).toMatchObject([{ gapsLeft: 1, requests: 0 }])
    expect(requests()).toBe(asked)
  })

  test('does not ask for what has not happened yet', async () => {
    const lake = await openLake(['2020-01-01'])
    await runPipeline(lake, { source: await archiveOf('2020-01-01'), datasets: [MINUTES] })
    const range = parseTimeRange('2020-01-01', '2020-02-01')
    const early = { ...lake, now: () => second }
    expect((await healLake(early, { range })).datasets).toMatchObject([{ gapsLeft: 1, requests: 0, unasked: null }])
    expect(await readRefusals(lake.store, dataset)).toEqual([])
  })

  test('is part of an update too, for datasets whose silver it writes', async () => {
    const lake = await openLake(['2020-01-02', '2020-01-03'])
    await runPipeline(lake, { source: await archiveOf('2020-01-01'), datasets: [MINUTES] })
    // Two hours after the end of the archive, an hour is there.
    await healLake(lake, { range: { from: second + 120 * MINUTE, to: second + 180 * MINUTE } })
    const to = second + 240 * MINUTE
    const { datasets } = await updateLake(lake, { commitEvery: 0, to, heal: true })
    expect(datasets).toMatchObject([{ rowsAdded: 180, gapsFilled: 1, gapsLeft: 0 }])
  })
})
