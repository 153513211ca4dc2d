import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseDatasetId, parseInstant } from '@lake/core'
import { type ArchiveServer, generateKlineArchive, serveArchive } from '@lake/ingest-s5cmd/testing'
import { fileStore, memoryStore } from '@lake/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildLake } from './testing/build-lake.ts'

const DATASET = 'binance/spot/klines/BTCUSDT/1h'
const DAYS = 40

let folder: string
let program: string
let archive: ArchiveServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-interrupts-'))
  program = await buildLake(folder)
  const store = memoryStore()
  const from = parseInstant('2024-01-01')
  await generateKlineArchive({
    target: store,
    dataset: parseDatasetId(DATASET),
    from,
    rows: DAYS * 24,
    seed: 1,
    cut: 'day',
  })
  // Slow enough to be interrupted in the middle, wherever that is.
  archive = await serveArchive({ store, latency: 60 })
}, 120_000)

afterAll(async () => {
  await archive.close()
  await rm(folder, { recursive: true, force: true })
})

describe('the lake process', () => {
  test.each([
    ['sync', 'SIGINT', 1, 130],
    ['sync', 'SIGTERM', 1, 143],
    ['sync', 'SIGINT', 2, 130],
    ['run', 'SIGINT', 1, 130],
    ['run', 'SIGTERM', 1, 143],
    ['run', 'SIGTERM', 2, 143],
  ] as const)(
    'in the middle of %s, after %s (times: %d), ends with %d; nothing is lost, and the next one completes it',
    async (verb, signal, times, code) => {
      const lake = join(folder, `${verb}-${signal}-${times}`)
      const argv = [verb, '--source', archive.url, '--dataset', DATASET, '--from', '2024-01-01', '--to', '2024-02-10']
      argv.push('--lake', lake, '--json')
      const before = filesAsked()
      const interrupted = start(argv)
      while (filesAsked() - before < 12) {
        expect(interrupted.child.exitCode).toBeNull()
        await sleep(5)
      }
      for (let time = 0; time < times; time++) interrupted.child.kill(signal)
      expect(await interrupted.ended).toEqual([code, null])
      expect(interrupted.stdout()).toBe('')
      if (times === 1) expect(interrupted.stderr()).toContain('interrupted; what was finished stays')

      const landed = await filesIn(lake)
      expect(landed).toBeLessThan(DAYS)
      const asked = filesAsked()
      const next = start(argv)
      expect(await next.ended).toEqual([0, null])
      expect(filesAsked() - asked).toBe(DAYS - landed)
      expect(await filesIn(lake)).toBe(DAYS)
      if (verb === 'run')
        expect(JSON.parse(next.stdout())).toMatchObject({ datasets: [{ rows: DAYS * 24 }], failures: [] })
    },
    // A process that is left over would ask for the files that the next test counts.
    180_000,
  )
})

test('whose results nobody reads ends without a word', async () => {
  const { child, ended, stderr } = start([
    'sql',
    'select * from range(1000000)',
    '--lake',
    folder,
    '--format',
    'ndjson',
  ])
  child.stdout?.destroy()
  expect(await ended).toEqual([141, null])
  expect(stderr()).toBe('')
})

interface Started {
  readonly child: ReturnType<typeof spawn>
  readonly ended: Promise<unknown[]>
  readonly stdout: () => string
  readonly stderr: () => string
}

function start(argv: readonly string[]): Started {
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })
  const texts = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()))
  return { child, ended: once(child, 'close'), stdout: () => texts.stdout, stderr: () => texts.stderr }
}

/** Data files that were asked for as a whole, by anybody. */
function filesAsked(): number {
  return archive.requests.filter(({ method, key }) => method === 'GET' && key.endsWith('.zip')).length
}

async function filesIn(lake: string): Promise<number> {
  let files = 0
  for await (const { key } of fileStore({ root: lake }).list({ prefix: 'bronze/' })) if (key.endsWith('.zip')) files++
  return files
}
