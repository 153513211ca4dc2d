import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ObjectStore, readObject } from '@lake/core'
import { s3Store } from '@lake/storage'
import { findTool, needsTool, type S3Server, startS3Proxy, startS3Server } from '@lake/storage/testing'
import { bundleProgram } from '@lake/core/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ArchiveFile } from './archive-file.ts'
import { fillArchive, textsOf } from './testing/fill-archive.ts'
import type { ChildOrder } from './testing/transfer-child.ts'
import { transfer } from './transfer.ts'
import { verifyArchive } from './verify-archive.ts'

const lacking = ['s5cmd', 'versitygw'].find((name) => findTool(name) === undefined)
const s5cmd = { path: findTool('s5cmd') ?? '', version: '2.3.0' }
/** Two batches, with their CHECKSUM files. */
const FILES = 60

/** Moments to die at; `npm run test:nightly` takes a hundred. */
const MOMENTS: readonly (readonly [mode: 'direct' | 'traditional', operation: string, moment: number])[] = [
  ['direct', 'CopyObject', 3],
  ['direct', 'CopyObject', 36],
  ['direct', 'CopyObject', 100],
  ['traditional', 'GetObject', 20],
  ['traditional', 'PutObject', 30],
  ...(process.env['LAKE_NIGHTLY'] === '1' ? nightlyMoments() : []),
]

function nightlyMoments(): [mode: 'direct' | 'traditional', operation: string, moment: number][] {
  return Array.from({ length: 95 }, (_, index) => {
    const moment = 4 + index
    if (index % 3 === 0) return ['direct', 'CopyObject', moment]
    return ['traditional', index % 3 === 1 ? 'GetObject' : 'PutObject', moment]
  })
}

let server: S3Server
let source: ObjectStore
let files: ArchiveFile[]
/** What bronze has in the end. */
let bronze: Readonly<Record<string, string>>
let folder: string
let program: string

beforeAll(async () => {
  if (lacking !== undefined) return
  server = await startS3Server({
    buckets: [
      ...['source', 'mirror', 'twice-direct-direct', 'twice-direct-traditional'],
      ...['torn-direct-direct', 'torn-direct-traditional', 'torn-traditional-direct', 'torn-traditional-traditional'],
      ...MOMENTS.map((_, index) => `target${index}`),
    ],
  })
  folder = await mkdtemp(join(tmpdir(), 'lake-transfer-crash-'))
  source = open('source')
  files = await fillArchive({ store: source, count: FILES, symbol: 'KILLED' })
  bronze = await bronzeOf('KILLED')
  program = join(folder, 'transfer-child.mjs')
  await bundleProgram({ program: new URL('testing/transfer-child.ts', import.meta.url), outfile: program })
}, 120_000)

