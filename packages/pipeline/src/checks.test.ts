import { type ObjectStore, parseDatasetId, parseInstant, readObject, silverSeries } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import type { Manifest } from '@lake/ledger'
import { contractFor } from '@lake/quality'
import { memoryStore } from '@lake/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import { defineLake, type Lake, type LakeContract, type RunReport, runPipeline } from './index.ts'
import { contentOf, copySample, MINUTES, publish } from './testing/fixtures.ts'
import { zipText } from './testing/zip-text.ts'

const DATASET = 'binance/spot/klines/BTCUSDT/1m'
const DAY = '2020-01-02'
const KEY = `${MINUTES}/BTCUSDT-1m-${DAY}.zip`
/** One bar whose high is far too low. */
const FOUND = [{ name: 'ohlc', severity: 'failing', rows: 1 }, { name: 'spike(high)' }, { name: 'vwap' }]
const NOW = parseInstant('2020-03-01')

let archive: ObjectStore
let store: ObjectStore

beforeEach(async () => {
  archive = await copySample()
  store = memoryStore()
})

const lakeWith = (contracts: readonly LakeContract[] = []): Lake =>
  defineLake({ lake: store, contracts, now: () => NOW })

const run = async (lake: Lake = lakeWith()): Promise<RunReport> =>
  runPipeline(lake, { source: archive, datasets: [DATASET], gold: ['1h'] })

async function manifest(): Promise<Manifest> {
  const stored = await lakeWith().ledger.manifest(silverSeries(parseDatasetId(DATASET)), '2020-01')
  if (stored === undefined) throw new Error('there is no manifest')
  return stored.manifest
}

/** Publishes a day again, its lines changed; without a checksum when it is not to be vouched for. */
async function restate(change: (lines: string[]) => string[], { isVouchedFor = true } = {}): Promise<void> {
  const lines = zipText(await readObject(archive, KEY))
    .trimEnd()
    .split('\n')
  const bytes = new TextEncoder().encode(`${change(lines).join('\n')}\n`)
  await publish(archive, KEY, await writeZip([{ name: `BTCUSDT-1m-${DAY}.csv`, bytes }]))
  if (!isVouchedFor) await archive.delete(`${KEY}.CHECKSUM`)
}

/** The high of a bar far below its low. */
const impossible = (lines: string[]): string[] =>
  lines.map((line, index) => (index === 7 ? line.replace(/^([^,]+,[^,]+),[^,]+/, '$1,1.5') : line))

describe('what checks find travels with the partition', () => {
  test('nothing, in real days', async () => {
    const { datasets } = await run()
    expect(datasets[0]).toMatchObject({ score: 100, warnings: {}, blocked: [] })
    const { files, blocked } = await manifest()
    expect(files[0]?.quality).toEqual({
      score: 100,
      days: [1440, 1440, 1440, ...Array<number>(28).fill(0)],
      findings: [],
      defects: [],
    })
    expect(blocked).toBeUndefined()
  })

  test('what is odd and what is missing, with the first example', async () => {
    await restate((lines) =>
      lines.slice(0, 720).map((line, index) => (index === 7 ? line.replace(/^([^,]+,[^,]+),[^,]+/, '$1,99999') : line)),
    )
    const { datasets, failures } = await run()
    expect(failures).toEqual([])
    expect(datasets[0]?.warnings).toEqual({ 'spike(high)': 1, 'cut day 2020-01-02': 1 })
    const [file] = (await manifest()).files
    expect(file?.quality).toMatchObject({
      days: expect.arrayContaining([1440, 720]) as unknown,
      findings: [{ name: 'spike(high)', severity: 'warning', rows: 1 }],
      defects: [{ day: DAY, defect: 'cut', because: `It has no bar from ${DAY}T12:00:00Z on.` }],
    })
    expect(file?.quality?.findings[0]?.first).toEqual({
      time: parseInstant(`${DAY}T00:07:00Z`),
      values: { high: 99_999 },
    })
    // 3600 of 4320 rows, one of which is odd: the formula of checkTable.
    const score = Math.floor(10_000 * (3600 / 4320) * (1 - 0.2 * Math.sqrt(1 / 3600))) / 100
    expect(file?.quality?.score).toBe(score)
    expect(datasets[0]?.score).toBe(score)
  })

  test('a day that a file has twice', async () => {
    await restate((lines) => [...lines, ...lines])
    expect((await run()).datasets[0]?.warnings).toEqual({ 'doubled day 2020-01-02': 1 })
    expect((await manifest()).files[0]?.quality?.defects).toEqual([
      {
        day: DAY,
        defect: 'doubled',
        because: `Each of its bars is there more than once. In bronze/binance/archive/${KEY}.`,
      },
    ])
  })
})

