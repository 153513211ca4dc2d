import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { formatInstant, type ObjectStore, parseDatasetId, readObject, silverSeries } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { fileStore, memoryStore } from '@lake/storage'
import { beforeEach, describe, expect, test } from 'vitest'
import { defineLake, type Lake, listGaps, runPipeline } from './index.ts'
import { copySample, csvOf, publish } from './testing/fixtures.ts'

/*
 * Real archive files with holes cut into them and days spoiled, from the archive to `listGaps` and the manifest. With
 * `LAKE_SHARED_DATA`, a folder with `archive/data/futures/um/monthly/klines`, each month of minute bars in it as well.
 */

const MINUTES = 'data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01-02.zip'
const HOURS = 'data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h-2026-05-09.zip'
const FUNDING = 'data/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-04.zip'
const TRADES = 'data/futures/cm/daily/aggTrades/BTCUSD_PERP/BTCUSD_PERP-aggTrades-2026-05-08.zip'

type Spoil = (lines: string[]) => string[]

let archive: ObjectStore
let lake: Lake

beforeEach(() => {
  archive = memoryStore()
  lake = defineLake({ lake: memoryStore() })
})

async function spoil(key: string, change: Spoil): Promise<void> {
  const lines = csvOf(await readObject(archive, key)).trimEnd()
  const name = key.slice(key.lastIndexOf('/') + 1).replace('.zip', '.csv')
  const bytes = new TextEncoder().encode(`${change(lines.split('\n')).join('\n')}\n`)
  await publish(archive, key, await writeZip([{ name, bytes }], { level: 1 }))
}

/** What the lake holds after a run: gaps, what is wrong with whole days, counts, and what was refused. */
async function take(dataset: string) {
  const { datasets, failures } = await runPipeline(lake, { source: archive, datasets: [dataset], gold: [] })
  const gaps: string[] = []
  for await (const found of listGaps(lake)) {
    for (const { from, to, expected } of found.gaps ?? []) {
      gaps.push(`${formatInstant(from)} ${formatInstant(to)} ${expected}`)
    }
  }
  const errors = failures.map(({ error }) => error)
  return { gaps, warnings: Object.keys(datasets[0]?.warnings ?? {}), counts: datasets[0]?.counts ?? {}, errors }
}

const moved =
  (micros: number): ((line: string) => string) =>
  (line) => {
    const cells = line.split(',')
    return [Number(cells[0]) + micros, ...cells.slice(1, 6), Number(cells[6]) + micros, ...cells.slice(7)].join(',')
  }

/** The bars of an instrument that costs a thirtieth. */
function foreign(line: string): string {
  const cells = line.split(',').map((cell, index) => {
    const isMoney = [1, 2, 3, 4, 7, 10].includes(index)
    return isMoney ? (Number(cell) / 30).toFixed(8) : cell
  })
  return cells.join(',')
}

