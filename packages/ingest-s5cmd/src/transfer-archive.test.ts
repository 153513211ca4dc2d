import { createHash } from 'node:crypto'
import { LakeError, type ObjectStore, parseDatasetId, periodsIn, parseTimeRange } from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { memoryStore } from '@lake/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ArchiveFile } from './archive-file.ts'
import { summarizeTransfers } from './summarize-transfers.ts'
import { transferArchive, type TransferArchiveOptions } from './transfer-archive.ts'
import type { TransferredFile } from './transferred-file.ts'

const DATASET = parseDatasetId('binance/spot/klines/BTCUSDT/1m')
const FILES = periodsIn('day', parseTimeRange('2024-01-01', '2024-01-21')).map((period): ArchiveFile => {
  const key = `data/BTCUSDT-1m-${period.label}.zip`
  return { key, dataset: DATASET, period, size: key.length, etag: '', checksumKey: `${key}.CHECKSUM` }
})
const KEYS = FILES.map(({ key }) => `bronze/binance/archive/${key}`)

const unhandled: unknown[] = []
const remember = (reason: unknown): void => void unhandled.push(reason)
beforeEach(() => void process.on('unhandledRejection', remember))
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', remember)
  expect(unhandled.splice(0)).toEqual([])
})

describe('transferArchive', () => {
  test('takes every file, in the order of the files', async () => {
    const target = memoryStore()
    const transferred = await transfer({ source: await archive(), target })
    expect(transferred.map(({ key }) => key)).toEqual(KEYS)
    expect(transferred.every(({ verified, skipped }) => verified && !skipped)).toBe(true)
    expect((await keysOf(target)).filter((key) => key.endsWith('.zip'))).toEqual(KEYS)
  })

  test('runs no more files at once than allowed', async () => {
    const inner = await archive()
    let running = 0
    let most = 0
    const source: ObjectStore = {
      ...inner,
      get: async (key, options) => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running--
        return inner.get(key, options)
      },
    }
    await transfer({ source, concurrency: 3 })
    expect(most).toBe(3)
  })

  test('puts files where it is told to', async () => {
    const target = memoryStore()
    await transfer({ source: await archive(), target, targetKey: ({ period }) => `${period.label}.zip` })
    expect(await keysOf(target)).toContain('2024-01-20.zip.CHECKSUM')
  })

  test('reads nothing twice that an inventory knows', async () => {
    const source = await archive()
    const inner = memoryStore()
    const first = await transfer({ source, target: inner })
    const inventory = new Map(first.map((file) => [file.sourceKey, file]))
    const touched = new LakeError('STORE_FAILED', 'It was read.')
    const target = faultyStore(inner, { fail: (operation) => (operation === 'head' ? undefined : touched) })
    const again = await transfer({ source, target, known: ({ key }) => inventory.get(key) })
    expect(again).toEqual(first.map((file) => ({ ...file, skipped: true, bytesReceived: 0 })))
  })

  test('a failure ends it at its turn, keeps what has landed and leaves no half file', async () => {
    const broken = new LakeError('NO_PERMISSION', 'The file is refused.')
    const failing = FILES[5]?.key
    const source = faultyStore(await archive(), { fail: (_, key) => (key === failing ? broken : undefined) })
    const target = memoryStore()
    const seen: TransferredFile[] = []
    await expect(async () => {
      for await (const file of transferArchive({ files: FILES, source, target })) seen.push(file)
    }).rejects.toBe(broken)
    expect(seen.map(({ key }) => key)).toEqual(KEYS.slice(0, 5))
    const landed = await keysOf(target)
    expect(landed).toEqual(expect.arrayContaining(KEYS.slice(0, 5)))
    expect(landed).not.toContain(KEYS[5])
    const again = await transfer({ source: await archive(), target })
    expect(again.slice(0, 5).every(({ skipped }) => skipped)).toBe(true)
    expect(again[5]).toMatchObject({ skipped: false })
  })

  test('leaves a failing file out where it is told to, and takes the others', async () => {
    const broken = new LakeError('CHECKSUM_MISMATCH', 'The file is another.')
    const failing = [FILES[5]?.key, FILES[9]?.key]
    const source = faultyStore(await archive(), { fail: (_, key) => (failing.includes(key) ? broken : undefined) })
    const asked: string[] = []
    const transferred = await transfer({
      source,
      attempts: 1,
      leaveOut: ({ key }, error) => {
        expect(error).toBe(broken)
        return asked.push(key) > 0
      },
    })
    expect(asked).toEqual(failing)
    expect(transferred.map(({ key }) => key)).toEqual(KEYS.filter((_, index) => index !== 5 && index !== 9))
    const leaveOut = (): boolean => false
    await expect(transfer({ source, attempts: 1, leaveOut })).rejects.toBe(broken)
  })

  test('tells of files that landed although their turn never comes', async () => {
    const broken = new LakeError('NO_PERMISSION', 'The file is refused.')
    const inner = await archive()
    const told: string[] = []
    const source: ObjectStore = {
      ...inner,
      get: async (key, options) => {
        if (key !== FILES[1]?.key) return inner.get(key, options)
        while (told.length < 3) await new Promise((resolve) => setImmediate(resolve))
        throw broken
      },
    }
    const onTransferred = ({ key }: TransferredFile): void => {
      told.push(key)
    }
    await expect(transfer({ source, files: FILES.slice(0, 4), onTransferred })).rejects.toBe(broken)
    expect(told.toSorted()).toEqual([KEYS[0], KEYS[2], KEYS[3]])
  })

  test('aborts what is under way when the reader stops', async () => {
    const stalled = new Set<string>()
    const source = faultyStore(await archive(), {
      stall: (operation, key) => {
        if (operation !== 'get' || key === FILES[0]?.key || !key.endsWith('.zip')) return false
        stalled.add(key)
        return true
      },
    })
    const target = memoryStore()
    for await (const { key } of transferArchive({ files: FILES, source, target, concurrency: 4 })) {
      expect(key).toBe(KEYS[0])
      break
    }
    expect(stalled.size).toBeGreaterThan(0)
    expect(await keysOf(target)).toEqual([KEYS[0], `${String(KEYS[0])}.CHECKSUM`])
  })

  test('throws the reason of an abort although the source hangs', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const source = faultyStore(await archive(), { stall: (operation) => operation === 'get' })
    const target = memoryStore()
    const transferring = transfer({ source, target, signal: controller.signal })
    setImmediate(() => {
      controller.abort(reason)
    })
    await expect(transferring).rejects.toBe(reason)
    expect(await keysOf(target)).toEqual([])
  })

  test.each([0, -1, 1.5, Number.NaN])('refuses a concurrency of %s', async (concurrency) => {
    const transferring = transfer({ source: memoryStore(), concurrency })
    await expect(transferring).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { value: concurrency } })
  })
})

