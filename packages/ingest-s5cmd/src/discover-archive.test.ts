import { fileURLToPath } from 'node:url'
import { type ExchangeAdapter, LakeError, type ObjectStore, parseDatasetId, parseTimeRange } from '@lake/core'
import { binance } from '@lake/exchanges'
import { fileStore, memoryStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import type { ArchiveFile } from './archive-file.ts'
import { discoverArchive, type DiscoverOptions } from './discover-archive.ts'
import type { IgnoredObject } from './read-entries.ts'

const FIXTURES = fileURLToPath(new URL('../../../fixtures/archive', import.meta.url))
const MINUTES = parseDatasetId('binance/spot/klines/BTCUSDT/1m')
const HOURS = parseDatasetId('binance/spot/klines/BTCUSDT/1h')
const DAILY = 'data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-'
const MONTHLY = 'data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-'

describe('discoverArchive', () => {
  test('finds the real files with their checksums, by dataset and day', async () => {
    const datasets = [HOURS, MINUTES, parseDatasetId('binance/um/fundingRate/BTCUSDT')]
    const found = await discover({ source: fileStore({ root: FIXTURES }), datasets })
    expect(labels(found)).toEqual(['2026-05-08', '2026-05-09', '2020-01-01', '2020-01-02', '2020-01-03', '2026-04'])
    expect(found[2]).toMatchObject({
      key: `${DAILY}2020-01-01.zip`,
      dataset: MINUTES,
      size: 69_497,
      checksumKey: `${DAILY}2020-01-01.zip.CHECKSUM`,
    })
    expect(found.every(({ checksumKey, etag }) => checksumKey !== undefined && etag !== '')).toBe(true)
  })

  test('tells of a checksum without its file and of nothing else in the real archive', async () => {
    const ignored: IgnoredObject[] = []
    const source = fileStore({ root: FIXTURES })
    await discover({ source, datasets: [HOURS, MINUTES], onIgnored: (object) => ignored.push(object) })
    expect(ignored).toEqual([
      { key: 'data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-klines-2026-05-08.zip.CHECKSUM', why: 'orphan-checksum' },
    ])
  })

  test('unites monthly and daily listings, the month before its days', async () => {
    const source = await storeWith(`${DAILY}2024-02-01.zip`, `${DAILY}2024-01-01.zip`, `${MONTHLY}2024-01.zip`)
    expect(labels(await discover({ source }))).toEqual(['2024-01', '2024-01-01', '2024-02-01'])
  })

  test('passes over foreign names and files of other datasets, and tells of them', async () => {
    const foreign = `${DAILY}2024-1-1.zip`
    const source = await storeWith(`${DAILY}2024-01-01.zip`, foreign, `${foreign}.CHECKSUM`)
    const ignored: IgnoredObject[] = []
    const found = await discover({ source, onIgnored: (object) => ignored.push(object) })
    expect(labels(found)).toEqual(['2024-01-01'])
    expect(ignored).toEqual([{ key: foreign, why: 'foreign-name' }])
  })

  test('passes over a file of another dataset in a folder that both share', async () => {
    const source = await storeWith(
      `${DAILY}2024-01-01.zip`,
      'data/spot/daily/klines/ETHUSDT/1m/ETHUSDT-1m-2024-01-01.zip',
    )
    const ignored: IgnoredObject[] = []
    const adapter = adapterWith({ prefixes: () => ['data/spot/daily/', 'data/spot/'] })
    const found = await discover({ adapter, source, onIgnored: (object) => ignored.push(object) })
    expect(labels(found)).toEqual(['2024-01-01'])
    expect(ignored).toEqual([
      { key: 'data/spot/daily/klines/ETHUSDT/1m/ETHUSDT-1m-2024-01-01.zip', why: 'other-dataset' },
    ])
  })

  test('keeps what overlaps the range; a checksum out of the range is no orphan', async () => {
    const keys = ['2024-01-01', '2024-01-02', '2024-01-03'].map((day) => `${DAILY}${day}.zip`)
    const source = await storeWith(...keys, ...keys.map((key) => `${key}.CHECKSUM`), `${MONTHLY}2024-01.zip`)
    const ignored: IgnoredObject[] = []
    const range = parseTimeRange('2024-01-02T23:59:00Z', '2024-01-03')
    const found = await discover({ source, range, onIgnored: (object) => ignored.push(object) })
    expect(labels(found)).toEqual(['2024-01', '2024-01-02'])
    expect(ignored).toEqual([])
  })

  test('leaves the checksum away where none is listed, and where the venue publishes none', async () => {
    const source = await storeWith(`${DAILY}2024-01-01.zip`)
    const [unlisted] = await discover({ source })
    expect(unlisted).not.toHaveProperty('checksumKey')
    const [unpublished] = await discover({ source, adapter: adapterWith({ checksumSuffix: undefined }) })
    expect(unpublished).not.toHaveProperty('checksumKey')
  })

  test('lists a dataset once that is asked for twice', async () => {
    const source = await storeWith(`${DAILY}2024-01-01.zip`)
    expect(await discover({ source, datasets: [MINUTES, { ...MINUTES }] })).toHaveLength(1)
  })

  test('finds nothing in an empty range', async () => {
    const source = await storeWith(`${DAILY}2024-01-01.zip`)
    const { from } = parseTimeRange('2024-01-01T12:00:00Z', '2024-01-02')
    expect(await discover({ source, range: { from, to: from } })).toEqual([])
  })

  test.each([
    ['a dataset of another exchange', { datasets: [parseDatasetId('kraken/spot/klines/XBTUSD/1m')] }, 'BAD_REQUEST'],
    ['a type that the archive never has', { adapter: adapterWith({ prefixes: () => [] }) }, 'BAD_REQUEST'],
    ['an exchange without an archive', { adapter: { id: 'binance' } }, 'UNSUPPORTED'],
  ])('refuses %s before it asks for anything', async (_, options, code) => {
    const source = { ...memoryStore(), list: () => fail(), head: async () => fail() }
    await expect(discover({ source, ...options })).rejects.toMatchObject({ code })
  })

  test('passes a failure of the listing through', async () => {
    const source = refusing('UNAVAILABLE')
    await expect(discover({ source, range: parseTimeRange('2024-01-01', '2024-02-01') })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
  })

  test('stops between datasets when aborted', async () => {
    const controller = new AbortController()
    const source = await storeWith(`${DAILY}2024-01-01.zip`)
    const found = discoverArchive({ adapter: binance, source, datasets: [MINUTES, HOURS], signal: controller.signal })
    await found.next()
    controller.abort()
    await expect(found.next()).rejects.toHaveProperty('name', 'AbortError')
  })
})

describe('discoverArchive on a source that cannot list', () => {
  test('asks for the months, and for the days of those that are absent or at the edge', async () => {
    const inner = await storeWith(
      `${MONTHLY}2024-01.zip`,
      `${DAILY}2024-01-15.zip`,
      `${DAILY}2024-02-02.zip`,
      `${MONTHLY}2024-03.zip`,
      `${DAILY}2024-03-01.zip`,
      `${DAILY}2024-03-02.zip`,
    )
    const asked: string[] = []
    const source: ObjectStore = {
      ...refusing('UNSUPPORTED', inner),
      head: async (key) => {
        asked.push(key)
        return inner.head(key)
      },
    }
    const found = await discover({ source, range: parseTimeRange('2024-01-01', '2024-03-02') })
    expect(labels(found)).toEqual(['2024-01', '2024-02-02', '2024-03', '2024-03-01'])
    expect(found.map(({ key, checksumKey }) => checksumKey === `${key}.CHECKSUM`)).not.toContain(false)
    // Three months, the 29 days of February and one of March.
    expect(asked).toHaveLength(3 + 29 + 1)
  })

  test('asks at most eight at once', async () => {
    let running = 0
    let most = 0
    const source: ObjectStore = {
      ...refusing('UNSUPPORTED'),
      head: async () => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running--
        return undefined
      },
    }
    expect(await discover({ source, range: parseTimeRange('2024-01-01', '2024-02-01') })).toEqual([])
    expect(most).toBe(8)
  })

  test('asks only for files that the archive could have, and knows of no checksum where none is published', async () => {
    const inner = await storeWith(`${MONTHLY}2024-01.zip`)
    const adapter = adapterWith({
      checksumSuffix: undefined,
      key: (dataset, period) => (period.kind === 'month' ? binance.archive?.key(dataset, period) : undefined),
    })
    const source = refusing('UNSUPPORTED', inner)
    const [file, ...others] = await discover({ adapter, source, range: parseTimeRange('2024-01-10', '2024-02-10') })
    expect(file?.key).toBe(`${MONTHLY}2024-01.zip`)
    expect(file?.checksumKey).toBeUndefined()
    expect(others).toEqual([])
  })

  test('needs a range, and says how to give it', async () => {
    const discovering = discover({ source: refusing('UNSUPPORTED') })
    await expect(discovering).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(discovering).rejects.toThrow('give --from and --to')
  })
})

async function discover(options: Partial<DiscoverOptions> & { readonly source: ObjectStore }): Promise<ArchiveFile[]> {
  const found: ArchiveFile[] = []
  for await (const file of discoverArchive({ adapter: binance, datasets: [MINUTES], ...options })) found.push(file)
  return found
}

function adapterWith(rules: Partial<NonNullable<ExchangeAdapter['archive']>>): ExchangeAdapter {
  if (binance.archive === undefined) throw new Error('binance has an archive')
  return { ...binance, archive: { ...binance.archive, ...rules } }
}

async function storeWith(...keys: readonly string[]): Promise<ObjectStore> {
  const store = memoryStore()
  for (const key of keys) await store.put(key, Buffer.from(key))
  return store
}

function refusing(code: 'UNSUPPORTED' | 'UNAVAILABLE', inner: ObjectStore = memoryStore()): ObjectStore {
  return {
    ...inner,
    // eslint-disable-next-line require-yield
    async *list() {
      throw new LakeError(code, 'The listing is refused.')
    },
  }
}

function labels(found: readonly ArchiveFile[]): string[] {
  return found.map(({ period }) => period.label)
}

function fail(): never {
  throw new Error('the source was asked')
}
