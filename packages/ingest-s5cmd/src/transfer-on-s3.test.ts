import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LakeError, type ObjectStore, readObject } from '@lake/core'
import {
  copierInto,
  type CopyFrom,
  fileStore,
  memoryStore,
  s3Location,
  s3Store,
  type S3StoreOptions,
} from '@lake/storage'
import {
  findTool,
  needsTool,
  type S3Server,
  type S3ServerRequest,
  startS3Proxy,
  startS3Server,
} from '@lake/storage/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ArchiveFile } from './archive-file.ts'
import type { S5cmd } from './detect-s5cmd.ts'
import type { Runner } from './runner.ts'
import { fillArchive, sha256Of, textsOf } from './testing/fill-archive.ts'
import { transfer, type TransferOptions } from './transfer.ts'
import type { TransferReport } from './transfer-report.ts'
import type { KnownFile } from './transferred-file.ts'

const s5cmdPath = findTool('s5cmd')
const lacking = ['s5cmd', 'versitygw'].find((name) => findTool(name) === undefined)
const s5cmd: S5cmd = { path: s5cmdPath ?? '', version: '2.3.0' }

let server: S3Server
let source: ObjectStore
let buckets = 0

beforeAll(async () => {
  if (lacking !== undefined) return
  server = await startS3Server({
    buckets: ['source', 'public', ...Array.from({ length: 40 }, (_, index) => `target${index}`)],
    policies: { public: 'public-read' },
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

const READER = { accessKeyId: 'reader', secretAccessKey: 'reader-secret' }

describe('a direct transfer', () => {
  test('copies files with their CHECKSUM by one request each, and no payload through this machine', async () => {
    const target = open(nextBucket())
    const files = await fillArchive({ store: source, count: 30, symbol: 'DIRECT' })
    const { report, counts } = await watched(() => move({ files, target }))
    expect(report).toMatchObject({
      ...{ complete: true, files: 30, bytes: 15_000, bytesThroughClient: 0, localBytes: 0, retries: 0 },
      ...{ fallbacks: 0, skipped: 0, failed: 0, unverified: 30, modes: { direct: 30, traditional: 0 } },
    })
    expect(counts['CopyObject']).toBe(60)
    expect(counts['GetObject'] ?? 0).toBe(0)
    // One listing before and one after; one question whether the server computes a sha256. A put is the report. The flag of who
    // writes without a condition is put, looked for and deleted.
    expect(counts).toEqual({ CopyObject: 60, ListObjectsV2: 2 + 1, HeadObject: 1, PutObject: 1 + 1, DeleteObject: 1 })
    expect(report.requests).toBe(66)
    expect(report.traditionalWay.requests).toBe(180)
    const bronze = await textsOf(target, 'bronze/')
    const archive = await textsOf(source, 'data/spot/daily/klines/DIRECT/')
    expect(bronze).toEqual(Object.fromEntries(Object.entries(archive).map(([key, text]) => [bronzeKey(key), text])))
  })

  test('asks for nothing again: the next run costs one listing, and writes nothing', async () => {
    const target = open(nextBucket())
    const files = await fillArchive({ store: source, count: 12, symbol: 'AGAIN' })
    const etags = new Map<string, string>()
    await move({ files, target, onMoved: ({ file, etag }) => etags.set(file.key, etag) })
    const known = ({ key, etag }: ArchiveFile): KnownFile => ({ etag: etags.get(key) ?? '', sourceEtag: etag })
    const { report, counts } = await watched(() => move({ files, target, known }))
    expect(report).toMatchObject({ skipped: 12, bytesMoved: 0, modes: { direct: 0, traditional: 0 } })
    expect(counts).toEqual({ ListObjectsV2: 1 })
  })

  test('takes a CHECKSUM that a killed run has left out', async () => {
    const target = open(nextBucket())
    const files = await fillArchive({ store: source, count: 5, symbol: 'SIDECAR' })
    await move({ files, target })
    await target.delete(`${bronzeKey(files[2]?.key)}.CHECKSUM`)
    const { report, counts } = await watched(() => move({ files, target }))
    expect(report).toMatchObject({ skipped: 5, fallbacks: 0 })
    expect(counts['CopyObject']).toBe(1)
  })

  test.each([
    ['a space', 'AB CD'],
    ['quotes', `A'B"C`],
    ['wildcards, which match another symbol too', 'A*?[B]'],
    ['letters of other scripts', '币安人生USDT'],
    ['what a shell would read', '$HOME;`x`&#~{a,b}'],
    ['what a URL would read', '100%25+a=b&c'],
    ['a leading dash', '-rf'],
  ])('takes a key with %s as it is', async (_, symbol) => {
    await fillArchive({ store: source, count: 1, symbol: 'AXXB' })
    const target = open(nextBucket())
    const files = await fillArchive({ store: source, count: 2, symbol })
    const report = await move({ files, target })
    expect(report).toMatchObject({ fallbacks: 0, failed: 0, modes: { direct: 2, traditional: 0 } })
    expect(Object.keys(await textsOf(target, 'bronze/')).sort()).toEqual(
      files.flatMap(({ key }) => [bronzeKey(key), `${bronzeKey(key)}.CHECKSUM`]).sort(),
    )
  })

  test('runs in batches of the wanted size', async () => {
    const files = await fillArchive({ store: source, count: 25, symbol: 'BATCH' })
    const { report, counts } = await watched(() => move({ files, target: open(nextBucket()), batchFiles: 10 }))
    expect(report.modes.direct).toBe(25)
    expect(counts).toEqual({ CopyObject: 50, ListObjectsV2: 6 + 3, HeadObject: 1, PutObject: 1 + 3, DeleteObject: 3 })
  })

  test('of files without a CHECKSUM costs nothing but the copies, a listing before and after, and the flag', async () => {
    const files = (
      await Promise.all(
        ['FEWA', 'FEWB', 'FEWC'].map((symbol) => fillArchive({ store: source, count: 7, symbol, checksums: false })),
      )
    ).flat()
    const { counts } = await watched(() => move({ files, target: open(nextBucket()), saveReport: false }))
    expect(counts).toEqual({ CopyObject: 21, ListObjectsV2: 2 + 1, PutObject: 1, DeleteObject: 1 })
  })

  test('copies from a public bucket that is read without a signature, as who writes the target', async () => {
    const files = await fillArchive({ store: open('public'), count: 3 })
    const anonymous = s3Store({ bucket: 'public', endpoint: server.endpoint, anonymous: true })
    const report = await move({ files, source: anonymous, target: open(nextBucket()) })
    expect(report).toMatchObject({ modes: { direct: 3, traditional: 0 }, fallbacks: 0 })
  })

  test('reads credentials of the environment where the store does', async () => {
    const files = await fillArchive({ store: source, count: 2, symbol: 'ENVIRONMENT' })
    const { accessKeyId, secretAccessKey } = server.credentials
    const environment = {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: 'us-east-1',
    }
    const report = await move({
      files,
      target: open(nextBucket()),
      credentials: async () => server.credentials,
      environment,
    })
    expect(report.modes.direct).toBe(2)
  })
})

describe('a file that is too large for one copy', () => {
  const MEBIBYTE = 1024 ** 2

  test('is copied in parts by the server, with its CHECKSUM, once; the others by s5cmd', async () => {
    await using small = await startS3Server({
      buckets: ['source', 'target'],
      arguments: ['--copy-object-threshold', String(5 * MEBIBYTE)],
    })
    const options = { ...small, largestCopyBytes: 5 * MEBIBYTE }
    const [from, to] = [
      s3Store({ bucket: 'source', ...options }),
      s3Store({ bucket: 'target', prefix: 'my lake', ...options }),
    ]
    const files = [
      ...(await fillArchive({ store: from, count: 2, symbol: 'SMALL' })),
      ...(await fillArchive({ store: from, count: 2, symbol: 'LARGE', bytes: 12 * MEBIBYTE })),
    ]
    const asked = async () => (await small.requests()).map(({ operation }) => operation)
    const report = await move({ files, source: from, target: to })
    expect(report).toMatchObject({ fallbacks: 0, bytesThroughClient: 0, modes: { direct: 4, traditional: 0 } })
    const large = report.byFile.find(({ key }) => key.includes('LARGE'))
    expect(large?.reason).toMatch(/it copies. In parts, because it is larger than 5 MiB.$/)
    expect((await asked()).filter((operation) => operation === 'UploadPartCopy')).toHaveLength(6)
    for (const { key, size } of files) {
      expect(Buffer.compare(await readObject(to, bronzeKey(key)), await readObject(from, key))).toBe(0)
      expect((await to.head(`${bronzeKey(key)}.CHECKSUM`))?.size).toBeGreaterThan(64)
      expect((await to.head(bronzeKey(key)))?.size).toBe(size)
    }
    // Their etags are those of parts: what remembers both ends knows them again.
    const held = new Map<string, string>()
    for await (const { key, etag } of to.list()) held.set(key, etag)
    const known = ({ key, etag }: ArchiveFile) => ({ etag: held.get(bronzeKey(key)) ?? '', sourceEtag: etag })
    expect(await move({ files, source: from, target: to, known })).toMatchObject({ skipped: 4, bytesThroughClient: 0 })
    const last = files.at(-1)
    await to.delete(`${bronzeKey(last?.key)}.CHECKSUM`)
    expect(await move({ files, source: from, target: to, known })).toMatchObject({ skipped: 4, bytesThroughClient: 0 })
    expect(await to.head(`${bronzeKey(last?.key)}.CHECKSUM`)).toBeDefined()
  })

  test('is streamed, with all checks, where its copy fails', async () => {
    await using small = await startS3Server({ buckets: ['source', 'target'] })
    const options = { ...small, largestCopyBytes: 5 * MEBIBYTE, retries: 0 }
    const from = s3Store({ bucket: 'source', ...options })
    const files = await fillArchive({ store: from, count: 1, symbol: 'LARGE', bytes: 6 * MEBIBYTE })
    const inner = s3Store({ bucket: 'target', ...options })
    const refusing = Object.assign(inner, {
      [Symbol.for('@lake/storage/copy-from')]: async () =>
        Promise.reject(new LakeError('UNSUPPORTED', 'No parts here.')),
    })
    const report = await move({ files, source: from, target: refusing })
    expect(report).toMatchObject({ fallbacks: 1, failed: 0, unverified: 0, modes: { direct: 0, traditional: 1 } })
    expect(report.byFile[0]?.reason).toBe('The direct copy failed: No parts here.')
    const replaced = await from.put(files[0]?.key ?? '', Buffer.alloc(6 * MEBIBYTE, 'replaced'))
    await inner.delete(bronzeKey(files[0]?.key))
    const fair = s3Store({ bucket: 'target', ...options })
    const heeding = await move({ files, source: from, target: fair })
    expect(heeding.byFile[0]?.reason).toContain('changed by somebody else')
    const copyFrom = copierInto(fair)
    const heedless = Object.assign(fair, {
      [Symbol.for('@lake/storage/copy-from')]: async (...[what, to, more]: Parameters<CopyFrom>) =>
        copyFrom?.({ ...what, etag: '' }, to, more),
    })
    const late = await move({ files, source: from, target: heedless })
    expect(late.byFile[0]?.reason).toContain('was replaced at the source after the plan was made')
    expect(late).toMatchObject({ failed: 1, modes: { direct: 0, traditional: 0 } })
    expect(replaced.etag).not.toBe(files[0]?.etag)
    expect(await inner.head(bronzeKey(files[0]?.key))).toBeUndefined()
    const full = Object.assign(inner, {
      [Symbol.for('@lake/storage/copy-from')]: async () => Promise.reject(new LakeError('NO_SPACE', 'Full.')),
    })
    await inner.delete(bronzeKey(files[0]?.key))
    await expect(move({ files, source: from, target: full })).rejects.toMatchObject({ code: 'NO_SPACE' })
  })
})

describe('a sha256 that the server itself computes', () => {
  test('verifies a direct copy without reading it', async () => {
    const files = await fillArchive({ store: source, count: 3, symbol: 'DIGEST' })
    const bucket = nextBucket()
    const report = await move({ files, target: computing(bucket, (bytes) => sha256Of(bytes)) })
    expect(report).toMatchObject({ unverified: 0, bytesThroughClient: 0, modes: { direct: 3, traditional: 0 } })
  })

  test('that is not the published one leaves nothing of the copy, and the file is had with all checks', async () => {
    const files = await fillArchive({ store: source, count: 2, symbol: 'DAMAGED' })
    const [file] = files
    if (file === undefined) throw new Error('no file')
    const { etag } = await source.put(file.key, Buffer.alloc(file.size, 'damaged'))
    const bucket = nextBucket()
    const target = computing(bucket, (bytes) => sha256Of(bytes))
    const report = await move({ files: files.with(0, { ...file, etag }), target })
    expect(report).toMatchObject({ unverified: 0, failed: 1, fallbacks: 1, modes: { direct: 1, traditional: 0 } })
    expect(report.byFile.at(-1)).toMatchObject({ state: 'failed', error: { code: 'CHECKSUM_MISMATCH' } })
    expect(await target.head(bronzeKey(file.key))).toBeUndefined()
  })
})

describe('a traditional transfer', () => {
  test('by s5cmd passes the disk, verifies each file, and leaves the disk as it was', async () => {
    const staging = await mkdtemp(join(tmpdir(), 'lake-staging-'))
    await writeFile(join(staging, 'mine'), 'x')
    try {
      const target = open(nextBucket())
      const files = await fillArchive({ store: source, count: 20, symbol: 'DISK' })
      const options = { files, target, mode: 'traditional', stagingFolder: staging } as const
      const { report, counts } = await watched(() => move(options))
      expect(report).toMatchObject({
        ...{ unverified: 0, bytesThroughClient: 10_000, localBytes: 10_000, fallbacks: 0 },
        modes: { direct: 0, traditional: 20 },
      })
      // The target is listed before the downloads, before the uploads and after them; the flag is for the uploads.
      const flag = { ListObjectsV2: 3 + 1, PutObject: 41 + 1, DeleteObject: 1 }
      expect(counts).toEqual({ ...flag, HeadObject: 40, GetObject: 40 })
      expect(await readdir(staging)).toEqual(['mine'])
    } finally {
      await rm(staging, { recursive: true })
    }
  })

  test('by s5cmd into a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lake-target-'))
    try {
      const files = await fillArchive({ store: source, count: 4, symbol: 'FOLDER' })
      const target = fileStore({ root: folder })
      const report = await move({ files, target })
      expect(report).toMatchObject({ unverified: 0, localBytes: 2000, modes: { direct: 0, traditional: 4 } })
      expect(report.byFile[0]).toMatchObject({ reason: 'The target is no S3 bucket.', state: 'verified' })
      expect(await move({ files, target })).toMatchObject({ skipped: 4, bytesMoved: 0 })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('by s5cmd takes files that have no CHECKSUM, or are only believed to have one', async () => {
    const [plain] = await fillArchive({ store: source, count: 1, symbol: 'PLAIN', checksums: false })
    const [believed] = await fillArchive({ store: source, count: 1, symbol: 'BELIEVED', checksums: false })
    if (plain === undefined || believed === undefined) throw new Error('no file')
    const files = [plain, { ...believed, checksumKey: `${believed.key}.CHECKSUM` }]
    for (const mode of ['traditional', 'direct'] as const) {
      const target = open(nextBucket())
      expect(await move({ files, target, mode })).toMatchObject({ unverified: 2, fallbacks: 0, failed: 0 })
      expect(Object.keys(await textsOf(target, 'bronze/')).sort()).toEqual(
        files.map(({ key }) => bronzeKey(key)).sort(),
      )
    }
  })

  test.each(['traditional', 'direct'] as const)('leaves out a checksum that is an MD5 (%s)', async (mode) => {
    const files = await fillArchive({ store: source, count: 2, symbol: 'MD5' })
    const target = open(nextBucket())
    const report = await move({ files: files.map((file) => ({ ...file, checksumAlgorithm: 'md5' })), target, mode })
    expect(report).toMatchObject({ unverified: 2, fallbacks: 0, failed: 0 })
    expect(Object.keys(await textsOf(target, 'bronze/')).sort()).toEqual(files.map(({ key }) => bronzeKey(key)).sort())
  })

  test('by s5cmd lets through no bytes that are not the published ones', async () => {
    const files = await fillArchive({ store: source, count: 4, symbol: 'DAMAGED2' })
    const [damaged, longer, odd] = files
    if (damaged === undefined || longer === undefined || odd === undefined) throw new Error('no file')
    await source.put(damaged.key, Buffer.alloc(500, 'damaged'))
    await source.put(longer.key, Buffer.alloc(501, 'longer'))
    await source.put(`${odd.key}.CHECKSUM`, Buffer.from('what is this'))
    const target = open(nextBucket())
    const report = await move({ files, target, mode: 'traditional' })
    expect(report).toMatchObject({ failed: 3, fallbacks: 3, modes: { direct: 0, traditional: 1 } })
    const codes = report.byFile.map(({ error }) => error?.code).filter((code) => code !== undefined)
    expect(codes.sort()).toEqual(['BAD_FORMAT', 'CHECKSUM_MISMATCH', 'CHECKSUM_MISMATCH'])
    expect(Object.keys(await textsOf(target, 'bronze/'))).toHaveLength(2)
  })

  test('by s5cmd gives way to who was faster, and completes what he left', async () => {
    const files = await fillArchive({ store: source, count: 3, symbol: 'FASTER' })
    const inner = memoryStore()
    const isFirst = (key: string): boolean => key === bronzeKey(files[0]?.key)
    const racing: ObjectStore = {
      ...inner,
      url: 'file:///nowhere/racing',
      put: async (key, body, options) => {
        if (isFirst(key) && (await inner.head(key)) === undefined)
          await inner.put(key, await readObject(source, files[0]?.key ?? ''))
        return inner.put(key, body, options)
      },
    }
    const report = await move({ files, target: racing })
    expect(report).toMatchObject({ failed: 0, fallbacks: 1, unverified: 0, skipped: 1 })
    expect(Object.keys(await textsOf(inner, 'bronze/'))).toHaveLength(6)
    await inner.delete(`${bronzeKey(files[1]?.key)}.CHECKSUM`)
    expect(await move({ files, target: racing })).toMatchObject({ skipped: 3, fallbacks: 0 })
    expect(Object.keys(await textsOf(inner, 'bronze/'))).toHaveLength(6)
  })

  test('a disk that fills while s5cmd downloads ends the run, and nothing is lost', async ({ skip }) => {
    const stagingFolder = await mkdtemp(join(tmpdir(), 'lake-full-'))
    const small = join(stagingFolder, 's5cmd')
    await writeFile(small, onSmallDisk(stagingFolder, s5cmd.path), { mode: 0o755 })
    try {
      if (spawnSync(small, ['version']).status !== 0) skip('This machine lets nobody mount a small disk.')
      const files = await fillArchive({ store: source, count: 4, symbol: 'DISKFULL', bytes: 200_000 })
      const target = open(nextBucket())
      const options = { files, target, mode: 'traditional', stagingFolder } as const
      const failure: unknown = await move({ ...options, s5cmd: { ...s5cmd, path: small } }).catch(
        (error: unknown) => error,
      )
      expect(failure).toMatchObject({ code: 'NO_SPACE' })
      expect(String(failure)).toContain('make room on that disk, or name a folder on another one (TMPDIR).')
      expect(await textsOf(target, 'bronze/')).toEqual({})
      expect(await readdir(stagingFolder)).toEqual(['s5cmd'])
      expect(await move(options)).toMatchObject({ failed: 0, unverified: 0, modes: { traditional: 4 } })
    } finally {
      await rm(stagingFolder, { recursive: true })
    }
  })

  test('a download that s5cmd only claims is had another way', async () => {
    const files = await fillArchive({ store: source, count: 2, symbol: 'CLAIMED' })
    const runner: Runner = {
      run: async ({ onOutput, input }) => {
        for await (const line of input ?? []) {
          const [, from = '', to = ''] = /'(.*)' '(.*)'/.exec(line) ?? []
          onOutput(JSON.stringify({ operation: 'cp', success: true, source: from, destination: to }))
        }
        return Promise.resolve({ exitCode: 0, killedBy: null })
      },
    }
    const report = await move({ files, target: open(nextBucket()), mode: 'traditional', runner })
    expect(report).toMatchObject({ fallbacks: 2, failed: 0, unverified: 0 })
    expect(report.byFile[0]?.reason).toBe('s5cmd reported a download that is not there.')
  })

  test('a copy that s5cmd only claims is not believed', async () => {
    const files = await fillArchive({ store: source, count: 2, symbol: 'CLAIM' })
    const runner: Runner = {
      run: async ({ onOutput, input }) => {
        for await (const line of input ?? []) {
          const [, , to = ''] = /'(.*)' '(.*)'/.exec(line) ?? []
          onOutput(JSON.stringify({ operation: 'cp', success: true, destination: to }))
        }
        return Promise.resolve({ exitCode: 0, killedBy: null })
      },
    }
    const target = open(nextBucket())
    const report = await move({ files, target, runner })
    expect(report).toMatchObject({ fallbacks: 2, failed: 0, unverified: 0 })
    expect(report.byFile[0]?.reason).toBe('The direct copy failed: s5cmd reported a copy that is not there.')
  })

  test('a file that is named twice is taken once', async () => {
    const files = await fillArchive({ store: source, count: 2, symbol: 'TWICE' })
    const { report, counts } = await watched(() => move({ files: [...files, ...files], target: open(nextBucket()) }))
    expect(report).toMatchObject({ files: 2, modes: { direct: 2, traditional: 0 } })
    expect(counts['CopyObject']).toBe(4)
  })

  test('an etag that differs only because the target encrypts is no reason to read the file', async () => {
    const files = await fillArchive({ store: source, count: 2, symbol: 'ENCRYPTED' })
    const inner = open(nextBucket())
    const encrypting = Object.assign(inner, { list: listingWith(inner.list.bind(inner), 'f'.repeat(32)) })
    expect(await move({ files, target: encrypting })).toMatchObject({
      fallbacks: 0,
      bytesThroughClient: 0,
      unverified: 2,
    })
  })

  test('without s5cmd streams, and says why', async () => {
    const files = await fillArchive({ store: source, count: 3, symbol: 'STREAM' })
    const report = await move({ files, target: open(nextBucket()), s5cmd: false })
    expect(report).toMatchObject({ localBytes: 0, bytesThroughClient: 1500, unverified: 0 })
    expect(report.byFile[0]?.reason).toBe('There is no s5cmd on this machine.')
    expect(report).not.toHaveProperty('s5cmd')
  })

  test('between two servers passes this machine, read without a signature', async () => {
    const files = await fillArchive({ store: open('public'), count: 2, symbol: 'BETWEEN' })
    await using proxy = await startS3Proxy({ endpoint: server.endpoint })
    const anonymous = s3Store({ bucket: 'public', endpoint: proxy.endpoint, anonymous: true })
    const report = await move({ files, source: anonymous, target: open(nextBucket()) })
    expect(report).toMatchObject({
      modes: { direct: 0, traditional: 2 },
      fallbacks: 0,
      unverified: 0,
      localBytes: 1000,
    })
    expect(report.byFile[0]?.reason).toContain('different servers')
  })

  test('honours the proxy variables, for s5cmd too', async () => {
    const asked: string[] = []
    const { port: serverPort } = new URL(server.endpoint)
    const proxy = createServer((incoming, response) => {
      const url = new URL(incoming.url ?? '')
      asked.push(url.host)
      const { method, headers } = incoming
      const path = url.pathname + url.search
      const outgoing = request({ host: '127.0.0.1', port: serverPort, method, path, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      })
      incoming.pipe(outgoing)
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const address = proxy.address()
    const port = typeof address === 'object' ? address?.port : 0
    try {
      const files = await fillArchive({ store: source, count: 2, symbol: 'PROXY' })
      const far = { endpoint: 'http://s3.nowhere.test:9000', forcePathStyle: true, credentials: server.credentials }
      // Only s5cmd has to find the server by the proxy here: what the store asks is answered by the true one.
      const target = nextBucket()
      const placed = (bucket: string): ObjectStore =>
        Object.assign(open(bucket), {
          [Symbol.for('@lake/storage/s3-location')]: s3Location(s3Store({ bucket, ...far })),
        })
      const lookalike = placed(target)
      const from = placed('source')
      const environment = { HTTP_PROXY: `http://127.0.0.1:${port}` }
      const report = await move({ files, source: from, target: lookalike, environment })
      expect(report).toMatchObject({ modes: { direct: 2, traditional: 0 }, fallbacks: 0 })
      expect(new Set(asked)).toEqual(new Set(['s3.nowhere.test:9000']))
      expect(asked).toHaveLength(4)
    } finally {
      proxy.close()
      proxy.closeAllConnections()
    }
  })
})

describe('what differs in the target', () => {
  test('a restated file lies beside the first version, verified, and costs only itself', async () => {
    const target = open(nextBucket())
    const files = await fillArchive({ store: source, count: 5, symbol: 'RESTATED' })
    await move({ files, target })
    const before = await textsOf(target, 'bronze/')
    const changed = await restate(files[1])
    const report = await move({ files: files.with(1, changed), target })
    expect(report).toMatchObject({ skipped: 4, restated: 1, fallbacks: 0, modes: { direct: 0, traditional: 1 } })
    expect(report.byFile.find(({ key }) => key === changed.key)).toMatchObject({
      ...{ state: 'verified', restated: true, reason: 'The target holds other bytes under its name.' },
    })
    const after = await textsOf(target, 'bronze/')
    expect(after).toMatchObject(before)
    expect(Object.keys(after)).toHaveLength(12)
  })

  test('an etag that cannot be compared is settled by the sha256, once, or by what an inventory remembers', async () => {
    const target = open(nextBucket())
    const [file] = await fillArchive({ store: source, count: 1, symbol: 'PARTS' })
    if (file === undefined) throw new Error('no file')
    const parts: ArchiveFile = { ...file, etag: `${file.etag}-2` }
    expect(await move({ files: [parts], target })).toMatchObject({ modes: { direct: 1, traditional: 0 } })
    expect(await move({ files: [parts], target })).toMatchObject({ skipped: 1, unverified: 0 })
    const held = await target.head(bronzeKey(file.key))
    const memory = { sha256: '0'.repeat(64), etag: held?.etag ?? '', sourceEtag: parts.etag, verified: true }
    const { report, counts } = await watched(() => move({ files: [parts], target, known: () => memory }))
    expect(report).toMatchObject({ skipped: 1, unverified: 0 })
    expect(counts).toEqual({ ListObjectsV2: 1 })
  })

  test('a source that was replaced after the plan is noticed, and what lies there is proven', async () => {
    const target = open(nextBucket())
    const files = await fillArchive({ store: source, count: 3, symbol: 'REPLACED' })
    await restate(files[0])
    const report = await move({ files, target })
    expect(report).toMatchObject({ fallbacks: 1, unverified: 2, failed: 0 })
    expect(report.byFile.find(({ mode }) => mode === 'traditional')).toMatchObject({
      ...{ key: files[0]?.key, state: 'verified' },
      reason: 'The direct copy failed: the source was replaced after the plan was made.',
    })
  })

  test('a file that is larger by now is settled too', async () => {
    const target = open(nextBucket())
    const files = await fillArchive({ store: source, count: 2, symbol: 'LARGER' })
    const [file] = files
    if (file === undefined) throw new Error('no file')
    const longer = Buffer.alloc(700, 'longer ')
    await source.put(file.key, longer)
    await source.put(`${file.key}.CHECKSUM`, checksumOf(file.key, longer))
    const report = await move({ files, target })
    expect(report).toMatchObject({ fallbacks: 1, failed: 0 })
    expect(report.byFile.at(-1)?.reason).toBe('The direct copy failed: the copy has 700 bytes, the plan says 500.')
  })
})

/** A program that runs s5cmd where a folder is a disk of 256 kB. */
function onSmallDisk(folder: string, program: string): string {
  const inside =
    'names=$(cd "$1" && ls -d lake-transfer-* 2>/dev/null); mount -t tmpfs -o size=256k tmpfs "$1" || exit 1; ' +
    '[ -z "$names" ] || (cd "$1" && mkdir $names); shift; exec "$@"'
  return `#!/bin/sh\nexec unshare --user --map-root-user --mount sh -c '${inside}' sh '${folder}' '${program}' "$@"\n`
}

function open(bucket: string, options: Partial<S3StoreOptions> = {}): ObjectStore {
  return s3Store({ bucket, endpoint: server.endpoint, credentials: server.credentials, ...options })
}

function listingWith(list: ObjectStore['list'], etag: string): ObjectStore['list'] {
  return async function* (options) {
    for await (const info of list(options)) yield { ...info, etag }
  }
}

/** A bucket whose server has a sha256 of everything, which the test reads for it. */
function computing(bucket: string, digestOf: (bytes: Uint8Array) => string): ObjectStore {
  const digest = async (key: string): Promise<string> => digestOf(await readObject(open(bucket), key))
  return Object.assign(open(bucket), { [Symbol.for('@lake/storage/stored-sha256')]: digest })
}

function nextBucket(): string {
  return `target${buckets++}`
}

async function move(
  options: Partial<TransferOptions> & Pick<TransferOptions, 'files' | 'target'>,
): Promise<TransferReport> {
  return transfer({ source, s5cmd, credentials: server.credentials, environment: {}, pauseMillis: 1, ...options })
}

/** Runs, and counts what the server was asked for in the meantime. */
async function watched(
  run: () => Promise<TransferReport>,
): Promise<{ report: TransferReport; counts: Record<string, number>; requests: readonly S3ServerRequest[] }> {
  const before = (await server.requests()).length
  const report = await run()
  const requests = (await server.requests()).slice(before)
  const counts: Record<string, number> = {}
  for (const { operation } of requests) counts[operation] = (counts[operation] ?? 0) + 1
  return { report, counts, requests }
}

async function restate(file: ArchiveFile | undefined): Promise<ArchiveFile> {
  if (file === undefined) throw new Error('no file')
  const bytes = Buffer.alloc(file.size, 'restated ')
  const { etag } = await source.put(file.key, bytes)
  await source.put(`${file.key}.CHECKSUM`, checksumOf(file.key, bytes))
  return { ...file, etag }
}

function checksumOf(key: string, bytes: Uint8Array): Uint8Array {
  return Buffer.from(`${sha256Of(bytes)}  ${key.slice(key.lastIndexOf('/') + 1)}\n`)
}

function bronzeKey(key = ''): string {
  return `bronze/binance/archive/${key}`
}
