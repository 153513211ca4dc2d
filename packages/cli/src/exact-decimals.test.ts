import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parsePeriod } from '@lake/core'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { fileStore } from '@lake/storage'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

const PRICE = '7200.123456789012345678'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-cli-'))
  await publishDay('BTCUSDT')
  await publishDay('ETHUSDT')
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function lake(...argv: readonly string[]) {
  const terminal = capturedTerminal()
  const signal = new AbortController().signal
  const code = await runCommandLine({ argv, terminal, workingDirectory: folder, signal })
  return { code, out: terminal.stdout(), err: terminal.stderr() }
}

const run = async (symbol: string, ...options: readonly string[]) =>
  lake('run', '--source', 'archive', '--dataset', `binance/spot/klines/${symbol}/1h`, ...options)

const QUERY =
  "select symbol, close, sum(volume) over () as volume from klines where ts_event < '2020-01-01 01:00:00Z' order by 1"

test('lake run --decimals exact keeps every digit, and SQL gives it', async () => {
  expect((await run('BTCUSDT', '--decimals', 'exact')).code).toBe(0)
  const { out } = await lake('sql', QUERY, '--format', 'json')
  expect(JSON.parse(out)).toEqual([{ symbol: 'BTCUSDT', close: PRICE, volume: '0.100000000000000001' }])
  const bars = await lake('sql', "select close from bars where interval = '1d'", '--format', 'json')
  expect(JSON.parse(bars.out)).toEqual([{ close: 7200.123456789012 }])
})

test('float64 counts the values that have more digits, and says so', async () => {
  const { out } = await run('BTCUSDT')
  expect(out).toContain('24 values of close with more digits than float64 holds, rounded to the nearest')
})

test('one table may hold both kinds, by dataset', async () => {
  await run('BTCUSDT', '--decimals', 'exact')
  await run('ETHUSDT')
  const { code, out } = await lake(
    'sql',
    'select symbol, count(*) as n, max(close) > 7200 as high from klines group by 1 order by 1',
    '--format',
    'json',
  )
  expect(code).toBe(0)
  expect(JSON.parse(out)).toEqual([
    { symbol: 'BTCUSDT', n: 24, high: true },
    { symbol: 'ETHUSDT', n: 24, high: true },
  ])
})

test('another kind is a usage error', async () => {
  expect((await run('BTCUSDT', '--decimals', 'float32')).code).toBe(2)
})

async function publishDay(symbol: string): Promise<void> {
  const { from } = parsePeriod('2020-01-01')
  const lines = Array.from({ length: 24 }, (_, hour) => {
    const open = from / 1000 + hour * 3_600_000
    return `${open},7200.1,7300,7100,${PRICE},0.100000000000000001,${open + 3_599_999},720.0,12,0.05,360,0`
  })
  const name = `${symbol}-1h-2020-01-01`
  const bytes = await writeZip([{ name: `${name}.csv`, bytes: new TextEncoder().encode(`${lines.join('\n')}\n`) }])
  await fileStore({ root: join(folder, 'archive') }).put(`data/spot/daily/klines/${symbol}/1h/${name}.zip`, bytes)
}