afterAll(async () => {
  if (lacking !== undefined) return
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

beforeEach(({ skip }) => {
  if (lacking !== undefined) skip(needsTool(lacking))
})

describe('a transfer that is killed with SIGKILL', () => {
  test.each(MOMENTS)(
    'in a batch (%s, after %s number %d) is resumed by the next run, which asks for what is missing and no more',
    async (mode, operation, moment) => {
      const bucket = `target${buckets++}`
      const target = open(bucket)
      const before = (await server.requests()).length
      const child = start({ ...common(), target: bucket, mode, files })
      while ((await countOf(operation, bucket, before)) < moment) {
        expect(child.exitCode).toBeNull()
        await sleep(2)
      }
      child.kill('SIGKILL')
      await once(child, 'exit')
      const landed = await untilQuiet(bucket)
      expect(landed).toBeLessThan(2 * FILES)

      const from = (await server.requests()).length
      const credentials = server.credentials
      const report = await transfer({
        files,
        source,
        target,
        s5cmd,
        mode,
        credentials,
        environment: {},
        pauseMillis: 1,
      })
      const asked = (await server.requests()).slice(from)
      const written = asked.filter(({ path }) => path.startsWith(`${bucket}/bronze/`))
      const writes = written.filter((request) => ['CopyObject', 'PutObject'].includes(request.operation)).length
      expect(report).toMatchObject({ failed: 0, files: FILES })
      // In the traditional way, a file whose CHECKSUM is there but which is itself missing is taken with its CHECKSUM.
      expect(writes).toBeGreaterThanOrEqual(2 * FILES - landed)
      expect(writes).toBeLessThanOrEqual(2 * (FILES - report.skipped) + report.skipped)
      expect(report.skipped).toBeGreaterThan(mode === 'direct' && moment > 10 ? moment / 4 : -1)
      expect(await textsOf(target, 'bronze/')).toEqual(bronze)
      if (mode === 'traditional') expect(await abandonedFolders(child.pid ?? 0)).toEqual([])
    },
    60_000,
  )
})

describe('two processes that collect the same files into the same lake at the same instant', () => {
  test.each([['direct', 'direct'] as const, ['direct', 'traditional'] as const])(
    '(%s and %s) both succeed, and leave each file once, whole',
    async (...modes) => {
      const symbol = `TWICE${modes.join('')}`
      const files = await fillArchive({ store: source, count: 12, symbol })
      const bucket = `twice-${modes.join('-')}`
      const children = modes.map((mode) => start({ ...common(), target: bucket, mode, files }))
      const ends = await Promise.all(children.map(async (child) => once(child, 'exit')))
      expect(ends.map(([code]: readonly unknown[]) => code)).toEqual([0, 0])
      expect(await textsOf(open(bucket), 'bronze/')).toEqual(await bronzeOf(symbol))
      // Whoever comes next finds all of it, and moves nothing.
      const { credentials } = server
      const again = await transfer({ files, source, target: open(bucket), s5cmd, environment: {}, credentials })
      expect(again).toMatchObject({ skipped: 12, restated: 0, failed: 0 })
    },
  )
})

describe('two processes that see different versions of the same files, at the same instant', () => {
  test.each([
    ['direct', 'direct'] as const,
    ['direct', 'traditional'] as const,
    ['traditional', 'direct'] as const,
    ['traditional', 'traditional'] as const,
  ])(
    '(%s, and %s behind a slow line) keep both',
    async (...modes) => {
      const symbol = `TORN${modes.join('')}`
      const bucket = `torn-${modes.join('-')}`
      const before = await fillArchive({ store: source, count: 6, symbol })
      const mirror = open('mirror')
      const after = await fillArchive({ store: mirror, count: 6, symbol, text: 'restated' })
      let begun: number | undefined
      let isFastDone = false
      await using proxy = await startS3Proxy({
        endpoint: server.endpoint,
        // It has looked what the target holds, and then gets nothing through until the other one has ended or waits for it.
        fault: ({ method, url }) => {
          if (method !== 'PUT' || !url.includes('/bronze/')) return undefined
          begun ??= performance.now()
          return !isFastDone && performance.now() - begun < 3000 ? 'reset' : undefined
        },
      })
      const slow = start({
        ...common(),
        endpoint: proxy.endpoint,
        source: 'mirror',
        target: bucket,
        mode: modes[1],
        files: after,
      })
      while (begun === undefined) {
        expect(slow.exitCode).toBeNull()
        await sleep(5)
      }
      const fast = start({ ...common(), target: bucket, mode: modes[0], files: before })
      const slowEnded = once(slow, 'exit')
      await once(fast, 'exit')
      isFastDone = true
      await slowEnded
      expect([fast.exitCode, slow.exitCode]).toEqual([0, 0])
      const texts = await textsOf(open(bucket), 'bronze/')
      const kept = Object.entries(texts).filter(([key]) => key.endsWith('.zip'))
      for (const { key } of before) {
        const name = key.replace(/\.zip$/, '')
        const versions = kept
          .filter(([held]) => held.startsWith(`bronze/binance/archive/${name}.`))
          .map(([, text]) => text)
        const published = [source, mirror].map(async (store) =>
          Buffer.from(await readObject(store, key)).toString('latin1'),
        )
        expect(versions.sort()).toEqual((await Promise.all(published)).sort())
      }
      // Each with its own CHECKSUM beside it.
      for await (const { state } of verifyArchive({ target: open(bucket) })) expect(state).toBe('verified')
      expect(Object.keys(await textsOf(open(bucket), '_lake/copying/'))).toEqual([])
    },
    60_000,
  )
})

let buckets = 0

function common(): Pick<ChildOrder, 'endpoint' | 'source' | 's5cmd'> {
  return { endpoint: server.endpoint, source: 'source', s5cmd: s5cmd.path }
}

function start(order: ChildOrder): ChildProcess {
  const { accessKeyId, secretAccessKey } = server.credentials
  const credentials = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: 'us-east-1',
  }
  const env = { ...process.env, ...credentials, ORDER: JSON.stringify(order) }
  return spawn(process.execPath, [program], { env, stdio: ['ignore', 'ignore', 'inherit'] })
}

async function bronzeOf(symbol: string): Promise<Record<string, string>> {
  const archive = await textsOf(source, `data/spot/daily/klines/${symbol}/`)
  return Object.fromEntries(Object.entries(archive).map(([key, text]) => [`bronze/binance/archive/${key}`, text]))
}

/** Reads of the source are counted too: they name another bucket. */
async function countOf(operation: string, bucket: string, from: number): Promise<number> {
  const requests = (await server.requests()).slice(from)
  const isRead = operation === 'GetObject'
  return requests.filter((request) => request.operation === operation && (isRead || request.path.startsWith(bucket)))
    .length
}

/** s5cmd ends by itself when nobody reads what it says. Gives how many objects there are then. */
async function untilQuiet(bucket: string): Promise<number> {
  for (let last = -1; ;) {
    const now = await objectsIn(bucket)
    if (now === last) return now
    last = now
    await sleep(300)
  }
}

async function objectsIn(bucket: string): Promise<number> {
  let count = 0
  for await (const _ of open(bucket).list({ prefix: 'bronze/' })) count++
  return count
}

async function abandonedFolders(pid: number): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith(`lake-transfer-${pid}-`))
}

function open(bucket: string): ObjectStore {
  return s3Store({ bucket, endpoint: server.endpoint, credentials: server.credentials })
}
