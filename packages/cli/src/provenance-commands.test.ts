import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflateRawSync } from 'node:zlib'
import { formatInstant } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { sha256Of } from '@lake/ledger'
import { certifyLake, defineLake, type ListedRestatement, listRestatements } from '@lake/pipeline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

const SAMPLE = fileURLToPath(new URL('../../../fixtures/archive', import.meta.url))
const MINUTES = 'binance/spot/klines/BTCUSDT/1m'
const FOLDER = 'data/spot/daily/klines/BTCUSDT/1m'
const LAST_DAY = `${FOLDER}/BTCUSDT-1m-2020-01-03.zip`
const PLACE = 'exchange=binance/market=spot/symbol=BTCUSDT'
const DAY_BARS = `gold/bars/${PLACE}/interval=1d/month=2020-01/2020-01.parquet`

let folder: string
let runOutput: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-provenance-'))
  await cp(join(SAMPLE, FOLDER), join(folder, 'archive', FOLDER), { recursive: true })
  await lake('run', '--source', 'archive', '--dataset', MINUTES, '--gold', '1d')
  await restateLastDay()
  runOutput = (await lake('run', '--source', 'archive', '--dataset', MINUTES, '--gold', '1d')).out
}, 60_000)

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function lake(...argv: readonly string[]) {
  const terminal = capturedTerminal()
  const options = { terminal, workingDirectory: folder, signal: new AbortController().signal }
  const code = await runCommandLine({ argv, ...options })
  return { code, out: terminal.stdout(), err: terminal.stderr() }
}

async function listed(): Promise<readonly ListedRestatement[]> {
  return listRestatements(defineLake({ lake: join(folder, 'lake-data') }))
}

/** The archive publishes its last day anew: another close of the last minute. */
async function restateLastDay(): Promise<void> {
  const text = await readDay(LAST_DAY)
  await publish(LAST_DAY, text.replace('7344.96000000,162.22', '7340.50000000,162.22'))
}

async function readDay(key: string): Promise<string> {
  const zip = await readFile(join(folder, 'archive', key))
  return inflateRawSync(zip.subarray(30 + zip.readUInt16LE(26) + zip.readUInt16LE(28))).toString()
}

async function publish(key: string, text: string): Promise<void> {
  const path = join(folder, 'archive', key)
  const name = basename(key)
  const bytes = await writeZip([{ name: name.replace(/\.zip$/, '.csv'), bytes: Buffer.from(text) }])
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
  await writeFile(`${path}.CHECKSUM`, `${sha256Of(bytes)}  ${name}\n`)
}

describe('a restatement', () => {
  test('is told by the run that takes it', () => {
    const change = '1 changed (close), first'
    expect(runOutput).toContain(
      `restated: klines/binance/spot/BTCUSDT/1m 2020-01: ${change} 2020-01-03T23:59:00Z close 7344.96 -> 7340.5, because of BTCUSDT-1m-2020-01-03.zip\n`,
    )
    expect(runOutput).toMatch(
      /restated: bars\/binance\/spot\/BTCUSDT\/1d 2020-01: 1 changed \(close\), .*because of klines/,
    )
  })

  test('is listed by lake restatements, as a table and as JSON', async () => {
    const table = await lake('restatements', '--dataset', MINUTES)
    expect(table.code).toBe(0)
    expect(table.out).toMatch(
      /klines\/binance\/spot\/BTCUSDT\/1m 2020-01 +1 changed \(close\) +2020-01-03T23:59:00Z close/,
    )
    expect(table.out).toContain('2 partitions restated.')
    const [silver] = await listed()
    const { out } = await lake('restatements', '--json')
    expect(JSON.parse(out)).toMatchObject({
      restatements: [
        { key: silver?.key, report: { diff: { changed: 1 } } },
        { key: DAY_BARS, report: { inputs: [{ key: silver?.key, before: silver?.before }] } },
      ],
    })
    expect(out).toMatch(/"supersededAt":"[^"]+Z","committedAt":"[^"]+Z"/)
    expect(out).toContain('"time":"2020-01-03T23:59:00Z"')
    expect(out).toContain('"range":{"from":"2020-01-03T23:59:00Z","to":"2020-01-03T23:59:00.000001Z"}')
    const none = await lake('restatements', '--from', '2021-01-01', '--to', '2021-02-01')
    expect(none.out).toBe('0 partitions restated.\n')
  })
})

