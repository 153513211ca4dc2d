import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Interval, type ObjectStore, parseDatasetId, parseInstant, parseTimeRange, readObject } from '@lake/core'
import { rowsFromArchive, startVenue, type Venue } from '@lake/ingest-ccxt/testing'
import { generateKlineArchive } from '@lake/ingest-s5cmd/testing'
import { memoryStore } from '@lake/storage'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { defineLake, type Lake, type LakeContract, runPipeline, updateLake } from './index.ts'
import { contentOf } from './testing/fixtures.ts'

/*
 * An archive that lacks the whole month in the middle, which the venue has: hours of 2024-01 to 2024-03.
 */

const DATASET = 'binance/spot/klines/BTCUSDT/1h'
const fileOf = (month: string): string => `data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-${month}.zip`
const [JANUARY, FEBRUARY, MARCH] = [31 * 24, 29 * 24, 31 * 24]
const ALL = JANUARY + FEBRUARY + MARCH

let folder: string
let whole: ObjectStore
let archive: ObjectStore
let venue: Venue
let store: ObjectStore

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-held-months-'))
  const dataset = parseDatasetId(DATASET)
  const generate = { dataset, from: parseInstant('2024-01-01'), months: 3, seed: 1 }
  ;[whole, archive] = [memoryStore(), memoryStore()]
  for (const target of [whole, archive]) await generateKlineArchive({ target, ...generate })
  const zips = await Promise.all(['2024-01', '2024-02', '2024-03'].map((month) => readObject(whole, fileOf(month))))
  await archive.delete(fileOf('2024-02'))
  await archive.delete(`${fileOf('2024-02')}.CHECKSUM`)
  const rows = zips.flatMap((zip) => rowsFromArchive(zip, dataset))
  venue = await startVenue({ rows, now: () => parseInstant('2024-05-01') })
})

afterAll(async () => {
  await venue.close()
  await rm(folder, { recursive: true })
})

beforeEach(() => {
  store = memoryStore()
})

const lakeWith = (contracts: readonly LakeContract[] = []): Lake =>
  defineLake({
    lake: store,
    contracts,
    venues: { urls: { binance: venue.url }, budgetFolder: folder },
    now: () => parseInstant('2024-05-01'),
  })

async function run({ gold = ['1d'] as readonly Interval[], source = archive, heal = true, lake = lakeWith() } = {}) {
  const report = await runPipeline(lake, { source, datasets: [DATASET], heal, gold })
  expect(report.failures).toEqual([])
  const { datasets, unasked } = report
  return { ...datasets[0], unasked }
}

test('a month that only the venue has is no gap, in the run that fills it and in every run after it', async () => {
  const first = await run()
  expect(first).toMatchObject({ rows: ALL, gaps: 0, rowsMissing: 0, gapsFilled: 1, gold: { '1d': 91 }, unasked: [] })
  const content = await contentOf(store, '')
  const asked = venue.requests.length
  const again = await run()
  expect(again).toMatchObject({ rows: ALL, gaps: 0, rowsMissing: 0, gapsFilled: 0, partitions: 0, skipped: 6 })
  expect(again).toMatchObject({ first: first.first, last: first.last, gold: { '1d': 91 } })
  expect(venue.requests.length).toBe(asked)
  expect(await contentOf(store, '')).toEqual(content)
})

test('it has gold of intervals that are asked for later, and is checked again by another contract', async () => {
  await run({ gold: [] })
  expect(await run({ gold: ['4h'], heal: false })).toMatchObject({ gold: { '4h': ALL / 4 } })
  const modest: LakeContract = {
    dataType: 'klines',
    checks: [{ check: 'bounds', columns: ['close'], max: 1, severity: 'warning', name: 'close is modest' }],
  }
  const { warnings, partitions } = await run({ gold: ['4h'], lake: lakeWith([modest]) })
  expect(warnings).toMatchObject({ 'close is modest': ALL })
  expect(partitions).toBe(3)
})

test('without the venue it is a gap, and it stays one until somebody fills it', async () => {
  for (let turn = 0; turn < 2; turn++) {
    expect(await run({ heal: false })).toMatchObject({ rows: ALL - FEBRUARY, gaps: 1, rowsMissing: FEBRUARY })
  }
  expect(await run()).toMatchObject({ rows: ALL, gaps: 0, gapsFilled: 1 })
})

test('a month that the archive has lost since counts as the lake holds it', async () => {
  await run({ source: whole, heal: false })
  expect(await run({ heal: false })).toMatchObject({ rows: ALL, gaps: 0, skipped: 6 })
})

test('of a range counts what lies in it: an update beyond it does not', async () => {
  await runPipeline(lakeWith(), {
    ...{ source: archive, datasets: [DATASET], gold: [] },
    range: parseTimeRange('2024-01-01', '2024-02-01'),
  })
  await updateLake(lakeWith(), { commitEvery: 0, to: parseInstant('2024-03-01') })
  const held = async (to: string) => {
    const range = parseTimeRange('2024-01-01', to)
    const { datasets } = await runPipeline(lakeWith(), { source: archive, datasets: [DATASET], gold: [], range })
    return datasets[0]
  }
  expect(await held('2024-02-01')).toMatchObject({ rows: JANUARY, gaps: 0 })
  expect(await held('2024-03-01')).toMatchObject({ rows: JANUARY + FEBRUARY, gaps: 0 })
})
