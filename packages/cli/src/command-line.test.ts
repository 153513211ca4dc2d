import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { floatValues } from '@lake/core'
import { readParquet } from '@lake/parquet'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommandLine } from './command-line.ts'
import type { Terminal } from './terminal.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

const SAMPLE = fileURLToPath(new URL('../../../fixtures/archive', import.meta.url))
const MINUTES = 'binance/spot/klines/BTCUSDT/1m'
const FUNDING = 'binance/um/fundingRate/BTCUSDT'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-cli-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function lake(argv: readonly string[], options: Partial<Terminal> & { signal?: AbortSignal } = {}) {
  const { signal = new AbortController().signal, ...looks } = options
  const terminal = capturedTerminal(looks)
  const code = await runCommandLine({ argv, terminal, workingDirectory: folder, signal })
  return { code, out: terminal.stdout(), bytes: terminal.stdoutBytes(), err: terminal.stderr() }
}

describe('lake run', () => {
  test('prints a table of what came in, and progress as plain lines on standard error', async () => {
    const { code, out, err } = await lake(['run', '--source', SAMPLE, '--dataset', MINUTES, FUNDING])
    expect(code).toBe(0)
    expect(out).toMatch(
      /binance\/spot\/klines\/BTCUSDT\/1m +3 +4,320 +2020-01-01T00:00:00Z +2020-01-03T23:59:00Z +0 +100\.00 +5m 864 {2}1h 72 {2}1d 3/,
    )
    expect(out).toMatch(/\d+ partitions written/)
    expect(out).toContain('The lake lies in file:///')
    expect(err).toContain(`${MINUTES}: 3 files to look at\n`)
    expect(err).toContain(`${MINUTES}: 1/1 months in silver (2020-01)`)
  })

  test('says so when there is nothing to do', async () => {
    const { code, out } = await lake(['run', '--source', SAMPLE, '--dataset', MINUTES])
    expect(code).toBe(0)
    expect(out).toContain('Nothing to do: all 4 partitions are up to date')
    expect(out).toMatch(/0 of 3/)
  })

  test('with --json prints one document with at least what is promised', async () => {
    const { code, out } = await lake(['run', '--source', SAMPLE, '--dataset', MINUTES, '--json', '--gold', '1h'])
    expect(code).toBe(0)
    const report: unknown = JSON.parse(out)
    expect(report).toMatchObject({
      datasets: [{ id: MINUTES, rows: 4320, partitions: 0, gaps: 0, skipped: 2, gold: { '1h': 72 } }],
      failures: [],
    })
    expect(report).toHaveProperty('seconds', expect.any(Number))
  })

  test('takes the datasets that another program writes', async () => {
    const input = () => Readable.from([`${MINUTES}\n\n`, `${FUNDING}\n`])
    const { code, out } = await lake(['run', '--source', SAMPLE, '--dataset', '-', '--json'], { input })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ datasets: [{ id: MINUTES }, { id: FUNDING }] })
  })

  test('--dry-run says what it would take and why, and makes no lake', async () => {
    const dry = ['run', '--source', SAMPLE, '--dataset', MINUTES, '--dry-run', '--lake', 'nothing-here']
    const { code, out } = await lake([...dry, '--from', '2020-01-02', '--to', '2020-01-03'])
    expect(code).toBe(0)
    expect(out).toContain('BTCUSDT-1m-2020-01-02.zip')
    expect(out).toContain('1 file, 70.6 kB. Nothing was moved')
    expect(JSON.parse((await lake([...dry, '--json'])).out)).toMatchObject({ dryRun: true, files: [{}, {}, {}] })
    expect((await lake(['status', '--lake', 'nothing-here'])).out).toContain('is empty')
  })

  test('goes on past a dataset that fails: partial is 3', async () => {
    const { code, out, err } = await lake([
      'run',
      '--source',
      SAMPLE,
      '--dataset',
      FUNDING,
      'binance/um/fundingRate/NOPE',
    ])
    expect(code).toBe(3)
    expect(out).toContain(FUNDING)
    expect(err).toContain('has no files of binance/um/fundingRate/NOPE')
    expect(err).not.toContain('at ')
  })

  test('nothing published is 1, and with --json the error is the document', async () => {
    const argv = ['run', '--source', SAMPLE, '--dataset', 'binance/um/fundingRate/NOPE']
    expect((await lake(argv)).code).toBe(1)
    const { code, out } = await lake([...argv, '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      error: { code: 'NOT_FOUND', details: { dataset: 'binance/um/fundingRate/NOPE' } },
    })
  })

  test('a damaged file is named on one line, without a stack', async () => {
    const archive = join(folder, 'damaged')
    await cp(SAMPLE, archive, { recursive: true })
    const file = 'data/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-04.zip'
    await writeFile(join(archive, file), 'not a zip')
    const { code, err } = await lake(['run', '--source', 'damaged', '--dataset', FUNDING, '--lake', 'other'])
    expect(code).toBe(1)
    expect(err).toContain('BTCUSDT-fundingRate-2026-04.zip')
    expect(err).toContain('[CHECKSUM_MISMATCH]')
    expect(err.split('\n').filter((line) => /^\s+at /.test(line))).toEqual([])
  })

  test.each([
    [['run'], "required option '--source <url>' not specified"],
    [['run', '--source', SAMPLE], "required option '--dataset <id...>' not specified"],
    [['run', '--source', SAMPLE, '--dataset', 'binance/spot/klines/BTCUSDT'], 'needs an interval'],
    [['run', '--source', SAMPLE, '--dataset', MINUTES, '--from', '2020-01-01'], '--to is missing'],
    [['run', '--source', SAMPLE, '--dataset', MINUTES, '--to', '2020-01-01'], '--from is missing'],
    [['run', '--source', SAMPLE, '--dataset', MINUTES, '--from', 'x', '--to', 'y'], "'x' is not a time"],
    [['run', '--source', SAMPLE, '--dataset', MINUTES, '--gold', '7m'], "no interval '7m'"],
    [['run', '--source', 'ftp://x', '--dataset', MINUTES], 'ftp'],
    [['walk'], "unknown command 'walk'"],
    [['status', '--colour'], "unknown option '--colour'"],
    [['sql', 'select 1', '--format', 'xml'], "'xml' is invalid"],
  ])('usage errors are 2: %j', async (argv, why) => {
    const { code, err } = await lake(argv)
    expect(err).toContain(why)
    expect(code).toBe(2)
  })

  test('an aborted run is 130 and says that it goes on', async () => {
    const argv = ['run', '--source', SAMPLE, '--dataset', MINUTES, '--lake', 'aborted']
    const { code, err } = await lake(argv, { signal: AbortSignal.abort() })
    expect(code).toBe(130)
    expect(err).toContain('the same command goes on from there')
  })
})