describe('what cannot be is not published', () => {
  test('what was published stays, gold too, and the manifest, the report and the next run say why', async () => {
    await run()
    const before = await contentOf(store, 'silver', 'gold')
    const published = await manifest()
    await restate(impossible)
    const { datasets, failures } = await run()
    expect(failures).toEqual([])
    expect(datasets[0]).toMatchObject({
      rows: 4320,
      partitions: 0,
      blocked: [{ label: '2020-01', since: '2020-03-01T00:00:00Z' }],
    })
    expect(datasets[0]?.blocked[0]?.reason).toMatch(
      /^1 row fails the check ohlc, the first at 2020-01-02T00:07:00Z, open 7190, high 1\.5, low 7190, close 7193\.01\.$/,
    )
    expect(await contentOf(store, 'silver', 'gold')).toEqual(before)
    const { files, blocked } = await manifest()
    expect(files).toEqual(published.files)
    expect(blocked).toMatchObject([{ label: '2020-01', blockedAt: NOW, quality: { findings: FOUND } }])
    expect(blocked?.[0]?.inputs).toHaveLength(3)
  })

  test('a partition that was never published has no file, and no gold', async () => {
    await restate(impossible)
    const { datasets } = await run()
    expect(datasets[0]).toMatchObject({ rows: 0, partitions: 0, score: null, blocked: [{ label: '2020-01' }] })
    expect(await contentOf(store, 'silver', 'gold')).toEqual({})
  })

  test('it is not computed again before its inputs change, and goes with the next good ones', async () => {
    await restate(impossible)
    await run()
    const everything = await contentOf(store, '')
    const again = await run()
    expect(again.datasets[0]).toMatchObject({ filesTransferred: 0, skipped: 0, blocked: [{ label: '2020-01' }] })
    expect(await contentOf(store, '')).toEqual(everything)

    const good = await copySample()
    await archive.put(KEY, await readObject(good, KEY))
    await archive.put(`${KEY}.CHECKSUM`, await readObject(good, `${KEY}.CHECKSUM`))
    const healed = await run()
    expect(healed.datasets[0]).toMatchObject({ rows: 4320, score: 100, blocked: [] })
    expect(await manifest()).not.toHaveProperty('blocked')
    const fresh = memoryStore()
    await runPipeline(defineLake({ lake: fresh }), { source: good, datasets: [DATASET], gold: ['1h'] })
    expect(await contentOf(store, 'silver', 'gold')).toEqual(await contentOf(fresh, 'silver', 'gold'))
  })
})

describe('a lake adds contracts of its own', () => {
  const below = (max: number, severity: 'failing' | 'warning'): LakeContract => ({
    dataType: 'klines',
    where: { symbol: 'BTCUSDT' },
    checks: [{ check: 'bounds', columns: ['close'], max, severity, name: 'close is modest' }],
  })

  test('a new one checks what is there again and writes no file; an unchanged one checks nothing', async () => {
    await run()
    const files = await contentOf(store, 'silver', 'gold')
    const first = await run(lakeWith([below(7000, 'warning')]))
    expect(first.datasets[0]?.warnings['close is modest']).toBeGreaterThan(1000)
    expect(first.datasets[0]?.score).toBeLessThan(100)
    expect(await contentOf(store, 'silver', 'gold')).toEqual(files)
    const state = await contentOf(store, '_lake/manifests')
    await run(lakeWith([below(7000, 'warning')]))
    expect(await contentOf(store, '_lake/manifests')).toEqual(state)
  })

  test('a failing one blocks, until it is gone', async () => {
    await run()
    const { datasets } = await run(lakeWith([below(7000, 'failing')]))
    expect(datasets[0]?.blocked[0]?.reason).toContain('close is modest')
    expect((await run()).datasets[0]?.blocked).toEqual([])
  })

  test('of other datasets say nothing', async () => {
    const others: LakeContract[] = [
      { ...below(1, 'failing'), where: { symbol: 'ETHUSDT' } },
      { ...below(1, 'failing'), where: { interval: '1h' } },
      { ...below(1, 'failing'), where: { exchange: 'okx' } },
      { ...below(1, 'failing'), where: { market: 'um' } },
      { dataType: 'trades', checks: [{ check: 'bounds', columns: ['price'], max: 1, severity: 'failing' }] },
    ]
    expect((await run(lakeWith(others))).datasets[0]?.blocked).toEqual([])
  })

  test('functions are run, and another function is another contract', async () => {
    const only = (row: number): LakeContract => ({
      dataType: 'klines',
      checks: [{ check: 'custom', name: `row ${row}`, test: () => [row], severity: 'warning' }],
    })
    expect((await run(lakeWith([only(5)]))).datasets[0]?.warnings).toEqual({ 'row 5': 1 })
    expect((await run(lakeWith([only(6)]))).datasets[0]?.warnings).toEqual({ 'row 6': 1 })
  })

  test('malformed ones are refused at once', () => {
    const nonsense: LakeContract = {
      dataType: 'klines',
      checks: [{ check: 'bounds', columns: [], severity: 'failing' }],
    }
    expect(() => lakeWith([nonsense])).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
    expect(lakeWith().contract(parseDatasetId(DATASET))).toEqual(contractFor('klines', { interval: '1m' }))
  })
})

describe('never worse', () => {
  const half = (lines: string[]): string[] => lines.slice(0, 700)

  test('a restatement without a checksum takes no rows away', async () => {
    await run()
    const before = await contentOf(store, 'silver', 'gold')
    await restate(half, { isVouchedFor: false })
    const { datasets } = await run()
    expect(datasets[0]?.blocked[0]?.reason).toMatch(
      /^It would have 3580 rows instead of 4320, and no published checksum vouches for bronze\/.*restated.*, which took the place of another\.$/,
    )
    expect(await contentOf(store, 'silver', 'gold')).toEqual(before)
  })

  test('one with a checksum does, and one without may change values', async () => {
    await run()
    await restate(half)
    expect((await run()).datasets[0]).toMatchObject({ rows: 3580, blocked: [] })
    await archive.put(KEY, await readObject(await copySample(), KEY))
    await restate((lines) => lines.map((line, index) => (index === 0 ? line.replace(/,\d+,0$/, ',1,0') : line)), {
      isVouchedFor: false,
    })
    expect((await run()).datasets[0]).toMatchObject({ rows: 4320, blocked: [] })
  })
})