describe('lake sql', () => {
  test('reads the lake as it stood, and what could be known', async () => {
    const [silver] = await listed()
    const question = "select close from klines where ts_event = '2020-01-03 23:59:00+00'"
    const answer = async (...at: readonly string[]): Promise<unknown> =>
      JSON.parse((await lake('sql', question, '--json', ...at)).out)
    expect(await answer()).toEqual([{ close: 7340.5 }])
    expect(await answer('--as-of', formatInstant(silver?.committedAt ?? 0))).toEqual([{ close: 7344.96 }])
    expect(await answer('--known-at', '2020-01-03T23:59:59Z')).toEqual([])
    expect(await answer('--known-at', '2020-01-04')).toEqual([{ close: 7340.5 }])
  })

  test.each(['--as-of', '--known-at'])('names %s when it is no time, and refuses what is of now', async (option) => {
    for (const text of ['yesterday', '2024-02-30', '2024-01-01T00:00:00', '2024-01-01T00:00:00+01:00', '1704067200']) {
      const { code, err } = await lake('sql', 'select 1 from klines', option, text)
      expect([code, err]).toEqual([2, expect.stringContaining(`${option} takes a time in UTC`)])
    }
    const { code, err } = await lake('sql', 'select count(*) from quality', option, '2024-01-01')
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^.*The table 'quality' is computed of the lake as it is now.* count them by day/s),
    ])
  })

  test('says that the lake held nothing, to one who means the clock of the market', async () => {
    const { code, out, err } = await lake('sql', 'select count(*) as n from klines', '--json', '--as-of', '2020-01-04')
    expect([code, JSON.parse(out)]).toEqual([0, [{ n: 0 }]])
    expect(err).toContain('The lake held nothing at 2020-01-04T00:00:00Z, by its own clock.')
    const now = await lake('sql', 'select count(*) as n from klines', '--json', '--as-of', '2100-01-01')
    expect([JSON.parse(now.out), now.err]).toEqual([[{ n: 4320 }], ''])
  })
})

