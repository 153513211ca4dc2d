import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { LakeError, type ObjectStore } from '@lake/core'
import { s3Store, type S3StoreOptions } from '@lake/storage'
import { findTool, needsTool, type S3Server, startS3Proxy, startS3Server } from '@lake/storage/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { S5cmd } from './detect-s5cmd.ts'
import { fillArchive, textsOf } from './testing/fill-archive.ts'
import { transfer, type TransferOptions } from './transfer.ts'
import { readTransferHistory } from './transfer-history.ts'
import type { TransferReport } from './transfer-report.ts'

const lacking = ['s5cmd', 'versitygw'].find((name) => findTool(name) === undefined)
const s5cmd: S5cmd = { path: findTool('s5cmd') ?? '', version: '2.3.0' }
const READER = { accessKeyId: 'reader', secretAccessKey: 'reader-secret' }

let server: S3Server
let source: ObjectStore
let buckets = 0

beforeAll(async () => {
  if (lacking !== undefined) return
  const read = (bucket: string): unknown => ({
    Effect: 'Allow',
    Principal: { AWS: [READER.accessKeyId] },
    Action: ['s3:ListBucket', 's3:GetObject'],
    Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
  })
  const readable = (bucket: string): Record<string, unknown> => ({ Version: '2012-10-17', Statement: [read(bucket)] })
  server = await startS3Server({
    buckets: ['source', 'locked', ...Array.from({ length: 25 }, (_, index) => `target${index}`)],
    policies: { source: readable('source'), locked: readable('locked') },
    users: [READER],
  })
  source = open('source')
})

afterAll(async () => {
  await (lacking === undefined ? server.close() : undefined)
})

beforeEach(({ skip }) => {
  if (lacking !== undefined) skip(needsTool(lacking))
})

describe('a transfer that cannot be', () => {
  test.each(['direct', 'traditional'] as const)(
    '%s with wrong credentials is refused, without the secret',
    async (mode) => {
      const files = await fillArchive({ store: source, count: 3, symbol: 'WRONG' })
      const credentials = { ...server.credentials, secretAccessKey: 'not-the-secret' }
      const target = open(nextBucket(), { credentials })
      const error = await failureOf(move({ files, target, mode, credentials, source: open('source', { credentials }) }))
      expect(error.code).toBe('NO_PERMISSION')
      expect(`${error.message}${JSON.stringify(error.details)}`).not.toContain('not-the-secret')
    },
  )

  test.each(['direct', 'traditional'] as const)('%s into a bucket that is not there says so', async (mode) => {
    const files = await fillArchive({ store: source, count: 3, symbol: 'NOWHERE' })
    const error = await failureOf(move({ files, target: open('no-such-bucket'), mode }))
    expect(error).toMatchObject({ code: 'NOT_FOUND', details: { reason: 'NoSuchBucket' } })
    expect(error.message).toContain('no-such-bucket')
  })

  test('from a bucket that is not there says so', async () => {
    const files = await fillArchive({ store: source, count: 3, symbol: 'NOWHENCE' })
    const error = await failureOf(move({ files, source: open('no-such-bucket'), target: open(nextBucket()) }))
    expect(error).toMatchObject({ code: 'NOT_FOUND', details: { reason: 'NoSuchBucket' } })
  })

  test.each(['direct', 'traditional'] as const)(
    '%s without the right to write is refused, and stores nothing',
    async (mode) => {
      const files = await fillArchive({ store: source, count: 3, symbol: 'LOCKED' })
      const as = { credentials: READER }
      const error = await failureOf(
        move({ files, mode, source: open('source', as), target: open('locked', as), credentials: READER }),
      )
      expect(error.code).toBe('NO_PERMISSION')
      expect(await textsOf(open('locked'))).toEqual({})
    },
  )
})