describe('minute bars of three days', () => {
  const DATASET = 'binance/spot/klines/BTCUSDT/1m'
  beforeEach(async () => {
    archive = await copySample()
  })

  test('are whole', async () => {
    expect(await take(DATASET)).toEqual({ gaps: [], warnings: [], counts: {}, errors: [] })
  })

  test('name a day that was removed', async () => {
    await archive.delete(MINUTES)
    const { gaps, warnings, errors } = await take(DATASET)
    expect(gaps).toEqual(['2020-01-02T00:00:00Z 2020-01-03T00:00:00Z 1440'])
    expect([warnings, errors]).toEqual([['missing day 2020-01-02'], []])
  })

  test.each<[string, Spoil, string[], string[]]>([
    ['that stands twice', (lines) => lines.flatMap((line) => [line, line]), [], ['doubled day 2020-01-02']],
    [
      'that was written by half',
      (lines) => lines.slice(0, 720),
      ['2020-01-02T12:00:00Z 2020-01-03T00:00:00Z 720'],
      ['cut day 2020-01-02'],
    ],
    ['of another symbol', (lines) => lines.map(foreign), [], ['foreign day 2020-01-02']],
    [
      'with a hole in it',
      (lines) => [...lines.slice(0, 600), ...lines.slice(617)],
      ['2020-01-02T10:00:00Z 2020-01-02T10:17:00Z 17'],
      [],
    ],
  ])('name a day %s', async (_, change, gaps, warnings) => {
    await spoil(MINUTES, change)
    const found = await take(DATASET)
    expect(found.errors).toEqual([])
    expect(found.gaps).toEqual(gaps)
    expect(found.warnings).toEqual(expect.arrayContaining(warnings))
    expect(found.warnings.filter((name) => name.includes(' day '))).toEqual(warnings)
  })

  test.each([
    ['late', 60_000, 1440, '2020-01-03T00:00:00Z'],
    ['early', -60_000, 1, '2020-01-01T23:59:00Z'],
  ])('refuse a day that is a minute too %s, and take nothing of it', async (_, by, line, time) => {
    await spoil(MINUTES, (lines) => lines.map(moved(by)))
    const { gaps, errors } = await take(DATASET)
    expect(errors).toMatchObject([{ code: 'BAD_ROW', details: { line, column: 'open_time' } }])
    expect(errors[0]?.message).toContain(`is ${time}, outside the period of the file 2020-01-02T00:00:00Z`)
    expect(gaps).toEqual(['2020-01-02T00:00:00Z 2020-01-03T00:00:00Z 1440'])
    const stored = await lake.ledger.manifest(silverSeries(parseDatasetId(DATASET)), '2020-01')
    const inputs = stored?.manifest.files.flatMap((file) => file.inputs.map(({ key }) => key.slice(-14)))
    expect(inputs).toEqual(['2020-01-01.zip', '2020-01-03.zip'])
  })
})

test('a day that is shifted within a month is named, and with it the minute that it lacks', async () => {
  const days = await copySample()
  const csv: string[] = []
  for (const day of ['01', '02', '03']) {
    const lines = csvOf(await readObject(days, MINUTES.replace('01-02.zip', `01-${day}.zip`))).trimEnd()
    csv.push(...(day === '02' ? lines.split('\n').map(moved(60_000)) : lines.split('\n')))
  }
  const bytes = await writeZip([{ name: 'BTCUSDT-1m-2020-01.csv', bytes: new TextEncoder().encode(csv.join('\n')) }])
  await publish(archive, 'data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01.zip', bytes)
  const { gaps, warnings, counts } = await take('binance/spot/klines/BTCUSDT/1m')
  expect(gaps).toEqual([
    '2020-01-02T00:00:00Z 2020-01-02T00:01:00Z 1',
    '2020-01-04T00:00:00Z 2020-02-01T00:00:00Z 40320',
  ])
  expect(warnings).toContain('shifted day 2020-01-02')
  expect(counts).toMatchObject({ duplicate_rows: 1, conflicting_close: 1 })
})

describe('other real files', () => {
  test('of hours: an hour that is missing, and a day an hour too late', async () => {
    archive = await copySample('data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h')
    await spoil(HOURS, (lines) => [...lines.slice(0, 5), ...lines.slice(6)])
    const { gaps, errors } = await take('binance/spot/klines/BTCUSDT/1h')
    expect(errors).toEqual([])
    expect(gaps).toEqual(['2026-05-09T05:00:00Z 2026-05-09T06:00:00Z 1'])
    await spoil(HOURS, (lines) => lines.map(moved(3_600_000_000)))
    expect((await take('binance/spot/klines/BTCUSDT/1h')).errors).toMatchObject([
      { code: 'BAD_ROW', details: { column: 'open_time' } },
    ])
  })

  test('of funding: a day that is missing', async () => {
    archive = await copySample(FUNDING.slice(0, -4))
    const from = Date.parse('2026-04-10')
    const isIn = (line: string): boolean => Number.parseInt(line) >= from && Number.parseInt(line) < from + 86_400_000
    await spoil(FUNDING, (lines) => lines.filter((line) => !isIn(line)))
    const { gaps } = await take('binance/um/fundingRate/BTCUSDT')
    expect(gaps).toHaveLength(1)
    expect(gaps[0]).toMatch(/^2026-04-10T00:00:00\S* 2026-04-11T00:00:00\S* 3$/)
  })

  test('of aggregated trades: ids that are missing', async () => {
    archive = await copySample(TRADES.slice(0, -4))
    await spoil(TRADES, (lines) => [...lines.slice(0, 2001), ...lines.slice(2501)])
    expect((await take('binance/cm/aggTrades/BTCUSD_PERP')).counts).toMatchObject({ missing_ids: 500 })
  })
})

