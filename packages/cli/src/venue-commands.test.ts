import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readDataset } from '@lake/catalog'
import { formatInstant, parseDatasetId } from '@lake/core'
import { rowsFromArchive, startVenue, type Venue } from '@lake/ingest-ccxt/testing'
import { openStore } from '@lake/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

const SAMPLE = fileURLToPath(new URL('../../../fixtures/archive', import.meta.url))
const MINUTES = 'binance/spot/klines/BTCUSDT/1m'
const DAYS = ['2020-01-01', '2020-01-02', '2020-01-03']
const fileOf = (day: string): string => `data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-${day}.zip`

let folder: string
let venue: Venue

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-venue-commands-'))
  const zips = await Promise.all(DAYS.map((day) => readFile(join(SAMPLE, fileOf(day)))))
  venue = await startVenue({ rows: zips.flatMap((zip) => rowsFromArchive(zip, parseDatasetId(MINUTES))) })
  // An archive that lacks the day in the middle.
  for (const day of ['2020-01-01', '2020-01-03']) {
    for (const end of ['', '.CHECKSUM']) {
      await cp(join(SAMPLE, fileOf(day)) + end, join(folder, 'archive', fileOf(day)) + end)
    }
  }
})

afterAll(async () => {
  await venue.close()
  await rm(folder, { recursive: true })
})

async function lake(...argv: readonly string[]) {
  const terminal = capturedTerminal()
  const options = { terminal, workingDirectory: folder, signal: new AbortController().signal }
  const code = await runCommandLine({ argv, ...options })
  return { code, out: terminal.stdout(), err: terminal.stderr() }
}

const at = (): string[] => ['--venue-url', `binance=${venue.url}`]

describe('lake heal', () => {
  test('fills what the archive lacks, says what it did, and does nothing the second time', async () => {
    await lake('run', '--source', 'archive', '--dataset', MINUTES, '--lake', 'healed')
    const healed = await lake('heal', '--lake', 'healed', ...at())
    expect(healed.code).toBe(0)
    expect(healed.out).toMatch(/BTCUSDT\/1m +1 +1,440 +0 +\d/)
    const again = await lake('heal', '--lake', 'healed', '--json', ...at())
    expect(JSON.parse(again.out)).toMatchObject({
      datasets: [{ id: MINUTES, rowsAdded: 0, gapsFilled: 0, gapsLeft: 0, requests: 0 }],
      failures: [],
    })
    const days = await lake(
      'sql',
      "select count(*) n from bars where interval = '1d'",
      '--lake',
      'healed',
      '--format',
      'json',
    )
    expect(JSON.parse(days.out)).toEqual([{ n: 3 }])
  })

  test('tells by its exit code that something is left, and which gap and why', async () => {
    await lake('run', '--source', 'archive', '--dataset', MINUTES, '--lake', 'left')
    const { code, out } = await lake('heal', '--lake', 'left', '--venue-url', 'binance=http://127.0.0.1:9')
    expect(code).toBe(3)
    expect(out).toContain(`left: ${MINUTES} 2020-01-02T00:00:00Z to 2020-01-03T00:00:00Z, 1,440 rows:`)
  })

  test.each([
    [['--venue-url', 'http://127.0.0.1'], /exchange=url/],
    [['--budget-share', '2'], /above 0 and at most 1/],
    [['--budget', 'much'], /number of gaps/],
    [['--from', '2020-01-01'], /--to is missing/],
  ])('refuses %j', async (wrong, message) => {
    const { code, err } = await lake('heal', ...wrong)
    expect([code, err]).toEqual([2, expect.stringMatching(message)])
  })
})

describe('lake gaps', () => {
  test('lists what is missing, why, and who could be asked', async () => {
    await lake('run', '--source', 'archive', '--dataset', MINUTES, '--lake', 'gaps')
    const { code, out } = await lake('gaps', '--lake', 'gaps')
    expect(code).toBe(0)
    expect(out).toMatch(
      /BTCUSDT\/1m +2020-01-02T00:00:00Z +2020-01-03T00:00:00Z +1,440 +unknown +archive rest +Nothing/,
    )
    expect(out).toContain('1 gap, 1,440 rows missing, in 1 dataset')
    const json = await lake(
      'gaps',
      '--lake',
      'gaps',
      '--dataset',
      MINUTES,
      '--from',
      '2020-01-02',
      '--to',
      '2020-01-04',
      '--json',
    )
    expect(JSON.parse(json.out)).toMatchObject({
      gaps: [{ dataset: MINUTES, from: '2020-01-02T00:00:00Z', expected: 1440, cause: 'unknown' }],
    })
  })
})

