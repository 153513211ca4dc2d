import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LakeError, type ObjectStore } from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { fileStore, memoryStore } from '@lake/storage'
import { context, metrics, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import { afterEach, describe, expect, test } from 'vitest'
import { fillArchive, textsOf } from './testing/fill-archive.ts'
import { transfer, type TransferOptions } from './transfer.ts'
import { readTransferHistory } from './transfer-history.ts'
import type { TransferReport } from './transfer-report.ts'

describe('a transfer that is no matter of S3', () => {
  test('streams each file, verified, and reports each', async () => {
    const { source, files } = await archive(3)
    const target = memoryStore()
    const moved: string[] = []
    const report = await move({ files, source, target, onMoved: ({ key }) => moved.push(key) })
    expect(report).toMatchObject({
      ...{ complete: true, files: 3, bytes: 1500, bytesMoved: 1500, bytesThroughClient: 1500, localBytes: 0 },
      ...{ unverified: 0, failed: 0, fallbacks: 0, modes: { direct: 0, traditional: 3 }, mode: 'auto' },
      traditionalWay: { requests: 18, bytesThroughClient: 1500 },
    })
    expect(report.byFile).toEqual(
      files.map(({ key }) => ({ key, mode: 'traditional', reason: 'The source is no S3 bucket.', state: 'verified' })),
    )
    expect(moved).toEqual(files.map(({ key }) => `bronze/binance/archive/${key}`))
    expect(report.storedAs).toMatch(/^_lake\/reports\/transfers\/[\dT.Z-]+-[0-9a-f]{8}\.json$/)
  })

  test('keeps no report when there was nothing to do, or when none is wanted', async () => {
    const { source, files } = await archive(2)
    const target = memoryStore()
    await move({ files, source, target, saveReport: false })
    const before = await textsOf(target)
    expect(await move({ files, source, target })).not.toHaveProperty('storedAs')
    expect(await move({ files: [], source, target })).toMatchObject({ files: 0, megabytesPerSecond: 0 })
    expect(await textsOf(target)).toEqual(before)
  })

  test('refuses a direct copy before anything is asked for', async () => {
    const { files } = await archive(1)
    const untouched = faultyStore(memoryStore(), { fail: () => new LakeError('STORE_FAILED', 'touched') })
    const running = move({ files, source: untouched, target: untouched, mode: 'direct' })
    await expect(running).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  test.each([
    ['concurrency', { concurrency: 0 }],
    ['batchFiles', { batchFiles: 1.5 }],
    ['attempts', { attempts: -1 }],
    ['bandwidth', { bytesPerSecond: 0 }],
  ])('refuses a %s that cannot be', async (name, options) => {
    const { source, files } = await archive(1)
    const running = move({ files, source, target: memoryStore(), ...options })
    await expect(running).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining(name) as string,
    })
  })

  test('a target that is full ends the run: what has landed stays, and the report tells of it', async () => {
    const { source, files } = await archive(4)
    const inner = memoryStore()
    const full = new LakeError('NO_SPACE', 'The disk is full.')
    const isThird = (key: string): boolean => key.endsWith(files[2]?.key ?? '')
    const target = faultyStore(inner, {
      fail: (operation, key) => (operation === 'put' && isThird(key) ? full : undefined),
    })
    await expect(move({ files, source, target, concurrency: 1 })).rejects.toBe(full)
    expect(Object.keys(await textsOf(inner, 'bronze/')).filter((key) => key.endsWith('.zip'))).toHaveLength(2)
    const { reports } = await readTransferHistory({ store: inner })
    expect(reports[0]).toMatchObject({ complete: false, failed: 1, modes: { traditional: 2 } })
    expect(await move({ files, source, target: inner })).toMatchObject({ skipped: 2, failed: 0, files: 4 })
  })

  test('a damaged file is reported with its code; nothing of it lies in the target', async () => {
    const { source, files } = await archive(3)
    await source.put(files[1]?.key ?? '', Buffer.alloc(500, 'other'))
    const target = memoryStore()
    const report = await move({ files, source, target })
    expect(report).toMatchObject({ failed: 1, complete: true, modes: { traditional: 2 } })
    expect(report.byFile[1]).toMatchObject({ state: 'failed', error: { code: 'CHECKSUM_MISMATCH' } })
    expect(Object.keys(await textsOf(target, 'bronze/'))).toHaveLength(4)
  })

  test('a fault of the program itself is no failed file', async () => {
    const { files } = await archive(1)
    const source: ObjectStore = { ...memoryStore(), get: async () => Promise.reject(new TypeError('a bug')) }
    await expect(move({ files, source, target: memoryStore() })).rejects.toThrow(TypeError)
  })

  test('an aborted signal moves nothing', async () => {
    const { source, files } = await archive(1)
    const target = memoryStore()
    const running = move({ files, source, target, signal: AbortSignal.abort() })
    await expect(running).rejects.toHaveProperty('name', 'AbortError')
    expect(await textsOf(target)).toEqual({})
  })

  test('a folder that lacks the room is told before anything is moved', async () => {
    const root = await mkdtemp(join(tmpdir(), 'lake-full-'))
    try {
      const { source, files } = await archive(1)
      const huge = files.map((file) => ({ ...file, size: 2 ** 60 }))
      await expect(move({ files: huge, source, target: fileStore({ root }) })).rejects.toMatchObject({
        code: 'NO_SPACE',
      })
    } finally {
      await rm(root, { recursive: true })
    }
  })

  test('a cap on the bandwidth is held over all files together', async () => {
    const { source, files } = await archive(4, 20_000)
    const options = { files, source, target: memoryStore(), saveReport: false }
    const report = await move({ ...options, bytesPerSecond: 400_000, concurrency: 4 })
    // 80,000 bytes and the CHECKSUM files cannot come faster; how much slower is the machine's business.
    expect(report.seconds).toBeGreaterThan(0.18)
    expect(report.unverified).toBe(0)
  })
})

describe('telemetry', () => {
  afterEach(() => {
    metrics.disable()
    trace.disable()
    context.disable()
  })

  test('counts and spans go to whatever SDK is registered', async () => {
    const { values, spans } = registerRecorder()
    const { source, files } = await archive(3)
    await source.delete(files[0]?.key ?? '')
    await move({ files, source, target: memoryStore(), attempts: 1 })
    expect(values).toMatchObject({
      'lake.transfer.files{"mode":"traditional"}': 2,
      'lake.transfer.files{"mode":"direct"}': 0,
      'lake.transfer.files.failed{}': 1,
      'lake.transfer.bytes{}': 1000,
      'lake.transfer.client.bytes{}': 1000,
    })
    expect(values).toHaveProperty(['lake.transfer.duration{"complete":true}'])
    expect(spans).toEqual([expect.objectContaining({ name: 'lake.transfer', ended: true, status: undefined })])
    expect(spans[0]?.attributes).toMatchObject({ 'lake.transfer.files': 3, 'lake.transfer.failed': 1 })
  })

  test('a failure marks the span', async () => {
    const { spans } = registerRecorder()
    const { source, files } = await archive(1)
    const target = faultyStore(memoryStore(), { fail: () => new LakeError('READ_ONLY', 'no writing here') })
    await expect(move({ files, source, target })).rejects.toMatchObject({ code: 'READ_ONLY' })
    expect(spans[0]).toMatchObject({ ended: true, status: { code: SpanStatusCode.ERROR, message: 'no writing here' } })
  })
})

async function archive(
  count: number,
  bytes = 500,
): Promise<
  { source: ObjectStore } & Pick<TransferOptions, 'files'> & { files: Awaited<ReturnType<typeof fillArchive>> }
> {
  const source = memoryStore()
  return { source, files: await fillArchive({ store: source, count, bytes }) }
}

async function move(options: TransferOptions): Promise<TransferReport> {
  return transfer({ s5cmd: false, pauseMillis: 1, ...options })
}

interface RecordedSpan {
  readonly name: string
  readonly attributes: Record<string, unknown>
  status: unknown
  ended: boolean
}

/** The least that the API accepts for an SDK. */
function registerRecorder(): { values: Record<string, number>; spans: RecordedSpan[] } {
  const values: Record<string, number> = {}
  const spans: RecordedSpan[] = []
  const instrument = (name: string): object => {
    const add = (value: number, attributes: unknown = {}): void => {
      const series = `${name}${JSON.stringify(attributes)}`
      values[series] = (values[series] ?? 0) + value
    }
    return { add, record: add }
  }
  const meter: object = { createCounter: instrument, createHistogram: instrument }
  Reflect.apply(metrics.setGlobalMeterProvider.bind(metrics), undefined, [{ getMeter: () => meter }])
  const startActiveSpan = (name: string, options: { attributes?: object }, work: (span: Span) => unknown): unknown => {
    const recorded: RecordedSpan = { name, attributes: { ...options.attributes }, status: undefined, ended: false }
    spans.push(recorded)
    const span: object = {
      setAttribute: (key: string, value: unknown) => {
        recorded.attributes[key] = value
      },
      setStatus: (status: unknown) => {
        recorded.status = status
      },
      end: () => {
        recorded.ended = true
      },
    }
    const result: unknown = Reflect.apply(work, undefined, [span])
    return result
  }
  Reflect.apply(trace.setGlobalTracerProvider.bind(trace), undefined, [{ getTracer: () => ({ startActiveSpan }) }])
  return { values, spans }
}
