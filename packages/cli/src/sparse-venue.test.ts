import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { monthOf, parseInstant } from '@lake/core'
import { openLedger } from '@lake/ledger'
import { openStore } from '@lake/storage'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

/*
 * A venue that leaves out bars without trades, from a folder of its downloads: the hours of a real pair, and two years of
 * minutes of which most are absent, so that there are hundreds of thousands of holes.
 */

const HOURS = 'kraken/spot/klines/XBTUSD/1h'
const MINUTES = 'kraken/spot/klines/XBTEUR/1m'
const [FROM, TO] = [parseInstant('2017-01-01'), parseInstant('2019-01-01')]
const MINUTE = 60_000_000

let folder: string
let present: readonly number[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-sparse-venue-'))
  await mkdir(join(folder, 'downloads'))
  const hours = gunzipSync(await readFile(new URL('../../../fixtures/venues/kraken/XBTUSD_60.csv.gz', import.meta.url)))
  await writeFile(join(folder, 'downloads/XBTUSD_60.csv'), hours)
  present = thinMinutes()
  const lines = present.map((time) => `${time / 1_000_000},9.5,9.75,9.25,9.5,1.5,3`)
  await writeFile(join(folder, 'downloads/XBTEUR_1.csv'), `${lines.join('\n')}\n`)
}, 60_000)

afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** About every third minute, by a generator that gives the same ones everywhere. */
function thinMinutes(): number[] {
  const times: number[] = []
  let state = 1
  for (let time = FROM; time < TO; time += MINUTE) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    if (state >>> 16 < 22_000) times.push(time)
  }
  return times
}

async function lake(...argv: readonly string[]) {
  const terminal = capturedTerminal()
  const signal = new AbortController().signal
  const code = await runCommandLine({ argv, terminal, workingDirectory: folder, signal })
  return { code, out: terminal.stdout() }
}

test('of a real pair, `lake gaps` says "no trades" and lists no gap', async () => {
  const run = await lake('run', '--source', 'downloads', '--dataset', HOURS, '--gold', 'none', '--lake', 'real')
  expect(run.code).toBe(0)
  expect(run.out.split('\n').filter((line) => line.startsWith('note: '))).toEqual([
    `note: ${HOURS}: 6,279 bars without trades, in 1,818 stretches shorter than a day`,
    `note: ${HOURS}: 4 rows to look at, by the check spike(high)`,
    `note: ${HOURS}: 4 rows to look at, by the check spike(low)`,
    `note: ${HOURS}: missing days 2013-10-01, 2013-10-02, 2013-10-03 and 15 more`,
    `note: ${HOURS}: 17 files without a published checksum, stored unverified`,
  ])
  expect(await lake('gaps', '--lake', 'real')).toEqual({
    code: 0,
    out: `0 gaps, 0 rows missing, in 0 datasets with a grid in time.\n${HOURS}: no trades in 6,952 bars of days with trades, which the venue leaves out: no gaps.\n`,
  })
  const february = await lake('gaps', '--from', '2014-02-03', '--to', '2014-02-05', '--lake', 'real', '--json')
  expect(JSON.parse(february.out)).toEqual({ gaps: [], noTrades: [{ dataset: HOURS, bars: 24 }] })
}, 60_000)

test('hundreds of thousands of holes cost a line each, not a line a hole', async () => {
  const run = await lake(
    'run',
    '--source',
    'downloads',
    '--dataset',
    MINUTES,
    '--gold',
    '1h',
    '--lake',
    'thin',
    '--json',
  )
  expect(run.code).toBe(0)
  // As runs count them: by month.
  const stretches = present.filter((time, at) => {
    const before = present[at - 1] ?? time
    return time - before > MINUTE && (monthOf(before) === monthOf(time) || monthOf(time - MINUTE) === monthOf(time))
  }).length
  expect(stretches).toBeGreaterThan(200_000)
  const { datasets } = JSON.parse(run.out) as {
    datasets: { rows: number; gaps: null; counts: Record<string, number> }[]
  }
  expect(datasets[0]).toMatchObject({ rows: present.length, gaps: null })
  expect(datasets[0]?.counts['bars_without_trades']).toBe((TO - FROM) / MINUTE - present.length)
  expect(datasets[0]?.counts['stretches_without_trades']).toBeGreaterThan(stretches * 0.999)
  const gaps = await lake('gaps', '--lake', 'thin')
  expect(gaps.out).toMatch(
    /^0 gaps, .*\n\S+: no trades in \d{3},\d{3} bars of days with trades, which the venue leaves out: no gaps\.\n$/,
  )
  const status = await lake('status', '--lake', 'thin', '--json')
  const texts = [run, gaps, status, await lake('status', '--lake', 'thin')].map(({ out }) => out.length)
  expect(Math.max(...texts)).toBeLessThan(20_000)
  const store = openStore(`file:${join(folder, 'thin')}`)
  for await (const { key, size } of store.list({ prefix: '_lake/' })) {
    // What is rolled up is all manifests of a series.
    const most = key.startsWith('_lake/index/') ? 100_000 : 30_000
    expect([key, size < most]).toEqual([key, true])
  }
  for await (const { files } of openLedger(store).manifests())
    for (const file of files) expect(file.gaps ?? []).toEqual([])
}, 120_000)