describe('lake run', () => {
  const run = (lakeName: string, ...more: readonly string[]) =>
    lake('run', '--source', 'archive', '--dataset', MINUTES, '--gold', 'none', '--lake', lakeName, ...more)

  test('fills the gap within the run', async () => {
    expect(JSON.parse((await run('run', '--json', ...at())).out)).toMatchObject({
      datasets: [{ rows: 4320, gaps: 0, gapsFilled: 1 }],
      unasked: [],
    })
  })

  test('says in a line that a venue could not be reached, and how to go on; with --no-heal it asks nobody', async () => {
    const offline = await run('offline')
    expect([offline.code, offline.out.split('\n').filter((line) => line.startsWith('left:'))]).toEqual([
      0,
      [
        'left: 1 gap (1,440 rows) not asked of binance: it could not be reached, or gave no answer that can be used. Go on with lake heal.',
      ],
    ])
    const silent = await run('offline', '--no-heal')
    expect(silent.out).not.toContain('left:')
    const some = await run('offline', '--heal-budget', '1', ...at())
    expect(some.out).toContain('left: 1 gap (440 rows) not asked of binance: as much was asked for as fits in passing.')
    expect((await run('offline', '--heal-budget', 'all')).err).toContain(
      '--heal-budget takes a whole number above zero',
    )
  })
})

describe('as of a moment', () => {
  test('rows that a heal added later are not there, in SQL, in gold and in readDataset', async () => {
    await lake('run', '--source', 'archive', '--dataset', MINUTES, '--gold', '1h', '--no-heal', '--lake', 'then')
    const before = Date.now() * 1000
    await lake('heal', '--lake', 'then', ...at())
    const after = Date.now() * 1000
    const store = openStore(`file:${join(folder, 'then')}`)
    const dataset = { ...parseDatasetId(MINUTES), dataType: 'klines' } as const
    const held = async (asOf: number) => {
      const query = `select (select count(*) from klines) as bars_1m, (select count(*) from bars) as bars_1h,
        (select count(*) from klines where ts_event >= '2020-01-02' and ts_event < '2020-01-03') as filled`
      const sql = await lake('sql', query, '--lake', 'then', '--as-of', formatInstant(asOf), '--format', 'json')
      const days: number[] = []
      for await (const table of readDataset({ store, dataset, columns: ['close'], asOf })) days.push(table.numRows)
      expect(sql.err).toBe('')
      const counts: unknown = JSON.parse(sql.out)
      return { counts, days }
    }
    expect(await held(before)).toEqual({ counts: [{ bars_1m: 2880, bars_1h: 48, filled: 0 }], days: [2880] })
    expect(await held(after)).toEqual({ counts: [{ bars_1m: 4320, bars_1h: 72, filled: 1440 }], days: [4320] })
  })
})

describe('lake update', () => {
  test('of a lake without datasets says so', async () => {
    const { code, err } = await lake('update', '--lake', 'empty', ...at())
    expect(code).toBe(0)
    expect(err).toContain('holds no dataset that could be updated')
  })

  test('brings a dataset from where it is told to begin, then only what is new', async () => {
    const from = ['update', '--dataset', MINUTES, '--from', '2020-01-02', '--to', '2020-01-03', '--lake', 'updated']
    const first = await lake(...from, '--json', ...at())
    expect(first.code).toBe(0)
    expect(JSON.parse(first.out)).toMatchObject({
      datasets: [{ id: MINUTES, rowsAdded: 1440, silverTo: '2020-01-03T00:00:00Z' }],
    })
    const second = await lake('update', '--lake', 'updated', '--to', '2020-01-03T00:30:00Z', ...at())
    expect(second.out).toMatch(/BTCUSDT\/1m +90 +0 +2020-01-03T00:00:00Z +2020-01-03T00:30:00Z/)
    const third = await lake('update', '--lake', 'updated', '--to', '2020-01-04', '--commit-every', '0', ...at())
    expect(third.out).toMatch(/1,440 +2020-01-04T00:00:00Z/)
  })

  test.each([
    [['--every', 'often'], /such as 30m/],
    [['--every', '0'], /--every takes a time/],
    [
      ['--from', '2020-01-04', '--to', '2020-01-03'],
      /2020-01-04T00:00:00Z to 2020-01-03T00:00:00Z is of no time at all/,
    ],
    [['--commit-every', '1x'], /--commit-every takes a time/],
    [['--dataset', MINUTES, '--lake', 'nothing'], /begin with --from/],
  ])('refuses %j', async (wrong, message) => {
    const { code, err } = await lake('update', ...wrong, ...at())
    expect([code > 0, err]).toEqual([true, expect.stringMatching(message)])
  })
})
