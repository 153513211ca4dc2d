import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { LakeError, parseDatasetId, parsePeriod } from '@lake/core'
import { binance } from '@lake/exchanges'
import { contractFor } from '@lake/quality'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runSilverTask, type SilverTask } from './silver-task.ts'
import { openSilverThreads } from './silver-threads.ts'

const DAY = new URL(
  '../../../fixtures/archive/data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01-01.zip',
  import.meta.url,
)

let folder: string
let worker: URL

beforeAll(async () => {
  // Beside the sources, so that what is not bundled is found.
  folder = await mkdtemp(join(fileURLToPath(new URL('../node_modules/', import.meta.url)), '.threads-'))
  const outfile = join(folder, 'silver-worker.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('./silver-worker.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@lake/source'],
    external: ['apache-arrow'],
    outfile,
  })
  worker = pathToFileURL(outfile)
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function task(): Promise<SilverTask> {
  const period = parsePeriod('2020-01')
  const day = parsePeriod('2020-01-01')
  return {
    dataset: parseDatasetId('binance/spot/klines/BTCUSDT/1m'),
    omitsEmptyBars: false,
    policy: 'archive-first',
    sparseIds: false,
    decimals: 'float64',
    contract: contractFor('klines', { interval: '1m' }),
    period,
    span: day,
    metadata: { 'lake.table': 'klines' },
    formats: binance.formats ?? [],
    series: [],
    inputs: [
      {
        source: 'archive',
        key: 'bronze/BTCUSDT-1m-2020-01-01.zip',
        name: 'BTCUSDT-1m-2020-01-01.zip',
        sha256: DIGEST,
        quarantineLimit: 0,
        period: day,
        bytes: await readFile(DAY),
      },
    ],
  }
}

const DIGEST = (await readFile(`${fileURLToPath(DAY)}.CHECKSUM`, 'utf8')).slice(0, 64)

describe('threads for silver', () => {
  test('give the same bytes and facts as the main thread', async () => {
    await using threads = openSilverThreads(2, { worker, worthAThread: 0 })
    const here = await runSilverTask(await task())
    const there = await Promise.all([threads.run(await task()), threads.run(await task())])
    expect(there).toEqual([here, here])
    expect(here).toMatchObject({ rows: 1440, gaps: [] })
  })

  test('tell of bad input as the main thread does: code, message and details', async () => {
    await using threads = openSilverThreads(1, { worker, worthAThread: 0 })
    const good = await task()
    const damage = (): SilverTask => ({
      ...good,
      inputs: good.inputs.map((input) => ({ ...input, sha256: 'f'.repeat(64) })),
    })
    const failure = async (run: Promise<unknown>): Promise<unknown> =>
      run.then(
        () => undefined,
        (error: unknown) => (LakeError.is(error) ? [error.code, error.message, error.details] : error),
      )
    const here = await failure(runSilverTask(damage()))
    expect(here).toEqual(expect.arrayContaining(['CHECKSUM_MISMATCH']))
    expect(await failure(threads.run(damage()))).toEqual(here)
  })

  test('end at once when aborted, and take further work', async () => {
    await using threads = openSilverThreads(1, { worker, worthAThread: 0 })
    const controller = new AbortController()
    const running = threads.run(await task(), controller.signal)
    controller.abort(new Error('stop'))
    await expect(running).rejects.toThrow()
    await expect(threads.run(await task(), controller.signal)).rejects.toThrow('stop')
    expect(await threads.run(await task())).toMatchObject({ rows: 1440 })
  })

  test('are not started for little work', async () => {
    await using threads = openSilverThreads(2, { worker: new URL('file:///nowhere.mjs') })
    expect(await threads.run(await task())).toMatchObject({ rows: 1440 })
  })
})
