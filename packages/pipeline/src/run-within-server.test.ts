import { delimiter, dirname } from 'node:path'
import { formatDatasetId, parseDatasetId, parseInstant, readObject } from '@lake/core'
import { generateKlineArchive } from '@lake/ingest-s5cmd/testing'
import { fileStore, memoryStore, s3Store } from '@lake/storage'
import { findTool, needsTool, type S3Server, type S3ServerRequest, startS3Server } from '@lake/storage/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { defineLake, type Lake, runPipeline } from './index.ts'
import { contentOf, SAMPLE } from './testing/fixtures.ts'
import { SAMPLE_DATASETS } from './testing/sample-datasets.ts'

const lacking = ['s5cmd', 'versitygw'].find((name) => findTool(name) === undefined)

let server: S3Server
let lakes = 0

beforeAll(async () => {
  if (lacking !== undefined) return
  server = await startS3Server({ buckets: ['archive', 'days', 'lake0', 'lake1', 'lake2', 'lake3'] })
  const archive = s3Store({ bucket: 'archive', ...server })
  const sample = fileStore({ root: SAMPLE })
  for await (const { key } of sample.list()) await archive.put(key, await readObject(sample, key))
})

afterAll(async () => {
  await (lacking === undefined ? server.close() : undefined)
})

beforeEach(({ skip }) => {
  if (lacking !== undefined) return skip(needsTool(lacking))
  // What every AWS tool finds.
  vi.stubEnv('PATH', [dirname(findTool('s5cmd') ?? ''), process.env['PATH'] ?? ''].join(delimiter))
  vi.stubEnv('AWS_ACCESS_KEY_ID', server.credentials.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', server.credentials.secretAccessKey)
  vi.stubEnv('AWS_ENDPOINT_URL_S3', server.endpoint)
  vi.stubEnv('AWS_REGION', server.region)
})

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a run from a bucket into a bucket of the same server', () => {
  test('has the server copy the archive, reads each file from bronze, and makes the same of it', async () => {
    const { lake, bucket } = nextLake()
    const request = { source: 's3://archive', datasets: SAMPLE_DATASETS, gold: [] }
    const before = (await server.requests()).length
    const report = await runPipeline(lake, request)
    expect(report.failures).toEqual([])
    const requests = (await server.requests()).slice(before)
    const files = report.datasets.reduce((sum, dataset) => sum + dataset.filesTransferred, 0)
    expect(files).toBeGreaterThan(0)
    // Each file and its CHECKSUM.
    expect(asked(requests, 'CopyObject', `${bucket}/bronze/`)).toHaveLength(2 * files)
    expect(asked(requests, 'PutObject', `${bucket}/bronze/`)).toEqual([])
    expect(asked(requests, 'GetObject', 'archive/').filter((path) => !path.endsWith('.CHECKSUM'))).toEqual([])
    // What is compared with its CHECKSUM is parsed from memory.
    expect(asked(requests, 'GetObject', `${bucket}/bronze/`).filter((path) => path.endsWith('.zip'))).toHaveLength(
      files,
    )
    const streamed = memoryStore()
    await runPipeline(defineLake({ lake: streamed }), { ...request, source: SAMPLE })
    expect(await contentOf(lake.store, 'bronze/', 'silver/')).toEqual(await contentOf(streamed, 'bronze/', 'silver/'))
    for (const dataset of report.datasets) expect(dataset.filesUnverified).toBe(0)

    const settled = (await server.requests()).length
    await runPipeline(lake, request)
    const again = (await server.requests()).slice(settled)
    expect(asked(again, 'CopyObject', '')).toEqual([])
    expect(again.filter(({ operation, path }) => operation === 'GetObject' && path.endsWith('.zip'))).toEqual([])
  })

  test('keeps nothing of a file that is not what was published', async () => {
    const { lake } = nextLake()
    const archive = s3Store({ bucket: 'archive', ...server })
    const key = 'data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01-01.zip'
    const whole = await readObject(archive, key)
    const damaged = Uint8Array.from(whole, (byte, index) => (index === 1000 ? byte ^ 1 : byte))
    await archive.put(key, damaged)
    try {
      const datasets = ['binance/spot/klines/BTCUSDT/1m']
      const report = await runPipeline(lake, { source: 's3://archive', datasets, gold: [] })
      expect(report.failures.map(({ error }) => error.code)).toEqual(['CHECKSUM_MISMATCH'])
      expect(Object.keys(await contentOf(lake.store, 'bronze/')).filter((name) => name.includes(nameOf(key)))).toEqual(
        [],
      )
      await archive.put(key, whole)
      const mended = await runPipeline(lake, { source: 's3://archive', datasets, gold: [] })
      expect(mended.failures).toEqual([])
      expect(Object.keys(await contentOf(lake.store, 'bronze/')).filter((name) => name.includes('restated'))).toEqual(
        [],
      )
    } finally {
      await archive.put(key, whole)
    }
  })

  test('lists a folder once to plan all of it, and s5cmd once to copy it', async () => {
    const days = s3Store({ bucket: 'days', ...server })
    const dataset = parseDatasetId('binance/spot/klines/BTCUSDT/1d')
    // With their CHECKSUM files just enough to be copied by one line.
    await generateKlineArchive({
      target: days,
      dataset,
      from: parseInstant('2024-01-01'),
      rows: 125,
      seed: 1,
      cut: 'day',
    })
    const { lake, bucket } = nextLake()
    const before = (await server.requests()).length
    const request = { source: 's3://days', datasets: [formatDatasetId(dataset)], gold: [] }
    expect((await runPipeline(lake, request)).failures).toEqual([])
    const requests = (await server.requests()).slice(before)
    expect(asked(requests, 'CopyObject', `${bucket}/bronze/`)).toHaveLength(250)
    const listings = requests.filter(({ operation, path }) => operation === 'ListObjectsV2' && path.startsWith('days'))
    expect(listings.filter(({ query }) => decodeURIComponent(query).includes('daily/'))).toHaveLength(2)
  })

  test('streams where s5cmd is not there', async () => {
    vi.stubEnv('PATH', '')
    const { lake, bucket } = nextLake()
    const before = (await server.requests()).length
    const datasets = ['binance/spot/klines/BTCUSDT/1m']
    expect((await runPipeline(lake, { source: 's3://archive', datasets, gold: [] })).failures).toEqual([])
    const requests = (await server.requests()).slice(before)
    expect(asked(requests, 'CopyObject', '')).toEqual([])
    expect(asked(requests, 'PutObject', `${bucket}/bronze/`).length).toBeGreaterThan(0)
  })
})

function nextLake(): { readonly lake: Lake; readonly bucket: string } {
  const bucket = `lake${lakes++}`
  return { lake: defineLake({ lake: `s3://${bucket}` }), bucket }
}

function asked(requests: readonly S3ServerRequest[], operation: string, place: string): string[] {
  return requests.filter((one) => one.operation === operation && one.path.startsWith(place)).map(({ path }) => path)
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}