describe('summarizeTransfers', () => {
  test('adds up what came, what was there and what was tried in vain', async () => {
    const target = memoryStore()
    const [held, restated] = KEYS
    const source = await archive()
    await target.put(String(held), Buffer.from(String(FILES[0]?.key)))
    await target.put(String(restated), Buffer.from('an older version'))
    await source.delete(`${String(FILES[2]?.key)}.CHECKSUM`)
    const cut = faultyStore(source, { truncate: (key, call) => (key === FILES[3]?.key && call < 8 ? 7 : undefined) })
    const transferred = await transfer({ source: cut, target, files: FILES.slice(0, 4), concurrency: 1 })
    const size = String(FILES[0]?.key).length
    expect(summarizeTransfers(transferred, 2.5, 12)).toEqual({
      files: 4,
      bytes: 4 * size,
      seconds: 2.5,
      requests: 12,
      bytesThroughClient: 3 * size + 7,
      retries: 1,
      skipped: 1,
      restated: 1,
      unverified: 1,
    })
  })

  test('says nothing of requests that nobody counted', () => {
    expect(summarizeTransfers([], 0)).not.toHaveProperty('requests')
  })
})

async function transfer(
  options: Partial<TransferArchiveOptions> & { readonly source: ObjectStore },
): Promise<TransferredFile[]> {
  const transferred: TransferredFile[] = []
  for await (const file of transferArchive({ files: FILES, target: memoryStore(), pauseMillis: 1, ...options })) {
    transferred.push(file)
  }
  return transferred
}

/** Each file holds its own key. */
async function archive(): Promise<ObjectStore> {
  const store = memoryStore()
  for (const { key } of FILES) {
    await store.put(key, Buffer.from(key))
    const digest = createHash('sha256').update(key).digest('hex')
    await store.put(`${key}.CHECKSUM`, Buffer.from(`${digest}  ${key.slice(key.lastIndexOf('/') + 1)}\n`))
  }
  return store
}

async function keysOf(store: ObjectStore): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list()) keys.push(key)
  return keys
}
