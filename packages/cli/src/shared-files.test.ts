import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { writeZip } from '@lake/ingest-s5cmd/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

/* Two days of the trades of a family, in a folder: one of today's form, and one that does not say whose its rows are. */

const MARCH = 'okx/cm/trades/BTC-USD-240329'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-shared-'))
  const at = (time: string): number => Date.parse(time)
  await publish('2024-03-11', [
    'instrument_name,trade_id,side,price,size,created_time,source',
    `BTC-USD-240329,2,buy,63000.2,1,${at('2024-03-11T03:00:00Z')},0`,
    `BTC-USD-240628,1,buy,64000.1,1,${at('2024-03-11T02:00:00Z')},0`,
    `BTC-USD-240329,1,sell,63000.1,2,${at('2024-03-11T01:00:00Z')},0`,
  ])
  await publish('2024-03-12', [
    'trade_id,side,size,price,created_time',
    `3,buy,1,63000.3,${at('2024-03-12T01:00:00Z')}`,
  ])
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function publish(day: string, lines: readonly string[]): Promise<void> {
  const name = `BTC-USD-futureschain-trades-${day}`
  const path = join(folder, 'archive/trades/daily', day.replaceAll('-', ''), `${name}.zip`)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, await writeZip([{ name: `${name}.csv`, bytes: Buffer.from([...lines, ''].join('\n')) }]))
}

async function lake(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = capturedTerminal()
  const signal = new AbortController().signal
  const code = await runCommandLine({ argv, terminal, workingDirectory: folder, signal })
  return { code, out: terminal.stdout(), err: terminal.stderr() }
}

test('a dated future is run out of the file of its family, and what cannot be told apart is said', async () => {
  const run = ['run', '--source', 'archive', '--dataset', MARCH, '--no-heal']
  const { code, out } = await lake(...run, '--json')
  expect(code).toBe(3)
  expect(JSON.parse(out)).toMatchObject({
    datasets: [{ id: MARCH, rows: 2, filesTransferred: 1, quarantined: 0 }],
    failures: [{ id: MARCH, month: '2024-03', code: 'BAD_FORMAT' }],
  })
  expect(out).toContain('none of its columns says of which: trade_id,side,size,price,created_time')
  const rows = await lake('sql', 'select trade_id, price from trades order by ts_event', '--format', 'csv')
  expect(rows.out.trim().split(/\r?\n/)).toEqual(['trade_id,price', '1,63000.1', '2,63000.2'])
  const status = await lake('status', '--json')
  expect(JSON.parse(status.out)).toMatchObject({ failed: [{ file: expect.stringContaining('2024-03-12') as unknown }] })
})

test('a family as a whole is refused before anything moves, and an instrument of it is named', async () => {
  const family = 'okx/cm/trades/BTC-USD-futureschain'
  const { code, err } = await lake('run', '--source', 'archive', '--dataset', family, '--lake', 'file:./other')
  expect(code).toBe(1)
  expect(err).toMatch(
    /many instruments.*Nothing was moved\. Name an instrument of it, as okx\/cm\/trades\/BTC-USD-240329/,
  )
  expect(await readdir(folder)).not.toContain('other')
  const discovered = await lake('discover', '--source', 'archive', '--exchange', 'okx', '--json')
  expect(discovered.out).toContain('BTC-USD-futureschain')
})