const shared = process.env['LAKE_SHARED_DATA'] ?? ''
const sharedArchive = join(shared, 'archive')
const months = 'data/futures/um/monthly/klines'
const isShared = shared !== '' && existsSync(join(sharedArchive, months))
const why = isShared ? '' : ' (skipped: LAKE_SHARED_DATA names no folder with archive/' + months + ')'

describe.skipIf(!isShared)(`months of minute bars${why}`, () => {
  test('name a day that is missing, doubled, shifted, cut and foreign in each of them', async () => {
    const found = fileStore({ root: sharedArchive })
    const labels = new Map<string, string[]>()
    for await (const { key } of found.list({ prefix: months })) {
      const [, symbol = '', month = ''] = /([A-Z]+)-1m-(\d{4}-\d\d)\.zip$/.exec(key) ?? []
      if (month === '') continue
      await archive.put(key, await readObject(found, key))
      await spoil(key, spoiledMonth)
      labels.set(symbol, [...(labels.get(symbol) ?? []), month])
    }
    expect([...labels.values()].flat().length).toBeGreaterThan(0)
    for (const [symbol, all] of labels) await expectNamed(`binance/um/klines/${symbol}/1m`, all)
  }, 300_000)
})

/** The 5th is gone, the 10th stands twice, the 15th is a minute late, the 20th ends at noon, the 25th is foreign. */
function spoiledMonth(lines: string[]): string[] {
  return lines.flatMap((line) => {
    const time = Number.parseInt(line)
    if (Number.isNaN(time)) return [line]
    const at = new Date(time)
    switch (at.getUTCDate()) {
      case 5:
        return []
      case 10:
        return [line, line]
      case 15:
        return [moved(60_000)(line)]
      case 20:
        return at.getUTCHours() < 12 ? [line] : []
      case 25:
        return [foreign(line)]
      default:
        return [line]
    }
  })
}

async function expectNamed(dataset: string, labels: readonly string[]): Promise<void> {
  const { failures } = await runPipeline(lake, { source: archive, datasets: [dataset], gold: [] })
  expect(failures).toEqual([])
  const gaps: string[] = []
  for await (const found of listGaps(lake, { datasets: [dataset] })) {
    for (const { from, to } of found.gaps ?? []) gaps.push(`${formatInstant(from)} ${formatInstant(to)}`)
  }
  for (const month of labels) {
    expect(gaps.filter((gap) => gap.startsWith(month))).toEqual([
      `${month}-05T00:00:00Z ${month}-06T00:00:00Z`,
      `${month}-15T00:00:00Z ${month}-15T00:01:00Z`,
      `${month}-20T12:00:00Z ${month}-21T00:00:00Z`,
    ])
    const stored = await lake.ledger.manifest(silverSeries(parseDatasetId(dataset)), month)
    const state = stored?.manifest.files[0]?.quality ?? stored?.manifest.blocked?.[0]?.quality
    expect(state?.defects.map(({ day, defect }) => `${day} ${defect}`)).toEqual([
      `${month}-05 missing`,
      `${month}-10 doubled`,
      `${month}-15 shifted`,
      `${month}-20 cut`,
      `${month}-25 foreign`,
    ])
  }
}
