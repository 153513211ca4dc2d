import { createHash } from 'node:crypto'
import { LakeError, type ObjectStore, parseDatasetId, parsePeriod, readObject } from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { memoryStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import type { ArchiveFile } from './archive-file.ts'
import { transferFile, type TransferFileOptions } from './transfer-file.ts'
import type { TransferProgress, TransferredFile } from './transferred-file.ts'

const KEY = 'data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01-01.zip'
const NAME = 'BTCUSDT-1m-2024-01-01.zip'
const TARGET_KEY = `bronze/binance/archive/${KEY}`
const FIRST = bytesOf('the first version')
const LATER = bytesOf('a later version!!')
const RESTATED = `${TARGET_KEY.slice(0, -4)}.restated-${sha256Of(LATER).slice(0, 12)}.zip`

describe('a file that the target lacks', () => {
  test('lands verified, with its checksum as received beside it', async () => {
    const checksum = `${sha256Of(FIRST).toUpperCase()} *${NAME}\r\n`
    const source = await sourceWith(FIRST, checksum)
    const target = memoryStore()
    const transferred = await transfer({ source, target })
    expect(transferred).toEqual({
      key: TARGET_KEY,
      sourceKey: KEY,
      size: FIRST.length,
      sha256: sha256Of(FIRST),
      etag: (await target.head(TARGET_KEY))?.etag,
      verified: true,
      skipped: false,
      restated: false,
      bytesReceived: FIRST.length,
      retries: 0,
    })
    expect(await contentOf(target)).toEqual({ [TARGET_KEY]: text(FIRST), [`${TARGET_KEY}.CHECKSUM`]: checksum })
  })

  test.each([
    ['none is listed', { checksumKey: undefined }],
    ['the listed one is gone', {}],
  ])('lands unverified when %s', async (_, changes) => {
    const target = memoryStore()
    const transferred = await transfer({
      source: await sourceWith(FIRST),
      target,
      file: { ...fileOf(FIRST), ...changes },
    })
    expect(transferred).toMatchObject({ verified: false, skipped: false, sha256: sha256Of(FIRST) })
    expect(await contentOf(target)).toEqual({ [TARGET_KEY]: text(FIRST) })
  })

  test('is told of chunk by chunk', async () => {
    const seen: TransferProgress[] = []
    const source = streaming(await sourceWith(FIRST, lineOf(FIRST)), [FIRST.slice(0, 5), FIRST.slice(5)])
    await transfer({ source, onProgress: (progress) => seen.push(progress) })
    expect(seen).toEqual([
      { key: KEY, bytes: 5, size: FIRST.length },
      { key: KEY, bytes: FIRST.length, size: FIRST.length },
    ])
  })

  test('replaces the checksum of a file that is gone', async () => {
    const target = memoryStore()
    await target.put(`${TARGET_KEY}.CHECKSUM`, bytesOf(lineOf(LATER)))
    await transfer({ source: await sourceWith(FIRST, lineOf(FIRST)), target })
    expect(await contentOf(target)).toEqual({ [TARGET_KEY]: text(FIRST), [`${TARGET_KEY}.CHECKSUM`]: lineOf(FIRST) })
  })
})

describe('a file that does not match its checksum', () => {
  test('lands nowhere, after a second try, and the message names both digests', async () => {
    const source = counting(await sourceWith(FIRST, lineOf(LATER)))
    const target = memoryStore()
    const refused = await failureOf(transfer({ source, target }))
    expect(refused).toMatchObject({
      code: 'CHECKSUM_MISMATCH',
      details: { file: KEY, sha256: sha256Of(FIRST), expected: sha256Of(LATER) },
    })
    expect(refused.message).toMatch(
      new RegExp(`${NAME} has the sha256 ${sha256Of(FIRST)}.*${sha256Of(LATER)}.*as it was.*Try again later`),
    )
    expect(await contentOf(target)).toEqual({})
    expect(source.gets(KEY)).toBe(2)
  })

  test('lands when the archive repairs it between the tries', async () => {
    const inner = await sourceWith(LATER, lineOf(FIRST))
    const source: ObjectStore = {
      ...inner,
      get: async (key, options) => {
        const stored = await inner.get(key, options)
        if (key === KEY) await inner.put(`${KEY}.CHECKSUM`, bytesOf(lineOf(LATER)))
        return stored
      },
    }
    const target = memoryStore()
    expect(await transfer({ source, target })).toMatchObject({
      verified: true,
      retries: 1,
      bytesReceived: 2 * LATER.length,
    })
    expect(await contentOf(target)).toMatchObject({ [TARGET_KEY]: text(LATER) })
  })

  test.each([
    ['names another file', `${sha256Of(FIRST)}  ETHUSDT-1m-2024-01-01.zip\n`, 'WRONG_FILE'],
    ['is a page of HTML', '<html></html>', 'BAD_FORMAT'],
    ['is endless', 'x'.repeat(70_000), 'BAD_FORMAT'],
  ])('is not asked for when the checksum %s', async (_, checksum, code) => {
    const source = counting(await sourceWith(FIRST, checksum))
    const target = memoryStore()
    await expect(transfer({ source, target })).rejects.toMatchObject({ code })
    expect(source.gets(KEY)).toBe(0)
    expect(await contentOf(target)).toEqual({})
  })
})

describe('a file that the target has', () => {
  test('is skipped without asking the source for it when the checksum is that of the held bytes', async () => {
    const source = counting(await sourceWith(FIRST, lineOf(FIRST)))
    const target = memoryStore()
    const first = await transfer({ source, target })
    const second = await transfer({ source, target })
    expect(second).toEqual({ ...first, skipped: true, bytesReceived: 0 })
    expect(source.gets(KEY)).toBe(1)
  })

  test('gets the checksum that a killed run left away', async () => {
    const target = memoryStore()
    await target.put(TARGET_KEY, FIRST)
    expect(await transfer({ source: await sourceWith(FIRST, lineOf(FIRST)), target })).toMatchObject({ skipped: true })
    expect(await contentOf(target)).toMatchObject({ [`${TARGET_KEY}.CHECKSUM`]: lineOf(FIRST) })
  })

  test('is not read when an inventory knows it', async () => {
    const source = await sourceWith(FIRST, lineOf(FIRST))
    const inner = memoryStore()
    const { sha256, etag } = await transfer({ source, target: inner })
    const target = counting(inner)
    expect(await transfer({ source, target, known: { sha256, etag } })).toMatchObject({ skipped: true, verified: true })
    expect(target.gets(TARGET_KEY)).toBe(0)
  })

  test('is not read when an inventory knows its later version', async () => {
    const target = memoryStore()
    await transfer({ source: await sourceWith(FIRST, lineOf(FIRST)), target })
    const source = await sourceWith(LATER, lineOf(LATER))
    const { key, sha256, etag } = await transfer({ source, target })
    const watched = counting(target)
    const known = { key, sha256, etag }
    expect(await transfer({ source, target: watched, known })).toMatchObject({ key, skipped: true, restated: true })
    expect(watched.gets(TARGET_KEY) + watched.gets(key)).toBe(0)
    // The inventory may be wrong about it: then it is looked for as if nothing were known.
    await target.delete(key)
    expect(await transfer({ source, target, known })).toMatchObject({ key, skipped: false, restated: true })
  })

  test('without a checksum is compared byte by byte when the source shows another etag', async () => {
    const other = Buffer.from(FIRST).fill('z')
    const target = memoryStore()
    const take = async (body: Uint8Array, etag: string): Promise<TransferredFile> => {
      const source = memoryStore()
      await source.put(KEY, body)
      const file = { key: KEY, size: body.length, etag }
      return transferFile({ file, source, target, targetKey: TARGET_KEY, known: { etag: '', sourceEtag: 'x' } })
    }
    expect(await take(FIRST, 'x')).toMatchObject({ skipped: false })
    expect(await take(other, 'x')).toMatchObject({ skipped: true, restated: false })
    expect(await take(FIRST, 'y')).toMatchObject({ skipped: true, restated: false })
    const restated = { restated: true, sha256: sha256Of(other), verified: false }
    expect(await take(other, 'y')).toMatchObject({ ...restated, skipped: false })
    expect(await take(other, 'y')).toMatchObject({ ...restated, skipped: true })
    expect(await contentOf(target)).toMatchObject({ [TARGET_KEY]: text(FIRST) })
  })

  test('is read when it was changed since the inventory saw it', async () => {
    const source = await sourceWith(FIRST, lineOf(FIRST))
    const target = memoryStore()
    await target.put(TARGET_KEY, LATER)
    const known = { sha256: sha256Of(FIRST), etag: 'of another object' }
    expect(await transfer({ source, target, known })).toMatchObject({ restated: true, sha256: sha256Of(FIRST) })
  })

  test('is read when the store has no etags', async () => {
    const inner = memoryStore()
    const target: ObjectStore = {
      ...inner,
      head: async (key) => {
        const info = await inner.head(key)
        return info === undefined ? undefined : { ...info, etag: '' }
      },
    }
    await target.put(TARGET_KEY, FIRST)
    const known = { sha256: sha256Of(LATER), etag: '' }
    const source = await sourceWith(FIRST, lineOf(FIRST))
    expect(await transfer({ source, target, known })).toMatchObject({ skipped: true, sha256: sha256Of(FIRST) })
  })

  test('is skipped by its size where no checksum is published', async () => {
    const target = memoryStore()
    await target.put(TARGET_KEY, FIRST)
    const source = counting(await sourceWith(LATER))
    expect(await transfer({ source, target })).toMatchObject({
      skipped: true,
      verified: false,
      sha256: sha256Of(FIRST),
      bytesReceived: 0,
    })
    expect(source.gets(KEY)).toBe(0)
  })
})

describe('a restated file', () => {
  test('lands beside the first version, which stays', async () => {
    const target = memoryStore()
    await transfer({ source: await sourceWith(FIRST, lineOf(FIRST)), target })
    const restated = await transfer({ source: await sourceWith(LATER, lineOf(LATER)), target })
    expect(restated).toMatchObject({ key: RESTATED, restated: true, skipped: false, verified: true })
    expect(await contentOf(target)).toEqual({
      [TARGET_KEY]: text(FIRST),
      [`${TARGET_KEY}.CHECKSUM`]: lineOf(FIRST),
      [RESTATED]: text(LATER),
      [`${RESTATED}.CHECKSUM`]: lineOf(LATER),
    })
  })

  test('is skipped when it lies there already', async () => {
    const target = memoryStore()
    await target.put(TARGET_KEY, FIRST)
    const source = counting(await sourceWith(LATER, lineOf(LATER)))
    await transfer({ source, target })
    const again = await transfer({ source, target })
    expect(again).toMatchObject({
      key: RESTATED,
      restated: true,
      skipped: true,
      verified: true,
      sha256: sha256Of(LATER),
    })
    expect(source.gets(KEY)).toBe(1)
  })

  test('is refused when the version that lies there was damaged', async () => {
    const target = memoryStore()
    await target.put(TARGET_KEY, FIRST)
    await target.put(RESTATED, FIRST)
    await expect(transfer({ source: await sourceWith(LATER, lineOf(LATER)), target })).rejects.toMatchObject({
      code: 'CORRUPT_LAKE',
      details: { key: RESTATED, sha256: sha256Of(FIRST), expected: sha256Of(LATER) },
    })
  })

  test('is known by its size where no checksum is published, and skipped the next time', async () => {
    const longer = bytesOf('a later and longer version')
    const key = `${TARGET_KEY.slice(0, -4)}.restated-${sha256Of(longer).slice(0, 12)}.zip`
    const target = memoryStore()
    await target.put(TARGET_KEY, FIRST)
    await target.put(`${TARGET_KEY.slice(0, -4)}.restated-000000000000.zip`, bytesOf('another'))
    const source = counting(await sourceWith(longer))
    const file = fileOf(longer)
    expect(await transfer({ source, target, file })).toMatchObject({
      key,
      restated: true,
      skipped: false,
      verified: false,
    })
    const gets = source.gets(KEY)
    expect(await transfer({ source, target, file })).toMatchObject({ key, restated: true, skipped: true })
    expect(source.gets(KEY)).toBe(gets)
    expect(await contentOf(target)).toMatchObject({ [TARGET_KEY]: text(FIRST), [key]: text(longer) })
  })
})

describe('a bucket into which another process copies without a condition', () => {
  const FLAG = '_lake/copying/0-0123456789ab-1-1-cafe0123.json'

  test('keeps what was written over: it lands again beside the other version', async () => {
    const inner = memoryStore()
    await inner.put(FLAG, bytesOf('up'))
    const target: ObjectStore = {
      ...inner,
      url: 's3://lake',
      put: async (key, body, options) => {
        const info = await inner.put(key, body, options)
        // The other process looked before, and writes both over.
        if (key === TARGET_KEY) {
          await inner.put(TARGET_KEY, FIRST)
          await inner.put(`${key}.CHECKSUM`, bytesOf(lineOf(FIRST)))
        }
        return info
      },
    }
    setTimeout(() => void inner.delete(FLAG), 100)
    const transferred = await transfer({ source: await sourceWith(LATER, lineOf(LATER)), target, pauseMillis: 1 })
    expect(transferred).toMatchObject({ key: RESTATED, restated: true, skipped: false, verified: true, retries: 1 })
    expect(await contentOf(inner)).toEqual({
      [TARGET_KEY]: text(FIRST),
      [`${TARGET_KEY}.CHECKSUM`]: lineOf(FIRST),
      [RESTATED]: text(LATER),
      [`${RESTATED}.CHECKSUM`]: lineOf(LATER),
    })
  })

  test('is looked at once where nothing was written over', async () => {
    const inner = memoryStore()
    const target = { ...inner, url: 's3://lake' }
    await inner.put(FLAG, bytesOf('up'))
    setTimeout(() => void inner.delete(FLAG), 50)
    const transferred = await transfer({ source: await sourceWith(LATER, lineOf(LATER)), target })
    expect(transferred).toMatchObject({ key: TARGET_KEY, restated: false, skipped: false, retries: 0 })
  })
})

describe('faults', () => {
  test('a source that breaks off is tried again, and nothing of the broken try stays', async () => {
    // Each try asks for the checksum and then for the file.
    const source = faultyStore(await sourceWith(FIRST, lineOf(FIRST)), {
      truncate: (key, call) => (key === KEY && call <= 4 ? 4 : undefined),
    })
    const target = memoryStore()
    expect(await transfer({ source, target })).toMatchObject({
      retries: 2,
      bytesReceived: 8 + FIRST.length,
      skipped: false,
    })
    expect(await contentOf(target)).toMatchObject({ [TARGET_KEY]: text(FIRST) })
  })

  test('a source that breaks off every time fails after as many attempts as allowed', async () => {
    const source = counting(faultyStore(await sourceWith(FIRST), { truncate: () => 4 }))
    const target = memoryStore()
    await expect(transfer({ source, target, attempts: 3 })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { file: KEY, bytes: 4, size: FIRST.length },
    })
    expect(source.gets(KEY)).toBe(3)
    expect(await contentOf(target)).toEqual({})
  })

  test('a file without a checksum that comes with another size than was listed is refused', async () => {
    const target = memoryStore()
    const longer = fileOf(bytesOf('what the listing saw'))
    await expect(
      transfer({ source: await sourceWith(FIRST), target, file: longer, attempts: 1 }),
    ).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { file: KEY, bytes: FIRST.length, size: longer.size },
    })
    expect(await contentOf(target)).toEqual({})
  })

  test('a source that is down for a moment is tried again', async () => {
    const down = new LakeError('UNAVAILABLE', 'The source is down.')
    const source = faultyStore(await sourceWith(FIRST, lineOf(FIRST)), {
      fail: (_, __, call) => (call === 1 ? down : undefined),
    })
    expect(await transfer({ source })).toMatchObject({ retries: 1, verified: true })
  })

  test('a full disk is not tried again, and leaves the target as it was', async () => {
    const inner = memoryStore()
    const full = new LakeError('NO_SPACE', 'The disk is full.')
    const target = faultyStore(inner, { fail: (operation) => (operation === 'put' ? full : undefined) })
    const source = counting(await sourceWith(FIRST, lineOf(FIRST)))
    await expect(transfer({ source, target })).rejects.toBe(full)
    expect(source.gets(KEY)).toBe(1)
    expect(await contentOf(inner)).toEqual({})
  })

  test('a file whose checksum could not be stored is taken for its own on the next try', async () => {
    const inner = memoryStore()
    const down = new LakeError('UNAVAILABLE', 'The target is down.')
    const target = faultyStore(inner, {
      fail: (operation, key, call) =>
        operation === 'put' && key.endsWith('.CHECKSUM') && call === 2 ? down : undefined,
    })
    const transferred = await transfer({ source: await sourceWith(FIRST, lineOf(FIRST)), target })
    expect(transferred).toMatchObject({ skipped: false, retries: 1, bytesReceived: FIRST.length })
    expect(Object.keys(await contentOf(inner))).toEqual([TARGET_KEY, `${TARGET_KEY}.CHECKSUM`])
  })

  test('the reason itself is thrown when a store wraps what its input threw', async () => {
    const inner = memoryStore()
    const target: ObjectStore = {
      ...inner,
      put: async (key, body, options) => {
        try {
          return await inner.put(key, body, options)
        } catch (cause) {
          throw new LakeError('STORE_FAILED', 'The input failed.', { cause })
        }
      },
    }
    const source = await sourceWith(FIRST, lineOf(LATER))
    await expect(transfer({ source, target })).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' })
  })

  test('of two transfers of the same file one stores it and both end well', async () => {
    const source = await sourceWith(FIRST, lineOf(FIRST))
    const target = memoryStore()
    const both = await Promise.all([transfer({ source, target }), transfer({ source, target })])
    expect(both.map(({ key, sha256, verified }) => ({ key, sha256, verified }))).toEqual([
      { key: TARGET_KEY, sha256: sha256Of(FIRST), verified: true },
      { key: TARGET_KEY, sha256: sha256Of(FIRST), verified: true },
    ])
    expect(both.map(({ skipped }) => skipped).sort()).toEqual([false, true])
    expect(await contentOf(target)).toEqual({ [TARGET_KEY]: text(FIRST), [`${TARGET_KEY}.CHECKSUM`]: lineOf(FIRST) })
  })

  test('an abort between two chunks throws its reason and leaves nothing', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const target = memoryStore()
    const source = streaming(await sourceWith(FIRST), [FIRST.slice(0, 5), FIRST.slice(5)])
    const onProgress = (): void => {
      controller.abort(reason)
    }
    await expect(transfer({ source, target, onProgress, signal: controller.signal })).rejects.toBe(reason)
    expect(await contentOf(target)).toEqual({})
  })

  test('an abort ends the pause before the next try', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const source: ObjectStore = {
      ...memoryStore(),
      get: async () => {
        setImmediate(() => {
          controller.abort(reason)
        })
        throw new LakeError('UNAVAILABLE', 'The source is down.')
      },
    }
    await expect(transfer({ source, pauseMillis: 1e6, signal: controller.signal })).rejects.toBe(reason)
  })

  test('nothing is asked for once aborted', async () => {
    const source = counting(await sourceWith(FIRST, lineOf(FIRST)))
    await expect(transfer({ source, signal: AbortSignal.abort() })).rejects.toHaveProperty('name', 'AbortError')
    expect(source.gets(`${KEY}.CHECKSUM`)).toBe(0)
  })

  test('a failure that is no LakeError passes as it is', async () => {
    const source: ObjectStore = { ...memoryStore(), get: async () => Promise.reject(new TypeError('a bug')) }
    await expect(transfer({ source })).rejects.toThrow(TypeError)
  })
})

