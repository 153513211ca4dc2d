import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serveArchive } from '@lake/ingest-s5cmd/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommandLine } from './command-line.ts'
import { capturedTerminal } from './testing/captured-terminal.ts'

const SAMPLE = fileURLToPath(new URL('../../../fixtures/archive', import.meta.url))
const FUNDING = 'data/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-04.zip'

let folder: string
let archive: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-cli-'))
  archive = join(folder, 'archive')
  await cp(SAMPLE, archive, { recursive: true })
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function lake(argv: readonly string[], signal: AbortSignal = new AbortController().signal) {
  const terminal = capturedTerminal()
  const code = await runCommandLine({ argv, terminal, workingDirectory: folder, signal })
  return { code, out: terminal.stdout(), err: terminal.stderr() }
}

const discover = (...more: readonly string[]) => lake(['discover', '--source', archive, ...more])

test('lists what an archive has, once as new and then as known', async () => {
  const first = await discover()
  expect(first.code).toBe(0)
  expect(first.out).toMatch(/binance +um +fundingRate +monthly +1 +960 +1 +2026-04 +2026-04/)
  expect(first.out).toContain('7 files')
  expect(first.out).toContain('7 new files:\n  data/futures/cm/')
  expect(first.out).toContain('BTCUSDT-klines-2026-05-08.zip.CHECKSUM (a checksum without its file)')
  expect(first.out).toContain('4 series ended')
  const { code, out } = await discover('--json')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    files: 7,
    changes: [],
    restatements: [],
    matrix: { files: 7, rows: [{}, {}, {}, {}] },
  })
})

test('tells of files that were replaced or are gone, and which partitions rest on them', async () => {
  await lake(['run', '--source', archive, '--dataset', 'binance/um/fundingRate/BTCUSDT'])
  await discover()
  await writeFile(join(archive, FUNDING), 'other bytes')
  await rm(join(archive, 'data/futures/cm'), { recursive: true })
  const { out } = await discover()
  expect(out).toContain(`1 changed file:\n  ${FUNDING}\n`)
  expect(out).toContain('1 vanished file:\n  data/futures/cm/')
  expect(out).toContain(`${FUNDING} was replaced: 2 partitions to rebuild`)
  const told = `binance/um/fundingRate/BTCUSDT: ${FUNDING} was replaced at its source, 2 partitions to rebuild.`
  expect((await lake(['status'])).out).toContain(told)
  const status: unknown = JSON.parse((await lake(['status', '--json'])).out)
  expect(status).toMatchObject({ rebuild: [{ dataset: 'binance/um/fundingRate/BTCUSDT', file: FUNDING }] })
})

test('looks only at what is asked for', async () => {
  const spot: unknown = JSON.parse((await discover('--json', '--market', 'spot', '--interval', '1h')).out)
  expect(spot).toMatchObject({ files: 2 })
  const quoted: unknown = JSON.parse((await discover('--json', '--quote', 'USDT', '--type', 'fundingRate')).out)
  expect(quoted).toMatchObject({ files: 1 })
})

test.each([
  [['--market', 'moon'], 'markets'],
  [['--type', 'candles'], 'dataTypes'],
  [['--from', '2024-01-01'], '--to is missing'],
  [['--symbol', 'BTCUSDT', '--quote', 'USDT'], 'not both'],
  [['--every', 'often'], "not 'often'"],
  [['--exchange', 'nowhere'], 'nowhere'],
])('refuses %j', async (argv, why) => {
  const { code, err } = await discover(...argv)
  expect(err).toContain(why)
  expect(code).toBe(2)
})

test('goes on at its pace until it is interrupted', async () => {
  const controller = new AbortController()
  const argv = ['discover', '--source', archive, '--every', '1s', '--json', '--type', 'fundingRate']
  const terminal = capturedTerminal()
  const out = (text: string | Uint8Array): void => {
    terminal.out(text)
    if (terminal.stdout().trim().split('\n').length === 2) controller.abort()
  }
  const code = await runCommandLine({
    argv,
    terminal: { ...terminal, out },
    workingDirectory: folder,
    signal: controller.signal,
  })
  expect(code).toBe(130)
  const [first = '', second = ''] = terminal.stdout().trim().split('\n')
  expect(JSON.parse(first)).toMatchObject({ changes: [{ kind: 'new' }] })
  expect(JSON.parse(second)).toMatchObject({ changes: [] })
})

test('outlives a look at a source that is down for now', async () => {
  await using server = await serveArchive({
    root: archive,
    faults: [{ kind: 'status', status: 503, retryAfterSeconds: 3600 }],
  })
  const controller = new AbortController()
  const terminal = capturedTerminal()
  const out = (text: string | Uint8Array): void => {
    terminal.out(text)
    if (terminal.stdout().includes('fundingRate')) controller.abort()
  }
  const scope = ['--market', 'um', '--type', 'fundingRate', '--no-probe']
  const code = await runCommandLine({
    argv: ['discover', '--source', server.url, '--every', '1s', ...scope],
    terminal: { ...terminal, out },
    workingDirectory: folder,
    signal: controller.signal,
  })
  expect(code).toBe(130)
  expect(terminal.stderr()).toMatch(/lake: .*\[UNAVAILABLE\]\nThe next look is in 1s\./)
  expect(terminal.stdout()).toContain('1 new file:')
})
