import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflateRawSync } from 'node:zlib'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { DAY_MICROS, dayOf, parseDatasetId, parseInstant, parseTimeRange } from '@lake/core'
import { sha256Of } from '@lake/ledger'
import type { DatasetQuality, QualityDay } from '@lake/pipeline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cellStarts, coverageCells, coverageUnit } from './coverage-cells.ts'
import { coverageMap } from './coverage-map.ts'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

const SAMPLE = fileURLToPath(new URL('../../../fixtures/archive', import.meta.url))
const MINUTES = 'binance/spot/klines/BTCUSDT/1m'
const FUNDING = 'binance/um/fundingRate/BTCUSDT'
const TRADES = 'binance/cm/aggTrades/BTCUSD_PERP'
const DAYS = 'data/spot/daily/klines/BTCUSDT/1m'
const DAY = '2020-01-02'

let folder: string
let archive: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-quality-'))
  archive = join(folder, 'archive')
  await cp(SAMPLE, archive, { recursive: true })
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function lake(...argv: string[]): Promise<{ code: number; out: string; json: () => unknown }> {
  const terminal = capturedTerminal()
  const signal = new AbortController().signal
  const code = await runCommandLine({ argv, terminal, workingDirectory: folder, signal })
  return { code, out: terminal.stdout(), json: () => JSON.parse(terminal.stdout()) as unknown }
}

/** Publishes a day of the archive again, its lines changed. */
async function restate(change: (lines: string[]) => string[]): Promise<void> {
  const zip = await readFile(join(SAMPLE, DAYS, `BTCUSDT-1m-${DAY}.zip`))
  const csv = inflateRawSync(zip.subarray(30 + zip.readUInt16LE(26) + zip.readUInt16LE(28))).toString()
  const text = change(csv.trimEnd().split('\n')).join('\n')
  const bytes = await writeZip([{ name: `BTCUSDT-1m-${DAY}.csv`, bytes: Buffer.from(`${text}\n`) }])
  const path = join(archive, DAYS, `BTCUSDT-1m-${DAY}.zip`)
  await writeFile(path, bytes)
  await writeFile(`${path}.CHECKSUM`, `${sha256Of(bytes)}  BTCUSDT-1m-${DAY}.zip\n`)
}

test('from the checks of a run to the table of quality and the map of coverage', async () => {
  await restate((lines) => lines.filter((_, index) => index < 600 || index >= 900))
  const run = await lake('run', '--source', 'archive', '--dataset', MINUTES, FUNDING, TRADES, '--gold', '1d')
  expect(run.code).toBe(0)
  expect(run.out).toMatch(/BTCUSDT\/1m +3 +4,020 .* 1 \(300 rows\) +93\.05 /)

  const sql = await lake(
    'sql',
    `select dataset, day, rows, expected, missing, round(completeness, 4) as completeness, gaps, causes, score, blocked from quality where dataset = '${MINUTES}' order by day`,
    '--json',
  )
  expect(sql.json()).toEqual([
    {
      dataset: MINUTES,
      day: '2020-01-01',
      rows: 1440,
      expected: 1440,
      missing: 0,
      completeness: 1,
      gaps: 0,
      causes: null,
      score: 93.05,
      blocked: false,
    },
    {
      dataset: MINUTES,
      day: DAY,
      rows: 1140,
      expected: 1440,
      missing: 300,
      completeness: 0.7917,
      gaps: 1,
      causes: 'unknown 300',
      score: 93.05,
      blocked: false,
    },
    {
      dataset: MINUTES,
      day: '2020-01-03',
      rows: 1440,
      expected: 1440,
      missing: 0,
      completeness: 1,
      gaps: 0,
      causes: null,
      score: 93.05,
      blocked: false,
    },
  ])
  const fresh = await lake(
    'sql',
    `select dataset, count(*) as days, sum(rows) as rows, max(last_row) as reaches, min(age_seconds) > 1000000 as is_old from quality group by all order by all`,
    '--json',
  )
  expect(fresh.json()).toEqual([
    {
      dataset: TRADES,
      days: 1,
      rows: 105_280,
      reaches: expect.stringMatching(/^2026-05-08T23:59/) as unknown,
      is_old: true,
    },
    { dataset: MINUTES, days: 3, rows: 4020, reaches: '2020-01-04T00:00:00Z', is_old: true },
    {
      dataset: FUNDING,
      days: 30,
      rows: 90,
      reaches: expect.stringMatching(/^2026-04-30T16:00/) as unknown,
      is_old: true,
    },
  ])

  const status = await lake('status')
  expect(status.out).toMatch(/coverage, a cell a quarter +2020-01-01 to 2026-05-08\n/)
  expect(status.out).toMatch(/binance\/spot\/klines\/BTCUSDT\/1m +▒\n/)
  expect(status.out).toContain('█ whole')
  expect(status.out).toMatch(/BTCUSDT\/1m: up to 2020-01-04T00:00:00Z, [\d,]+ days ago/)
  expect((await lake('status', '--json')).json()).toMatchObject({
    blocked: [],
    coverage: [
      { dataset: TRADES, unit: 'quarter', cells: [{ from: '2026-05-08', to: '2026-05-09', completeness: null }] },
      {
        dataset: MINUTES,
        reaches: '2020-01-04T00:00:00Z',
        cells: [{ from: '2020-01-01', to: '2020-01-04', rows: 4020, expected: 4320, score: 93.05, blocked: false }],
      },
      { dataset: FUNDING, cells: [{ from: '2026-04-01', to: '2026-05-01', rows: 90, completeness: 1 }] },
    ],
  })
})