async function transfer(
  options: Partial<TransferFileOptions> & { readonly source: ObjectStore },
): Promise<TransferredFile> {
  return transferFile({ file: fileOf(FIRST), target: memoryStore(), targetKey: TARGET_KEY, pauseMillis: 1, ...options })
}

function fileOf(bytes: Uint8Array): ArchiveFile {
  return {
    key: KEY,
    dataset: parseDatasetId('binance/spot/klines/BTCUSDT/1m'),
    period: parsePeriod('2024-01-01'),
    size: bytes.length,
    etag: '',
    checksumKey: `${KEY}.CHECKSUM`,
  }
}

async function sourceWith(bytes: Uint8Array, checksum?: string): Promise<ObjectStore> {
  const source = memoryStore()
  await source.put(KEY, bytes)
  if (checksum !== undefined) await source.put(`${KEY}.CHECKSUM`, bytesOf(checksum))
  return source
}

/** Delivers the data file in these chunks, whatever its size says. */
function streaming(inner: ObjectStore, chunks: readonly Uint8Array[]): ObjectStore {
  return {
    ...inner,
    get: async (key, options) => {
      const stored = await inner.get(key, options)
      return key === KEY ? { ...stored, body: iterate(chunks) } : stored
    },
  }
}

function counting(inner: ObjectStore): ObjectStore & { gets: (key: string) => number } {
  const counts = new Map<string, number>()
  return {
    ...inner,
    get: async (key, options) => {
      counts.set(key, (counts.get(key) ?? 0) + 1)
      return inner.get(key, options)
    },
    gets: (key) => counts.get(key) ?? 0,
  }
}

async function failureOf(promise: Promise<unknown>): Promise<LakeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (LakeError.is(error)) return error
  throw new Error('It did not end with a LakeError', { cause: error })
}

async function* iterate<T>(items: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* items
}

async function contentOf(store: ObjectStore): Promise<Record<string, string>> {
  const content: Record<string, string> = {}
  for await (const { key } of store.list()) content[key] = text(await readObject(store, key))
  return content
}

function lineOf(bytes: Uint8Array): string {
  return `${sha256Of(bytes)}  ${NAME}\n`
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function bytesOf(content: string): Uint8Array {
  return new TextEncoder().encode(content)
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
