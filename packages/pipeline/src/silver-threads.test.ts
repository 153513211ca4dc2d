import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { inflateRawSync } from 'node:zlib'
import { LakeError, parseDatasetId, parsePeriod } from '@lake/core'
import { binance } from '@lake/exchanges'
import { contractFor } from '@lake/quality'
import { bundleProgram } from '@lake/core/testing'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
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
  await bundleProgram({ program: new URL('./silver-worker.ts', import.meta.url), outfile, external: ['apache-arrow'] })
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

/** The day again and again, with exact decimals, so that it takes seconds. */
async function largeTask(times: number): Promise<SilverTask> {
  const good = await task()
  const zip = await readFile(DAY)
  const start = 30 + zip.readUInt16LE(26) + zip.readUInt16LE(28)
  const day = inflateRawSync(zip.subarray(start, start + zip.readUInt32LE(18)))
  const bytes = Buffer.alloc(times * day.length, day)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return {
    ...good,
    decimals: 'exact',
    formats: good.formats.map((format) => ({ ...format, container: 'csv' as const })),
    inputs: good.inputs.map((input) => ({ ...input, name: 'BTCUSDT-1m-2020-01-01.csv', sha256, bytes })),
  }
}

/** The threads of this process, by the kernel's ids. */
function threadIds(): Promise<string[]> {
  return readdir('/proc/self/task')
}

/** A thread that is not one of these, and has used more than half a second of processor time. */
async function busyThread(known: ReadonlySet<string>): Promise<string> {
  for (const id of await threadIds()) {
    if (known.has(id)) continue
    const stat = await readFile(`/proc/self/task/${id}/stat`, 'utf8').catch(() => '')
    // User and system time, in hundredths of a second.
    const [user = '0', system = '0'] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12)
    if (Number(user) + Number(system) >= 60) return id
  }
  throw new Error('no thread is busy yet')
}

/** The processor time that this process uses in a while, as a share of it. */
async function busyShare(millis: number): Promise<number> {
  const start = process.cpuUsage()
  const began = performance.now()
  await new Promise((resolve) => setTimeout(resolve, millis))
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000 / (performance.now() - began)
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

  test.runIf(process.platform === 'linux')(
    'leave neither thread nor work behind when a large file is aborted in its middle',
    async () => {
      const large = await largeTask(200)
      const before = new Set(await threadIds())
      await using threads = openSilverThreads(1, { worker, worthAThread: 0 })
      const controller = new AbortController()
      const running = threads.run(large, controller.signal)
      const ended = expect(running).rejects.toHaveProperty('name', 'AbortError')
      const busy = await vi.waitFor(() => busyThread(before), { timeout: 30_000 })
      controller.abort()
      await ended
      await expect.poll(async () => (await threadIds()).includes(busy), { timeout: 30_000 }).toBe(false)
      await expect.poll(() => busyShare(200), { timeout: 30_000 }).toBeLessThan(0.5)
    },
    120_000,
  )

  test('are not started for little work', async () => {
    await using threads = openSilverThreads(2, { worker: new URL('file:///nowhere.mjs') })
    expect(await threads.run(await task())).toMatchObject({ rows: 1440 })
  })
})