test('a file that says two things of a minute is told with the minute and both values', async () => {
  await restate((lines) => [...lines, (lines[7] ?? '').replace(/^((?:[^,]*,){4})[^,]*/, '$17191.5')])
  const { out } = await lake(
    'run',
    '--source',
    'archive',
    '--dataset',
    MINUTES,
    '--gold',
    'none',
    '--lake',
    'differing',
  )
  expect(out.split('\n').filter((line) => line.startsWith('note: '))).toEqual([
    `note: ${MINUTES}: 1 duplicate rows`,
    `note: ${MINUTES}: rows on which sources differ: close 1`,
    `note: ${MINUTES}: they differ first in close of the row 2020-01-02T00:07:00Z: 7191.5 of BTCUSDT-1m-2020-01-02.zip was kept, 7193.01 of BTCUSDT-1m-2020-01-02.zip was not`,
    `note: ${MINUTES}: the form has changed as is known: rows were ascending, now mixed, in BTCUSDT-1m-2020-01-02.zip`,
    `note: ${MINUTES}: the form has changed as is known: rows were mixed, now ascending, in BTCUSDT-1m-2020-01-03.zip`,
  ])
})

test('what cannot be is blocked: exit code 3, each time, until the source is mended', async () => {
  await restate((lines) =>
    lines.map((line, index) => (index === 7 ? line.replace(/^([^,]+,[^,]+),[^,]+/, '$1,1.5') : line)),
  )
  for (const words of [/Nothing was published: \d partitions? up to date, 1 blocked/, /1 blocked/]) {
    const { code, out } = await lake('run', '--source', 'archive', '--dataset', MINUTES, '--gold', '1d')
    expect(code).toBe(3)
    expect(out).toMatch(words)
    expect(out).toMatch(
      /blocked: binance\/spot\/klines\/BTCUSDT\/1m 2020-01 since .*1 row fails the check ohlc, the first at 2020-01-02T00:07:00Z/,
    )
  }
  const status = await lake('status')
  expect(status.code).toBe(0)
  expect(status.out).toMatch(/binance\/spot\/klines\/BTCUSDT\/1m +!\n/)
  expect(status.out).toContain('blocked: binance/spot/klines/BTCUSDT/1m 2020-01')
  const sql = await lake('sql', 'select distinct dataset, blocked, reason from quality where blocked', '--json')
  expect(sql.json()).toMatchObject([
    { dataset: MINUTES, blocked: true, reason: expect.stringContaining('ohlc') as unknown },
  ])
  expect((await lake('status', '--json')).json()).toMatchObject({ blocked: [{ dataset: MINUTES, label: '2020-01' }] })

  await restate((lines) => lines)
  const mended = await lake('run', '--source', 'archive', '--dataset', MINUTES, '--gold', '1d')
  expect(mended.code).toBe(0)
  expect(mended.out).toMatch(/4,320 .* 100\.00 /)
  expect((await lake('status')).out).not.toContain('blocked:')
})

test('a map takes the finest unit that fits its terminal', () => {
  expect([60, 61, 400, 413, 414, 1652, 1653, 5310, 5311].map((days) => [days, coverageUnit(days, 60)])).toEqual([
    [60, 'day'],
    [61, 'week'],
    [400, 'week'],
    [413, 'week'],
    [414, 'month'],
    [1652, 'month'],
    [1653, 'quarter'],
    [5310, 'quarter'],
    [5311, 'year'],
  ])
  const range = parseTimeRange('2023-11-15', '2024-02-02')
  expect(cellStarts('quarter', range).map(dayOf)).toEqual(['2023-10-01', '2024-01-01'])
  expect(cellStarts('year', range).map(dayOf)).toEqual(['2023-01-01', '2024-01-01'])
  expect(cellStarts('month', range).map(dayOf)).toEqual(['2023-11-01', '2023-12-01', '2024-01-01', '2024-02-01'])
})

test('a cell counts rows that could exist, and is as dark as they are there', () => {
  const dataset = datasetOf([
    { rows: 1440, expected: 1440, completeness: 1 },
    { rows: 1430, expected: 1440, completeness: 1430 / 1440 },
    { rows: 1300, expected: 1440, completeness: 1300 / 1440 },
    { rows: 10, expected: 1440, completeness: 10 / 1440 },
    { rows: 0, expected: 1440, completeness: 0 },
    // A halt of half a day: all that could exist is there.
    { rows: 720, expected: 1440, completeness: 1 },
    { rows: 0, expected: null, completeness: null },
    { rows: 5, expected: null, completeness: null },
    { rows: 5, expected: 5, completeness: 1, blocked: 'because' },
  ])
  expect(coverageMap([dataset], 100)).toContain(' █▓▒░·█·█!\n')
  const [week, next] = [...coverageCells(dataset, 'week').values()]
  expect(week).toMatchObject({ from: '2024-01-01', to: '2024-01-08', rows: 4900, expected: 8640, blocked: false })
  expect(week?.completeness).toBeCloseTo(4900 / (5 * 1440 + 720), 12)
  expect(next).toMatchObject({ rows: 10, expected: 5, blocked: true })
  expect(coverageMap([], 100)).toBe('')
  expect(coverageMap([{ ...dataset, days: [] }], 100)).toBe('')
})

function datasetOf(days: readonly Partial<QualityDay>[]): DatasetQuality {
  const monday = parseInstant('2024-01-01')
  const nothing = { missing: {}, gaps: 0, score: null, findings: [], blocked: null }
  return {
    id: MINUTES,
    dataset: parseDatasetId(MINUTES),
    days: days.map((day, index) => ({
      ...{ day: dayOf(monday + index * DAY_MICROS), rows: null, expected: null, completeness: null, ...nothing },
      ...day,
    })),
    gaps: 0,
    blocked: [],
    failed: [],
  }
}