describe('lake sql', () => {
  const query = 'select symbol, count(*) n, min(ts_event), max(ts_event) from klines group by 1'

  test('answers as JSON with times in UTC', async () => {
    const { code, out } = await lake(['sql', query, '--format', 'json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual([
      { symbol: 'BTCUSDT', n: 4320, 'min(ts_event)': '2020-01-01T00:00:00Z', 'max(ts_event)': '2020-01-03T23:59:00Z' },
    ])
    expect((await lake(['sql', query, '--json'])).out).toBe(out)
  })

  test('prints a table, ndjson and csv', async () => {
    const select = 'select symbol, "interval", count(*) as n from bars group by all order by n desc'
    expect((await lake(['sql', select])).out).toBe(
      'symbol   interval    n\nBTCUSDT  5m        864\nBTCUSDT  1h         72\nBTCUSDT  1d          3\n(3 rows)\n',
    )
    expect((await lake(['sql', `${select} limit 1`, '--format', 'ndjson'])).out).toBe(
      '{"symbol":"BTCUSDT","interval":"5m","n":864}\n',
    )
    const csv = await lake(['sql', `select 'a,"b' as text, null as nothing, [1, 2] as list`, '--format', 'csv'])
    expect(csv.out).toBe('text,nothing,list\r\n"a,""b",,"[1,2]"\r\n')
  })

  test('gives Arrow and Parquet that can be read back', async () => {
    const select = 'select ts_event, close from klines order by ts_event limit 3'
    const arrow = await lake(['sql', select, '--format', 'arrow'])
    expect([...floatValues(tableFromIPC(arrow.bytes), 'close')]).toEqual([7186.68, 7184.03, 7182.43])
    expect((await lake(['sql', select, '--format', 'parquet', '--output', 'out.parquet'])).code).toBe(0)
    const parquet = await readParquet(new Uint8Array(await readFile(join(folder, 'out.parquet'))))
    expect([...floatValues(parquet, 'close')]).toEqual([7186.68, 7184.03, 7182.43])
  })

  test('does not garble the screen with binary', async () => {
    const { code, err } = await lake(['sql', 'select 1', '--format', 'parquet'], { outIsScreen: true })
    expect(err).toContain('--output FILE')
    expect(code).toBe(2)
  })

  test('a wrong query is 1, with the reason of the engine', async () => {
    const { code, err } = await lake(['sql', 'select nonsense from klines'])
    expect(err).toContain('nonsense')
    expect(code).toBe(1)
    expect(JSON.parse((await lake(['sql', 'select', '--json'])).out)).toMatchObject({ error: { code: 'BAD_QUERY' } })
  })
})