describe('a file that cannot be had', () => {
  test('because it was deleted after the plan, is reported; the rest arrives', async () => {
    const target = open(nextBucket())
    const files = await fillArchive({ store: source, count: 6, symbol: 'DELETED' })
    await source.delete(files[3]?.key ?? '')
    const report = await move({ files, target })
    expect(report).toMatchObject({ complete: true, failed: 1, fallbacks: 1, modes: { direct: 5, traditional: 0 } })
    expect(report.byFile.find(({ state }) => state === 'failed')).toMatchObject({
      ...{ key: files[3]?.key, error: { code: 'NOT_FOUND' } },
    })
    const { reports } = await readTransferHistory({ store: target })
    expect({ ...reports[0], storedAs: report.storedAs }).toEqual(report)
  })

  test.each(['direct', 'traditional'] as const)(
    'because its key would lead out of the target, is never asked for (%s)',
    async (mode) => {
      const target = open(nextBucket())
      const files = await fillArchive({ store: source, count: 2, symbol: 'ESCAPE' })
      const [first] = files
      if (first === undefined) throw new Error('no file')
      const hostile = ['../../../../escaped.zip', 'data/./x.zip', '/etc/x.zip', 'a//b.zip', '..'].map((key) => ({
        ...first,
        key,
      }))
      const report = await move({ files: [...hostile, ...files], target, mode })
      expect(report).toMatchObject({ failed: 5, files: 7 })
      for (const { error } of report.byFile.filter(({ state }) => state === 'failed')) {
        expect(error?.code).toBe('BAD_REQUEST')
      }
      for (const key of Object.keys(await textsOf(target)))
        expect(key).toMatch(/^(bronze\/binance\/archive\/data|_lake)\//)
    },
  )

  test('more failures than the limit end the run; what has landed stays, and the report says so', async () => {
    const target = open(nextBucket())
    const files = await fillArchive({ store: source, count: 10, symbol: 'LIMIT' })
    for (const { key } of files.slice(0, 5)) await source.delete(key)
    const error = await failureOf(move({ files, target, failureLimit: 2 }))
    expect(error.code).toBe('NOT_FOUND')
    expect(Object.keys(await textsOf(target, 'bronze/')).filter((key) => key.endsWith('.zip'))).toHaveLength(5)
    const { reports } = await readTransferHistory({ store: target })
    expect(reports[0]).toMatchObject({ complete: false, failed: 3 })
  })
})

describe('a server that fails', () => {
  test('by a storm of 503 is asked again until it answers', async () => {
    const files = await fillArchive({ store: source, count: 4, symbol: 'STORM' })
    const body = '<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>'
    const fault = ({ count }: { count: number }) => (count <= 8 ? { status: 503, body } : undefined)
    await using proxy = await startS3Proxy({ endpoint: server.endpoint, fault })
    const target = open(nextBucket())
    const report = await move({ files, ...through(proxy.endpoint, target) })
    expect(report).toMatchObject({ failed: 0, modes: { direct: 4, traditional: 0 } })
    expect(proxy.requests.length).toBeGreaterThanOrEqual(8 + 8 + 2)
  })

  test('by dropping connections within a batch costs only tries', async () => {
    const files = await fillArchive({ store: source, count: 8, symbol: 'RESET' })
    const seen = new Set<string>()
    await using proxy = await startS3Proxy({
      endpoint: server.endpoint,
      fault: ({ method, url }) => {
        if (method !== 'PUT' || seen.has(url)) return undefined
        seen.add(url)
        return 'reset'
      },
    })
    const target = open(nextBucket())
    const report = await move({ files, ...through(proxy.endpoint, target) })
    expect(report).toMatchObject({ failed: 0, files: 8 })
    expect(Object.keys(await textsOf(target, 'bronze/'))).toHaveLength(16)
  })

  test('for some copies only, has these alone streamed', async () => {
    const files = await fillArchive({ store: source, count: 9, symbol: 'PARTLY' })
    const body = '<Error><Code>AccessDenied</Code><Message>no</Message></Error>'
    let copies = 0
    await using proxy = await startS3Proxy({
      endpoint: server.endpoint,
      // A copy has no body of its own; what is refused is a third of them, once.
      fault: ({ method, url }) =>
        method === 'PUT' && /0[369]\.zip(\?|$)/.test(url) && copies++ < 3 ? { status: 403, body } : undefined,
    })
    const target = open(nextBucket())
    const report = await move({ files, ...through(proxy.endpoint, target) })
    expect(report).toMatchObject({
      failed: 0,
      fallbacks: 3,
      modes: { direct: 6, traditional: 3 },
      bytesThroughClient: 1500,
    })
    for (const { mode, reason } of report.byFile.slice(6)) {
      expect([mode, reason]).toEqual([
        'traditional',
        expect.stringContaining('The direct copy failed: s5cmd could not'),
      ])
    }
  })

  test('by falling silent is left after the given time, and the files are had another way', async () => {
    const files = await fillArchive({ store: source, count: 3, symbol: 'SILENT' })
    let stalled = 0
    await using proxy = await startS3Proxy({
      endpoint: server.endpoint,
      fault: ({ method, url }) => (method === 'PUT' && url.includes('/bronze/') && stalled++ < 6 ? 'stall' : undefined),
    })
    const target = open(nextBucket())
    const report = await move({ files, ...through(proxy.endpoint, target), stallMillis: 300, attempts: 2 })
    expect(report).toMatchObject({ failed: 0, files: 3 })
    expect(report.retries).toBeGreaterThan(0)
    expect(Object.keys(await textsOf(target, 'bronze/'))).toHaveLength(6)
  })

  test('by falling silent for good ends in an error, and in no process left behind', async () => {
    const files = await fillArchive({ store: source, count: 2, symbol: 'DEAD' })
    await using proxy = await startS3Proxy({
      endpoint: server.endpoint,
      fault: ({ method, url }) => (method === 'PUT' && !url.includes('/_lake/copying/') ? 'stall' : undefined),
    })
    const target = open(nextBucket())
    const report = await move({ files, ...through(proxy.endpoint, target, 0), stallMillis: 200, attempts: 1 })
    expect(report).toMatchObject({
      failed: 2,
      fallbacks: 2,
      notStored: expect.stringContaining('sent nothing') as unknown,
    })
    for (const { error } of report.byFile) expect(error?.code).toBe('UNAVAILABLE')
    expect(await textsOf(target, 'bronze/')).toEqual({})
  })

  test('in the middle of a download or an upload leaves nothing half in the target', async () => {
    const files = await fillArchive({ store: source, count: 6, bytes: 300_000, symbol: 'HALF' })
    let cuts = 0
    await using proxy = await startS3Proxy({
      endpoint: server.endpoint,
      fault: ({ method, url }) => {
        if (!/\.zip(\?|$)/.test(url) || cuts >= 6) return undefined
        if (method !== 'GET' && method !== 'PUT') return undefined
        return ++cuts % 2 === 0 ? 'reset' : method === 'GET' ? 'cut' : 'reset'
      },
    })
    const target = open(nextBucket())
    const report = await move({ files, ...through(proxy.endpoint, target), mode: 'traditional' })
    expect(report).toMatchObject({ failed: 0, unverified: 0 })
    const texts = await textsOf(target, 'bronze/')
    for (const { key, size } of files) expect(texts[`bronze/binance/archive/${key}`]).toHaveLength(size)
    expect((await readdir(tmpdir())).filter((name) => name.startsWith(`lake-transfer-${process.pid}-`))).toEqual([])
  })
})

describe('an abort', () => {
  test.each(['direct', 'traditional'] as const)(
    'in a batch (%s) throws its reason at once; the next run takes the rest',
    async (mode) => {
      const files = await fillArchive({ store: source, count: 12, symbol: `ABORT${mode}` })
      const target = open(nextBucket())
      const abort = new AbortController()
      const reason = new Error('enough')
      let puts = 0
      await using proxy = await startS3Proxy({
        endpoint: server.endpoint,
        fault: ({ method }) => {
          if (method !== 'PUT') return undefined
          if (++puts === 8) abort.abort(reason)
          return puts >= 8 ? 'stall' : undefined
        },
      })
      const running = move({ files, ...through(proxy.endpoint, target), mode, signal: abort.signal })
      await expect(running).rejects.toBe(reason)
      const landed = Object.keys(await textsOf(target, 'bronze/')).length
      expect(landed).toBeLessThan(24)
      const report = await move({ files, target, mode })
      expect(report).toMatchObject({ failed: 0, files: 12 })
      expect(Object.keys(await textsOf(target, 'bronze/'))).toHaveLength(24)
    },
  )
})

describe('two collectors at once', () => {
  test('end in the same lake as one', async () => {
    const files = await fillArchive({ store: source, count: 40, symbol: 'TWO' })
    const target = open(nextBucket())
    const reports = await Promise.all([
      move({ files, target, batchFiles: 10 }),
      move({ files: files.toReversed(), target, batchFiles: 10 }),
      move({ files, target, batchFiles: 7, mode: 'traditional' }),
      move({ files, target, batchFiles: 7, s5cmd: false }),
    ])
    for (const report of reports) expect(report).toMatchObject({ failed: 0, restated: 0, files: 40 })
    const archive = await textsOf(source, 'data/spot/daily/klines/TWO/')
    const expected = Object.entries(archive).map(([key, text]) => [`bronze/binance/archive/${key}`, text])
    expect(await textsOf(target, 'bronze/')).toEqual(Object.fromEntries(expected))
  })
})

function open(bucket: string, options: Partial<S3StoreOptions> = {}): ObjectStore {
  return s3Store({ bucket, endpoint: server.endpoint, credentials: server.credentials, backoffMillis: 1, ...options })
}

function nextBucket(): string {
  return `target${buckets++}`
}

/** Both ends seen through a proxy. */
function through(endpoint: string, target: ObjectStore, retries = 8): Pick<TransferOptions, 'source' | 'target'> {
  const options = { endpoint, timeoutMillis: 500, retries }
  const bucket = target.url.replace('s3://', '')
  return { source: open('source', options), target: open(bucket, options) }
}

async function move(
  options: Partial<TransferOptions> & Pick<TransferOptions, 'files' | 'target'>,
): Promise<TransferReport> {
  return transfer({ source, s5cmd, credentials: server.credentials, environment: {}, pauseMillis: 1, ...options })
}

async function failureOf(promise: Promise<unknown>): Promise<LakeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (LakeError.is(error)) return error
  throw new Error('It did not end with a LakeError', { cause: error })
}
