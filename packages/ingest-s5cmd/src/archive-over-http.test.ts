import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ObjectStore, parseDatasetId, parseInstant, parseTimeRange, readObject, type TimeRange } from '@lake/core'
import { binance } from '@lake/exchanges'
import { fileStore, httpStore, memoryStore } from '@lake/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { discoverArchive } from './discover-archive.ts'
import { planTransfer } from './plan-transfer.ts'
import { generateKlineArchive, serveArchive, type ServeOptions } from './testing/index.ts'
import { transferArchive } from './transfer-archive.ts'
import type { TransferredFile } from './transferred-file.ts'

const FIXTURES = fileURLToPath(new URL('../../../fixtures/archive', import.meta.url))
const MINUTES = parseDatasetId('binance/spot/klines/BTCUSDT/1m')
const TRADES = parseDatasetId('binance/cm/aggTrades/BTCUSD_PERP')
const FIRST_DAY = 'data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01-01.zip'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-ingest-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('an archive behind HTTP', () => {
  test('comes over page by page into a folder, and the second time without its payload', async () => {
    await using server = await serveArchive({ root: FIXTURES, pageSize: 2 })
    const source = httpStore({ url: server.url, listingUrl: `${server.url}/data.binance.vision` })
    const target = fileStore({ root: folder })
    const first = await ingest({ source, target })
    expect(first).toHaveLength(4)
    expect(first.every(({ verified, skipped }) => verified && !skipped)).toBe(true)
    const original = fileStore({ root: FIXTURES })
    for (const { key, sourceKey } of first) {
      expect(await sameBytes(target, key, original, sourceKey)).toBe(true)
      expect(await sameBytes(target, `${key}.CHECKSUM`, original, `${sourceKey}.CHECKSUM`)).toBe(true)
    }
    const asked = server.requests.length
    const second = await ingest({ source, target })
    expect(second).toEqual(first.map((file) => ({ ...file, skipped: true, bytesReceived: 0 })))
    const payloads = server.requests.slice(asked).filter(({ key }) => key.endsWith('.zip'))
    expect(payloads).toEqual([])
  })

  test('is probed where there is no listing', async () => {
    const store = memoryStore()
    await generateKlineArchive({
      target: store,
      dataset: MINUTES,
      from: parseInstant('2024-01-01'),
      rows: 31 * 1440,
      seed: 1,
    })
    const from = parseInstant('2024-02-01')
    await generateKlineArchive({ target: store, dataset: MINUTES, from, rows: 2 * 1440, cut: 'day', seed: 2 })
    await using server = await serveArchive({ store, hasListing: false })
    const range = parseTimeRange('2024-01-01', '2024-02-10')
    const found = await ingest({
      source: httpStore({ url: server.url, backoffMillis: 1 }),
      target: memoryStore(),
      range,
    })
    expect(found.map(({ key, verified }) => [key.slice(-14), verified])).toEqual([
      ['1m-2024-01.zip', true],
      ['2024-02-01.zip', true],
      ['2024-02-02.zip', true],
    ])
  })

  test.each<[string, ServeOptions['faults']]>([
    [
      'a connection that breaks in the middle of a file',
      [{ kind: 'reset', bytes: 1000, match: FIRST_DAY, method: 'GET', nth: 2 }],
    ],
    ['a flipped bit', [{ kind: 'corrupt', offset: 1000, match: FIRST_DAY, nth: 2 }]],
    ['a body that ends early', [{ kind: 'truncate', bytes: 1000, match: FIRST_DAY, nth: 2 }]],
    ['a moment of overload', [{ kind: 'status', status: 503, match: FIRST_DAY, retryAfterSeconds: 0, times: 2 }]],
    ['a listing that fails once', [{ kind: 'status', status: 500, match: 'data/spot/daily/' }]],
  ])('survives %s', async (_, faults) => {
    await using server = await serveArchive({ root: FIXTURES, faults })
    const target = memoryStore()
    const transferred = await ingest({ source: httpStore({ url: server.url, backoffMillis: 1 }), target })
    expect(transferred.every(({ verified }) => verified)).toBe(true)
    expect(await readObject(target, `bronze/binance/archive/${FIRST_DAY}`)).toHaveLength(69_497)
  })

  test('leaves nothing in the folder of a file that never comes whole', async () => {
    const faults = [{ kind: 'corrupt', offset: 5, match: FIRST_DAY, nth: 2, times: Infinity }] as const
    await using server = await serveArchive({ root: FIXTURES, faults })
    const source = httpStore({ url: server.url, backoffMillis: 1 })
    const target = fileStore({ root: folder })
    const range = parseTimeRange('2020-01-01', '2020-01-02')
    await expect(ingest({ source, target, range })).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' })
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    expect(entries.filter((entry) => entry.isFile())).toEqual([])
  })
})

async function sameBytes(store: ObjectStore, key: string, other: ObjectStore, otherKey: string): Promise<boolean> {
  return Buffer.from(await readObject(store, key)).equals(await readObject(other, otherKey))
}

async function ingest(options: {
  readonly source: ObjectStore
  readonly target: ObjectStore
  readonly range?: TimeRange
}): Promise<TransferredFile[]> {
  const { source, target, range } = options
  const files = []
  const datasets = range === undefined ? [MINUTES, TRADES] : [MINUTES]
  for await (const file of discoverArchive({ adapter: binance, source, datasets, range })) files.push(file)
  const transferred: TransferredFile[] = []
  for await (const file of transferArchive({ files: planTransfer({ files, range }), source, target, pauseMillis: 1 })) {
    transferred.push(file)
  }
  return transferred
}
