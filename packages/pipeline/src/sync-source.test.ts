import { createHash, randomBytes } from 'node:crypto'
import { delimiter, dirname } from 'node:path'
import { LakeError, type ObjectStore, parseDatasetId, parseInstant } from '@lake/core'
import { parseCollectionRequest } from '@lake/ingest-s5cmd'
import { generateKlineArchive } from '@lake/ingest-s5cmd/testing'
import { memoryStore, s3Store } from '@lake/storage'
import { findTool, needsTool, type S3Server, startS3Server } from '@lake/storage/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { defineLake, planSync, syncSource, verifyLake } from './index.ts'

const MINUTES = parseDatasetId('binance/spot/klines/BTCUSDT/1m')
const KEY = 'data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01-01.zip'
const EVERYTHING = parseCollectionRequest({ exchange: 'binance' })

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('syncSource within a server', () => {
  test('copies an object that was uploaded in parts once, and knows it again without reading it', async ({ skip }) => {
    const s5cmd = findTool('s5cmd')
    if (s5cmd === undefined || findTool('versitygw') === undefined) return skip(needsTool('s5cmd'))
    await using server = await startS3Server({ buckets: ['archive', 'lake'] })
    signedBy(server, s5cmd)
    const archive = s3Store({ bucket: 'archive', endpoint: server.endpoint, partBytes: 5 * 1024 ** 2 })
    const bytes = randomBytes(6 * 1024 ** 2)
    const { etag } = await archive.put(KEY, bytes)
    expect(etag).toMatch(/-2"?$/)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    await archive.put(`${KEY}.CHECKSUM`, Buffer.from(`${sha256}  ${KEY.split('/').at(-1)}\n`))
    const lake = defineLake({ lake: s3Store({ bucket: 'lake', endpoint: server.endpoint }) })
    const sync = async () => syncSource(lake, { source: archive, collection: EVERYTHING, mode: 'direct' })

    expect(await sync()).toMatchObject({ modes: { direct: 1, traditional: 0 }, bytesThroughClient: 0 })
    const [held] = await lake.ledger.inventory(MINUTES)
    expect(held).toMatchObject({ sourceKey: KEY, sourceEtag: etag, verified: false })
    expect(held).not.toHaveProperty('sha256')

    const before = (await server.requests()).length
    expect(await sync()).toMatchObject({ skipped: 1, bytesThroughClient: 0, fallbacks: 0 })
    const asked = (await server.requests()).slice(before).filter(({ path }) => path.includes('.zip'))
    expect(asked).toEqual([])

    // Whoever reads it knows what it is, and the next sync says so.
    for await (const { state } of verifyLake(lake)) expect(state).toBe('verified')
    expect(await lake.ledger.inventory(MINUTES)).toMatchObject([{ sha256, sourceEtag: etag, verified: true }])
    expect(await sync()).toMatchObject({ skipped: 1, unverified: 0, bytesThroughClient: 0 })

    // The source replaces it: that is another etag, and both versions are kept.
    const later = randomBytes(6 * 1024 ** 2)
    await archive.put(KEY, later)
    const laterSha256 = createHash('sha256').update(later).digest('hex')
    await archive.put(`${KEY}.CHECKSUM`, Buffer.from(`${laterSha256}  ${KEY.split('/').at(-1)}\n`))
    expect(await sync()).toMatchObject({ restated: 1, failed: 0 })
    expect(await lake.ledger.inventory(MINUTES)).toMatchObject([{ sha256: laterSha256, verified: true }])
    const settled = (await server.requests()).length
    expect(await sync()).toMatchObject({ skipped: 1, restated: 1, bytesThroughClient: 0 })
    expect((await server.requests()).slice(settled).filter(({ path }) => path.includes('.zip'))).toEqual([])
  })
})

test('a sync that is broken off says what has landed; the next one takes the rest', async () => {
  const source = memoryStore()
  const from = parseInstant('2024-01-01')
  const files = await generateKlineArchive({
    target: source,
    dataset: MINUTES,
    from,
    rows: 5 * 1440,
    seed: 1,
    cut: 'day',
  })
  const inner = memoryStore()
  const last = files.at(-1)?.key ?? ''
  let isFull = true
  const target: ObjectStore = {
    ...inner,
    put: async (key, body, options) => {
      if (isFull && key.endsWith(last)) throw new LakeError('NO_SPACE', 'The disk is full.')
      return inner.put(key, body, options)
    },
  }
  const lake = defineLake({ lake: target })
  const request = { source, collection: EVERYTHING }
  await expect(syncSource(lake, request)).rejects.toMatchObject({
    code: 'NO_SPACE',
    message: 'The disk is full. 4 of 5 files lie in bronze and stay; the same again takes the rest.',
    details: { landed: 4, files: 5 },
  })
  expect(await planSync(lake, request)).toMatchObject({ steps: [{ file: { key: last } }], held: 4 })
  isFull = false
  expect(await syncSource(lake, request)).toMatchObject({ skipped: 4, modes: { traditional: 1 }, failed: 0 })
  expect(await planSync(lake, request)).toMatchObject({ steps: [], held: 5, bytes: 0 })
})

/** What every AWS tool finds. */
function signedBy({ credentials, endpoint, region }: S3Server, s5cmd: string): void {
  vi.stubEnv('PATH', [dirname(s5cmd), process.env['PATH'] ?? ''].join(delimiter))
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey)
  vi.stubEnv('AWS_ENDPOINT_URL_S3', endpoint)
  vi.stubEnv('AWS_REGION', region)
}
