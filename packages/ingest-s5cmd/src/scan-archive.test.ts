import { createHash } from 'node:crypto'
import {
  type ArchiveRules,
  formatDatasetId,
  LakeError,
  type ObjectStore,
  parseDatasetId,
  parsePeriod,
  parseTimeRange,
  sourceInventoryKey,
} from '@lake/core'
import { countingStore, faultyStore } from '@lake/core/testing'
import { binance } from '@lake/exchanges'
import { readSourceRecords } from '@lake/ledger'
import { memoryStore } from '@lake/storage'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ArchiveChange } from './archive-change.ts'
import type { ArchiveFile } from './archive-file.ts'
import { scanArchive, type ScanOptions } from './scan-archive.ts'

const BTC = parseDatasetId('binance/um/klines/BTCUSDT/1m')
const ETH = parseDatasetId('binance/um/trades/ETHUSDT')
const SHIB = parseDatasetId('binance/spot/trades/币安人生USDT')

describe('scanArchive', () => {
  test('gives everything once, then nothing, then only what differs', async () => {
    const lake = memoryStore()
    const first = [file(BTC, '2024-01-01'), file(BTC, '2024-01'), file(SHIB, '2024-01-02')]
    expect(told(await scan({ lake, files: first, now: 1 }))).toEqual([
      'new BTCUSDT 2024-01-01',
      'new BTCUSDT 2024-01',
      'new 币安人生USDT 2024-01-02',
    ])
    expect(await scan({ lake, files: first, now: 2 })).toEqual([])
    const second = [
      file(BTC, '2024-01-01', { etag: 'other' }),
      file(BTC, '2024-01-02'),
      file(SHIB, '2024-01-02', { size: 9 }),
    ]
    const changes = await scan({ lake, files: second, now: 3 })
    expect(told(changes)).toEqual([
      'changed BTCUSDT 2024-01-01',
      'new BTCUSDT 2024-01-02',
      'changed 币安人生USDT 2024-01-02',
      'vanished BTCUSDT 2024-01',
    ])
    expect(changes[0]).toMatchObject({
      what: ['etag'],
      before: { etag: 'e', firstSeen: 1, changedAt: 1 },
      after: { etag: 'other', firstSeen: 1, changedAt: 3 },
    })
    expect(changes[2]?.what).toEqual(['size'])
    expect(changes[3]).toMatchObject({ after: { vanishedAt: 3 } })
    expect(changes[3]).not.toHaveProperty('file')
  })

  test('reads and writes the inventories of several datasets at once, and gives what one after the other would', async () => {
    const inner = memoryStore()
    const running = { get: 0, put: 0 }
    const most = { get: 0, put: 0 }
    const slow = async <T>(kind: 'get' | 'put', work: () => Promise<T>): Promise<T> => {
      most[kind] = Math.max(most[kind], ++running[kind])
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
      try {
        return await work()
      } finally {
        running[kind]--
      }
    }
    const lake: ObjectStore = {
      ...inner,
      get: (key, options) => slow('get', () => inner.get(key, options)),
      put: (key, body, options) => slow('put', () => inner.put(key, body, options)),
    }
    const datasets = Array.from({ length: 30 }, (_, index) => parseDatasetId(`binance/um/trades/A${index}USDT`))
    // The days of all datasets in turn: each is closed and comes again.
    const files = ['2024-01-01', '2024-01-02', '2024-01-03'].flatMap((day) => datasets.map((id) => file(id, day)))
    const changes = await scan({ lake, files, now: 1, recordsInMemory: 4 })
    expect(changes).toHaveLength(90)
    expect(new Set(changes.map(({ key }) => key)).size).toBe(90)
    expect(await scan({ lake, files, now: 2, recordsInMemory: 4 })).toEqual([])
    for (const id of datasets) expect(await readSourceRecords(inner, id)).toHaveLength(3)
    expect(most.get).toBeGreaterThan(4)
    expect(most.put).toBeGreaterThan(2)
    expect(most.put).toBeLessThanOrEqual(8)
  })

  test('ends with the failure of a write that goes on beside it, and tells the changes again', async () => {
    const inner = memoryStore()
    const lake = faultyStore(inner, {
      fail: (operation, key) =>
        operation === 'put' && key.includes('A3USDT') ? new LakeError('NO_SPACE', 'full') : undefined,
    })
    const datasets = Array.from({ length: 12 }, (_, index) => parseDatasetId(`binance/um/trades/A${index}USDT`))
    const files = datasets.map((id) => file(id, '2024-01-01'))
    await expect(scan({ lake, files, now: 1, recordsInMemory: 1 })).rejects.toMatchObject({ code: 'NO_SPACE' })
    const again = told(await scan({ lake: inner, files, now: 2 }))
    expect(again).toContain('new A3USDT 2024-01-01')
  })

  test('tells of a vanished file once, and again when it comes back', async () => {
    const lake = memoryStore()
    await scan({ lake, files: [file(BTC, '2024-01-01')], now: 1 })
    expect(told(await scan({ lake, files: [], now: 2 }))).toEqual(['vanished BTCUSDT 2024-01-01'])
    expect(await scan({ lake, files: [], now: 3 })).toEqual([])
    const [back] = await scan({ lake, files: [file(BTC, '2024-01-01', { etag: 'x' })], now: 4 })
    expect(back).toMatchObject({
      kind: 'new',
      what: ['etag'],
      before: { vanishedAt: 2 },
      after: { firstSeen: 1, changedAt: 4 },
    })
    expect(back?.after.vanishedAt).toBeUndefined()
  })

  test('misses only what was looked for: markets, types, symbols, intervals, datasets and the range', async () => {
    const lake = memoryStore()
    const all = [file(BTC, '2024-01-01'), file(BTC, '2024-03-01'), file(ETH, '2024-01-01'), file(SHIB, '2024-01-01')]
    await scan({ lake, files: all, now: 1 })
    const range = parseTimeRange('2024-02-01', '2024-04-01')
    expect(
      told(await scan({ lake, files: [], now: 2, datasets: [parseDatasetId('binance/um/klines/XUSDT/1m')] })),
    ).toEqual([])
    expect(told(await scan({ lake, files: [], now: 2, intervals: ['1h'], dataTypes: ['klines'] }))).toEqual([])
    expect(told(await scan({ lake, files: [], now: 2, range, symbols: 'BTC*' }))).toEqual([
      'vanished BTCUSDT 2024-03-01',
    ])
    expect(told(await scan({ lake, files: [], now: 2, markets: ['spot'] }))).toEqual([
      'vanished 币安人生USDT 2024-01-01',
    ])
    expect(told(await scan({ lake, files: [], now: 2, datasets: [ETH] }))).toEqual(['vanished ETHUSDT 2024-01-01'])
    expect(told(await scan({ lake, files: [], now: 2 }))).toEqual(['vanished BTCUSDT 2024-01-01'])
  })

  test('a listing that says less changes nothing; one that says more is remembered without a change', async () => {
    const lake = memoryStore()
    await scan({ lake, files: [file(BTC, '2024-01-01', { etag: '', checksumEtag: 'c' })], now: 1 })
    expect(await scan({ lake, files: [file(BTC, '2024-01-01', { etag: 'e1', size: 0 })], now: 2 })).toEqual([])
    expect(await readSourceRecords(lake, BTC)).toEqual([
      expect.objectContaining({ etag: 'e1', size: 1, checksumEtag: 'c', firstSeen: 1 }),
    ])
    expect(await scan({ lake, files: [file(BTC, '2024-01-01', { etag: 'W/"e1"' })], now: 3 })).toEqual([])
    const [change] = await scan({ lake, files: [file(BTC, '2024-01-01', { etag: 'e1', checksumEtag: 'd' })], now: 4 })
    expect(change?.what).toEqual(['checksum'])
  })

  test('reads checksums of new files, or of all, and believes an equal sha256 more than a changed etag', async () => {
    const lake = memoryStore()
    const source = memoryStore()
    const listed = (etag: string): ArchiveFile => {
      const found = file(BTC, '2024-01-01', { etag })
      return { ...found, checksumKey: `${found.key}.CHECKSUM` }
    }
    const name = 'BTCUSDT-1m-2024-01-01.zip'
    const publish = async (text: string): Promise<void> => {
      await source.put(listed('').checksumKey ?? '', Buffer.from(`${sha256Of(text)}  ${name}\n`))
    }
    await publish('one')
    const checksums = { source, of: 'new' } as const
    const [change] = await scan({ lake, files: [listed('a')], now: 1, checksums })
    expect(change?.after.sha256).toBe(sha256Of('one'))
    expect(await scan({ lake, files: [listed('b')], now: 2, checksums })).toEqual([])
    await publish('two')
    expect(await scan({ lake, files: [listed('b')], now: 3, checksums })).toEqual([])
    const [restated] = await scan({ lake, files: [listed('b')], now: 4, checksums: { source, of: 'all' } })
    expect(restated).toMatchObject({
      kind: 'changed',
      what: ['checksum'],
      before: { sha256: sha256Of('one') },
      after: { sha256: sha256Of('two') },
    })
    // A damaged CHECKSUM says nothing, and stops nothing.
    await source.put(listed('').checksumKey ?? '', Buffer.from('damaged'))
    const [damaged] = await scan({ lake, files: [listed('c')], now: 5, checksums })
    expect(damaged).toMatchObject({ what: ['etag'] })
    expect(damaged?.after.sha256).toBeUndefined()
    const failing = faultyStore(source, { fail: () => new LakeError('UNAVAILABLE', 'The source is down.') })
    await expect(
      scan({ lake, files: [listed('d')], now: 6, checksums: { source: failing, of: 'new' } }),
    ).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  test('a scan that breaks off forgets nothing and takes nothing for vanished', async () => {
    const lake = memoryStore()
    await scan({ lake, files: [file(ETH, '2024-01-01')], now: 1 })
    async function* failing(): AsyncGenerator<ArchiveFile, void, undefined> {
      yield file(BTC, '2024-01-01')
      throw new LakeError('UNAVAILABLE', 'The listing broke off.')
    }
    await expect(collect(scanArchive({ lake, adapter: binance, files: failing(), now: 2 }))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
    for await (const _ of scanArchive({ lake, adapter: binance, files: iterate([file(BTC, '2024-01-01')]), now: 3 }))
      break
    expect(told(await scan({ lake, files: [file(BTC, '2024-01-01'), file(ETH, '2024-01-01')], now: 4 }))).toEqual([
      'new BTCUSDT 2024-01-01',
    ])
  })

  test('two scans at once lose nothing of each other', async () => {
    const lake = memoryStore()
    const scans = ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04'].map((label, now) =>
      scan({ lake, files: [file(BTC, label)], now: now + 1, range: parsePeriod(label) }),
    )
    await Promise.all(scans)
    expect((await readSourceRecords(lake, BTC)).map(({ label }) => label)).toEqual([
      '2024-01-01',
      '2024-01-02',
      '2024-01-03',
      '2024-01-04',
    ])
  })

  test('writes nothing when nothing differs, and reads each inventory once', async () => {
    const inner = memoryStore()
    const files = [file(BTC, '2024-01-01'), file(BTC, '2024-01-02'), file(ETH, '2024-01-01')]
    await scan({ lake: inner, files, now: 1 })
    const { store: lake, counts } = countingStore(inner)
    await scan({ lake, files, now: 2 })
    expect([counts.put.requests, counts.get.requests]).toEqual([0, 2])
  })

  test('agrees with the obvious way, whatever comes in whatever order and however little fits in memory', async () => {
    const labels = ['2024-01', '2024-01-01', '2024-01-02', '2024-02-01']
    const files = fc.uniqueArray(
      fc.record({
        dataset: fc.constantFrom(BTC, ETH, SHIB),
        label: fc.constantFrom(...labels),
        etag: fc.constantFrom('a', 'b'),
      }),
      { selector: ({ dataset, label }) => `${formatDatasetId(dataset)} ${label}` },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(files, { maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        async (rounds, recordsInMemory) => {
          const lake = memoryStore()
          const known = new Map<string, string>()
          for (const [now, round] of rounds.entries()) {
            const found = round.map(({ dataset, label, etag }) => file(dataset, label, { etag }))
            const changes = await scan({ lake, files: found, now: now + 1, recordsInMemory })
            const now_ = new Map(found.map(({ key, etag }) => [key, etag]))
            const expected = [
              ...found.filter(({ key }) => !known.has(key)).map(({ key }) => `new ${key}`),
              ...found
                .filter(({ key, etag }) => known.has(key) && known.get(key) !== etag)
                .map(({ key }) => `changed ${key}`),
              ...[...known.keys()].filter((key) => !now_.has(key)).map((key) => `vanished ${key}`),
            ]
            expect(changes.map(({ kind, key }) => `${kind} ${key}`).sort()).toEqual(expected.sort())
            known.clear()
            for (const [key, etag] of now_) known.set(key, etag)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('says which inventory cannot be read', async () => {
    const lake = memoryStore()
    await lake.put(sourceInventoryKey(BTC), Buffer.from('{"format":2}'))
    await expect(scan({ lake, files: [file(BTC, '2024-01-01')], now: 1 })).rejects.toMatchObject({
      code: 'CORRUPT_LAKE',
      details: { key: sourceInventoryKey(BTC) },
    })
  })
})

async function scan(
  options: Omit<ScanOptions, 'adapter' | 'files'> & { readonly files: readonly ArchiveFile[] },
): Promise<ArchiveChange[]> {
  return collect(scanArchive({ adapter: binance, ...options, files: iterate(options.files) }))
}

async function collect(changes: AsyncIterable<ArchiveChange>): Promise<ArchiveChange[]> {
  const all: ArchiveChange[] = []
  for await (const change of changes) all.push(change)
  return all
}

async function* iterate(files: readonly ArchiveFile[]): AsyncGenerator<ArchiveFile, void, undefined> {
  yield* files
}

function told(changes: readonly ArchiveChange[]): string[] {
  return changes.map(({ kind, dataset, label }) => `${kind} ${dataset.symbol} ${label}`)
}

function file(dataset: ArchiveFile['dataset'], label: string, more: Partial<ArchiveFile> = {}): ArchiveFile {
  const period = parsePeriod(label)
  const key = rules().key(dataset, period) ?? expect.fail('it has no such files')
  return { key, dataset, period, size: 1, etag: 'e', ...more }
}

function rules(): ArchiveRules {
  return binance.archive ?? expect.fail('it has an archive')
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