describe('lake status, doctor, help', () => {
  test('status lists what the lake holds', async () => {
    const { out } = await lake(['status'])
    expect(out).toMatch(/klines +binance\/spot\/BTCUSDT\/1m +1 +4,320 /)
    const report: unknown = JSON.parse((await lake(['status', '--json'])).out)
    const klines = {
      table: 'klines',
      layer: 'silver',
      exchange: 'binance',
      market: 'spot',
      symbol: 'BTCUSDT',
      interval: '1m',
      partitions: 1,
      rows: 4320,
      first: '2020-01-01T00:00:00Z',
      last: '2020-01-03T23:59:00Z',
      gaps: 0,
    }
    expect(report).toMatchObject({ series: [{}, {}, {}, {}, {}, klines] })
  })

  test('doctor finds everything in order, and nothing is left behind', async () => {
    const { code, out } = await lake(['doctor', '--json'])
    expect(code).toBe(0)
    const good = { ok: true }
    expect(JSON.parse(out)).toMatchObject({ checks: [good, good, good, good, good, good, good] })
    expect((await lake(['doctor'])).out).toMatch(/ok +SQL engine +DuckDB/)
  })

  test('helps in groups, each with its verbs, and shows how to begin', async () => {
    const { out } = await lake(['--help'])
    expect(out).toMatch(/Bring data in:\n {2}run \[options\]/)
    expect(out).not.toContain('Commands:')
    expect(out).toMatch(/Examples:\n {2}lake run --source/)
    expect((await lake(['run', '--help'])).out).not.toContain('Examples:')
  })

  test('doctor names a lake that cannot be written, and exits with 1', async () => {
    const { code, out } = await lake(['doctor', '--lake', '/sys/lake'])
    expect(out).toMatch(/PROBLEM +lake can be written/)
    expect(code).toBe(1)
  })

  test.each([[['--help']], [['run', '--help']], [['sql', '--help']], [['status', '--help']], [['doctor', '--help']]])(
    '%j helps and exits with 0',
    async (argv) => {
      const { code, out } = await lake(argv)
      expect(out).toContain('Usage: lake')
      expect(code).toBe(0)
    },
  )
})

test('lake --version prints the version', async () => {
  const { code, out } = await lake(['--version'])
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(code).toBe(0)
})

describe('lake demo', () => {
  test('shows the way from archive files to an answer, and the second time does nothing', async () => {
    const argv = ['demo', '--source', SAMPLE, '--lake', 'demo']
    const { code, out } = await lake(argv)
    expect(code).toBe(0)
    expect(out).toContain('Rows a table: klines 4,368, agg_trades 105,280, funding_rates 90')
    expect(out).toContain('│')
    expect(out).toMatch(/2020-01-01 +7195.24 +7255 +7175.15 +7200.85/)
    expect(out).toContain('Try next:')
    expect((await lake(argv)).out).toContain('Nothing to do')
    expect(JSON.parse((await lake([...argv, '--json'])).out)).toMatchObject({ datasets: [{}, {}, {}, {}] })
  })

  test('says where it looks when the sample is not there', async () => {
    const { code, err } = await lake(['demo'])
    expect(err).toContain('no sample at fixtures/archive')
    expect(code).toBe(1)
  })
})
