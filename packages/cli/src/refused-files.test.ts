import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { sha256Of } from '@lake/ledger'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

/* Daily files of metrics in a folder, one of them damaged, from the run that meets it to the one that finds it mended. */

const METRICS = 'binance/um/metrics/BTCUSDT'
const KEYS = 'data/futures/um/daily/metrics/BTCUSDT'
const DAYS = ['2024-02-10', '2024-02-11', '2024-02-12']
const BAD = '2024-02-11'
const BAD_KEY = `${KEYS}/BTCUSDT-metrics-${BAD}.zip`

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-refused-'))
  await mkdir(join(folder, 'archive', KEYS), { recursive: true })
  for (const day of DAYS) await publish(day, day === BAD ? '1.x' : '1.28633000')
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function publish(day: string, ratio: string): Promise<void> {
  const rows = Array.from({ length: 288 }, (_, index) => {
    const time = new Date(Date.parse(day) + index * 300_000).toISOString().slice(0, 19).replace('T', ' ')
    return `${time},BTCUSDT,105550.985,6858675634.706254,${ratio},1.47112400,1.19972635,1.55827200\n`
  })
  const name = `BTCUSDT-metrics-${day}`
  const header =
    'create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio\n'
  const bytes = await writeZip([{ name: `${name}.csv`, bytes: Buffer.from(header + rows.join('')) }])
  const path = join(folder, 'archive', KEYS, `${name}.zip`)
  await writeFile(path, bytes)
  await writeFile(`${path}.CHECKSUM`, `${sha256Of(bytes)}  ${name}.zip\n`)
}

async function lake(...argv: string[]): Promise<{ code: number; out: string; err: string; json: () => unknown }> {
  const terminal = capturedTerminal()
  const signal = new AbortController().signal
  const code = await runCommandLine({ argv, terminal, workingDirectory: folder, signal })
  const out = terminal.stdout()
  return { code, out, err: terminal.stderr(), json: () => JSON.parse(out) as unknown }
}

const run = async (...more: string[]) => lake('run', '--source', 'archive', '--dataset', METRICS, ...more)

test('a day that is refused is told by run, gaps and status, until it is mended', async () => {
  const { code, out, err } = await run()
  expect(code).toBe(3)
  expect(out).toMatch(/metrics\/BTCUSDT +2 +576 .* 1 \(288 rows\)/)
  expect(err).toContain(`BTCUSDT-metrics-${BAD}.csv line 2, column count_toptrader_long_short_ratio: '1.x'`)

  const again = await run('--json')
  expect(again.code).toBe(3)
  expect(again.json()).toMatchObject({
    datasets: [{ rows: 576, partitions: 0 }],
    failures: [{ month: '2024-02', file: BAD_KEY, code: 'BAD_ROW', details: { line: 2, value: '1.x' } }],
  })

  expect((await lake('gaps', '--json')).json()).toMatchObject({
    gaps: [{ from: '2024-02-11T00:00:00Z', to: '2024-02-12T00:00:00Z', expected: 288, cause: 'failed-here' }],
  })
  expect((await lake('status')).out).toMatch(
    new RegExp(`\nrefused: ${METRICS} ${BAD_KEY} since .*: BAD_ROW: .*'1\\.x'`),
  )
  expect((await lake('status', '--json')).json()).toMatchObject({
    failed: [{ dataset: METRICS, month: '2024-02', file: BAD_KEY }],
  })

  await publish(BAD, '1.28633000')
  expect((await run()).code).toBe(0)
  expect((await lake('gaps', '--json')).json()).toMatchObject({ gaps: [] })
  expect((await lake('status', '--json')).json()).toMatchObject({ failed: [], series: [{ rows: 864 }] })
})
