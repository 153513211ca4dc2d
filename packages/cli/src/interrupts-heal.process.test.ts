import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DAY_MICROS, type ObjectStore, parseDatasetId, parseInstant, readObject } from '@lake/core'
import { rowsFromArchive, startVenue } from '@lake/ingest-ccxt/testing'
import { generateKlineArchive, serveArchive } from '@lake/ingest-s5cmd/testing'
import { defineLake, runPipeline } from '@lake/pipeline'
import { memoryStore } from '@lake/storage'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildLake } from './testing/build-lake.ts'

const DATASET = 'binance/spot/klines/BTCUSDT/1h'
const FROM = parseInstant('2024-01-01')
const DAYS = 31

let folder: string
let program: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-interrupts-heal-'))
  program = await buildLake(folder)
}, 120_000)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** Adds a month of bars to an archive, as one file or as a file a day. */
async function generate(target: ObjectStore, cut: 'month' | 'day', holes: readonly number[] = []): Promise<void> {
  await generateKlineArchive({
    ...{ target, dataset: parseDatasetId(DATASET), from: FROM, rows: DAYS * 24, seed: 1, cut },
    holes: holes.map((day) => ({ from: FROM + day * DAY_MICROS, to: FROM + (day + 1) * DAY_MICROS })),
  })
}

async function makeLake(name: string, source: ObjectStore): Promise<string> {
  const lake = join(folder, name)
  const { failures } = await runPipeline(defineLake({ lake }), { source, datasets: [DATASET], gold: ['1d'] })
  expect(failures).toEqual([])
  return lake
}

/** Runs the command until `isMiddle`, signals it, and runs it again to its end; gives what that said. */
async function interrupt(
  argv: readonly string[],
  isMiddle: () => boolean,
  [signal, code]: readonly [NodeJS.Signals, number],
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const first = start(argv, env)
  while (!isMiddle()) {
    expect(first.child.exitCode).toBeNull()
    await sleep(5)
  }
  first.child.kill(signal)
  expect(await first.ended).toEqual([code, null])
  expect(first.stdout()).toBe('')
  expect(first.stderr()).toContain('interrupted; what was finished stays')
  const next = start(argv, env)
  expect(await next.ended).toEqual([0, null])
  return JSON.parse(next.stdout())
}

function start(argv: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [program, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const texts = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()))
  return { child, ended: once(child, 'close'), stdout: () => texts.stdout, stderr: () => texts.stderr }
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'in the middle of heal, after %s, ends with %d; the next one fills what is left',
  async (signal, code) => {
    const holes = Array.from({ length: 12 }, (_, index) => 2 * index + 1)
    const archive = memoryStore()
    await generate(archive, 'month', holes)
    const lake = await makeLake(`heal-${signal}`, archive)
    const whole = memoryStore()
    await generate(whole, 'month')
    const zip = await readObject(whole, 'data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip')
    await using venue = await startVenue({ rows: rowsFromArchive(zip, parseDatasetId(DATASET)), latencyMillis: 100 })
    const report = await interrupt(
      ['heal', '--lake', lake, '--json'],
      () => venue.requests.length >= 4,
      [signal, code],
      { LAKE_VENUE_URLS: `binance=${venue.url}` },
    )
    expect(report).toMatchObject({ datasets: [{ id: DATASET, gapsLeft: 0 }], failures: [] })
    const again = start(['gaps', '--lake', lake, '--json'], {})
    await again.ended
    expect(JSON.parse(again.stdout())).toMatchObject({ gaps: [] })
  },
  60_000,
)

test('in the middle of certify, after SIGINT, ends with 130; the next one certifies', async () => {
  const archive = memoryStore()
  await generate(archive, 'month')
  const lake = await makeLake('certify', archive)
  await generate(archive, 'day')
  await using server = await serveArchive({ store: archive, latency: 60 })
  const days = (): number =>
    server.requests.filter(({ method, key }) => method === 'GET' && /-\d\d-\d\d\.zip$/.test(key)).length
  const report = await interrupt(['certify', '--source', server.url, '--lake', lake, '--json'], () => days() >= 6, [
    'SIGINT',
    130,
  ])
  expect(report).toMatchObject({ partitions: [{ certificate: { verdict: 'agrees' } }] })
}, 60_000)