describe('lake lineage', () => {
  test('says so where rows were added since the moment that is asked for', async () => {
    const run = ['run', '--source', 'archive', '--dataset', MINUTES, '--gold', 'none', '--lake', 'grown'] as const
    await lake(...run, '--from', '2020-01-01', '--to', '2020-01-03')
    const then = ['--as-of', formatInstant(Date.now() * 1000), '--lake', 'grown'] as const
    expect((await lake('lineage', MINUTES, ...then)).out).not.toContain('added since')
    await lake(...run)
    const { out } = await lake('lineage', MINUTES, ...then)
    expect(out).toContain('rows were added since the moment asked for: hash, rows and inputs are those of later')
    const json = JSON.parse((await lake('lineage', MINUTES, ...then, '--json')).out) as unknown
    expect(json).toMatchObject({ lineage: [{ hasGrown: true }] })
    expect((await lake('lineage', MINUTES, '--lake', 'grown')).out).not.toContain('added since')
  })

  test('draws a tree from gold to the files as received', async () => {
    const { code, out } = await lake('lineage', DAY_BARS)
    expect(code).toBe(0)
    const lines = out.trimEnd().split('\n')
    expect(lines[0]).toBe(DAY_BARS)
    expect(lines[1]).toMatch(
      /^│ {4}sha256 [0-9a-f]{64}, 3 rows, revision \d+, contractSize null, interval 1d, sources /,
    )
    expect(lines[2]).toMatch(/^│ {4}committed \d{4}-.*Z by the run \d{4}-/)
    expect(lines[3]).toMatch(/^└─ silver\/klines\//)
    expect(lines[4]).toMatch(/^ {3}│ {4}sha256 [0-9a-f]{64}, 4,320 rows, revision \d+, .*policy archive-first/)
    expect(lines[6]).toBe(`   ├─ bronze/binance/archive/${FOLDER}/BTCUSDT-1m-2020-01-01.zip`)
    expect(lines[7]).toMatch(/^ {3}│ {6,}sha256 [0-9a-f]{64}, as received$/)
    expect(lines[10]).toMatch(/^ {3}└─ bronze\/.*2020-01-03\.restated-[0-9a-f]+\.zip$/)
  })

  test('takes a dataset, a month of it, a path and a kept version', async () => {
    const { out } = await lake('lineage', MINUTES, '--month', '2020-01', '--json')
    expect(JSON.parse(out)).toMatchObject({
      lineage: [{ state: 'current', rows: 4320, inputs: [{ state: 'received' }, {}, {}] }],
    })
    expect(out).toMatch(/"commit":\{"at":"[^"]+Z","run":"[^"]+","since":"[^"]+Z"\}/)
    const path = await lake('lineage', `lake-data/${DAY_BARS}`)
    expect(path.out.startsWith(DAY_BARS)).toBe(true)
    const [, bars] = await listed()
    const old = await lake('lineage', `_lake/versions/${String(bars?.before)}.parquet`)
    expect(old.out).toContain('superseded since, kept in _lake/versions')
    const then = ['--as-of', formatInstant(bars?.committedAt ?? 0)]
    expect((await lake('lineage', DAY_BARS, ...then)).out).toBe(old.out)
    const silver = await lake('lineage', MINUTES, ...then)
    expect(silver.out).toMatch(/superseded since.*\n(?:.*\n)*.*BTCUSDT-1m-2020-01-03\.zip\n/)
    const version = await lake('lineage', `_lake/versions/${String(bars?.before)}.parquet`, ...then)
    expect([version.code, version.err]).toEqual([2, expect.stringContaining('leave out --as-of')])
    const before = await lake('lineage', MINUTES, '--as-of', '2020-01-01')
    expect(before.err).toContain('as it stood at 2020-01-01T00:00:00Z')
  })

  test('says what it does not know', async () => {
    const { code, err } = await lake('lineage', MINUTES, '--month', '2021-01')
    expect(code).toBe(1)
    expect(err).toContain(`The lake has no partition of ${MINUTES} in 2021-01.`)
    expect((await lake('lineage', 'nothing')).code).toBe(2)
  })
})

describe('lake certify', () => {
  const certify = (...argv: readonly string[]) => lake('certify', '--lake', 'certified', ...argv)

  beforeAll(async () => {
    await lake('run', '--source', 'archive', '--dataset', MINUTES, '--gold', 'none', '--lake', 'certified')
  })

  test('says that there is nothing to compare, and that is no error', async () => {
    const { code, out } = await certify()
    expect(code).toBe(0)
    expect(out).toMatch(/1m 2020-01 +uncompared +only daily 4,320 rows +made\n/)
    expect(out).toContain('1 partition: 0 agree, 0 differ, 1 with one source only. 0 files taken to compare.')
  })

  test('takes the other granularity, and lists what differs', async () => {
    await publishMonth((minute, line) => (minute === 7 ? line.replace(/,[^,]*$/, ',1') : line))
    const { code, out } = await certify('--source', 'archive')
    expect(out).toMatch(/1m 2020-01 +agrees +monthly = daily \(4,320 rows\) +made\n/)
    expect(out).toMatch(/changed: .*1m 2020-01 since its last certificate: bronze.*BTCUSDT-1m-2020-01\.zip\n/)
    expect(code).toBe(0)
    await publishMonth((minute, line) => (minute === 7 ? line.replace(/^((?:[^,]*,){4})[^,]*/, '$11.5') : line))
    const differing = await certify('--source', 'archive', '--json')
    expect(differing.code).toBe(3)
    expect(JSON.parse(differing.out)).toMatchObject({
      partitions: [{ id: MINUTES, label: '2020-01', state: 'made', certificate: { verdict: 'differs' } }],
      filesFetched: 1,
      failures: [],
    })
    const again = await certify()
    expect(again.code).toBe(3)
    expect(again.out).toMatch(
      /differs +monthly ≠ daily \(4,319 of 4,320 rows the same\), monthly ≠ partition .* standing\n/,
    )
    expect(again.out).toMatch(
      /monthly and daily: 1 row with other values \(close 1\); first 2020-01-01T00:07:00Z close 1.5 \/ 7\d+/,
    )
  })

  test('tells an altered certificate, and what it cannot do', async () => {
    const { partitions } = await certifyLake(defineLake({ lake: join(folder, 'certified') }))
    await writeFile(join(folder, 'certified', partitions[0]?.certificateKey ?? ''), '{}')
    const { code, out } = await certify()
    expect(code).toBe(3)
    expect(out).toMatch(/altered: _lake\/reports\/certificates\/.*was not what its inputs give; it was made again/)
    expect((await certify('--dataset', 'binance/spot/klines/ETHUSDT/1m')).code).toBe(1)
    const partial = await certify('--dataset', MINUTES, 'binance/spot/klines/ETHUSDT/1m')
    expect(partial.code).toBe(3)
    expect(partial.err).toContain('The lake holds nothing of binance/spot/klines/ETHUSDT/1m to certify.')
  })
})

/** Publishes the month of the days, its lines edited. */
async function publishMonth(edit: (minute: number, line: string) => string): Promise<void> {
  const days = await Promise.all(
    ['2020-01-01', '2020-01-02', '2020-01-03'].map((day) => readDay(`${FOLDER}/BTCUSDT-1m-${day}.zip`)),
  )
  const lines = days.flatMap((text) => text.trimEnd().split('\n'))
  await publish(
    'data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01.zip',
    lines.map((line, minute) => edit(minute, line)).join('\n'),
  )
}

describe('lake versions', () => {
  test('lists what is kept, prunes what it is told to, and reads the present all the same', async () => {
    const options = { recursive: true } as const
    await cp(join(folder, 'lake-data'), join(folder, 'pruned'), options)
    const listed = await lake('versions', '--lake', 'pruned')
    expect(listed.out).toMatch(/silver\/klines.*\n(.*\n)*2 versions, .* kept\./)
    const dry = await lake('versions', '--prune', '--older-than', '0', '--dry-run', '--lake', 'pruned')
    expect(dry.out).toContain('would be pruned; nothing was (--dry-run)')
    expect((await lake('versions', '--prune', '--lake', 'pruned')).err).toContain('Say which versions may go')
    expect((await lake('versions', '--prune', '--keep', '1', '--lake', 'pruned')).out).toContain('0 versions')
    const done = await lake('versions', '--prune', '--older-than', '0', '--json', '--lake', 'pruned')
    expect(JSON.parse(done.out) as unknown).toMatchObject({ pruned: true })
    expect((await lake('versions', '--lake', 'pruned')).out).toContain('0 versions')
    expect((await lake('restatements', '--lake', 'pruned')).out).toContain('BTCUSDT')
    const then = await lake('sql', 'select 1 from klines', '--as-of', '2020-01-01', '--lake', 'pruned')
    expect(then.code).toBe(0)
  })
})
