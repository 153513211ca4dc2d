import type { ObjectInfo } from '@lake/core'
import { countingStore } from '@lake/core/testing'
import { memoryStore } from '@lake/storage'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareEtags, heldFiles, isSameFile } from './held-files.ts'
import { fillArchive } from './testing/fill-archive.ts'

const A = '0123456789abcdef0123456789abcdef'
const B = 'ffffffffffffffffffffffffffffffff'
const part = fc.constantFrom('a', 'ab', 'b', '币', 'a😀', 'a\uffee')
const key = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))

describe('heldFiles', () => {
  test('finds exactly what a question for each key would find', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key), fc.uniqueArray(key), async (stored, asked) => {
        const store = memoryStore()
        // A key that is a folder of another one is nothing that an archive has.
        for (const name of stored) await store.put(name, Buffer.from(name)).catch(() => undefined)
        const held = await heldFiles(store, asked, undefined)
        for (const name of asked) expect(held.get(name)).toEqual(await store.head(name))
        expect([...held.keys()].every((name) => asked.includes(name))).toBe(true)
      }),
    )
  })

  test('asks once for each folder', async () => {
    const { store, counts } = countingStore(memoryStore())
    const files = [
      ...(await fillArchive({ store, count: 50, symbol: 'AUSDT' })),
      ...(await fillArchive({ store, count: 50, symbol: 'BUSDT' })),
    ]
    const held = await heldFiles(
      store,
      files.map((file) => file.key),
      undefined,
    )
    expect(held.size).toBe(100)
    expect(counts.list.requests).toBe(2)
    expect(counts.head.requests).toBe(0)
  })
})

describe('isSameFile', () => {
  const held: ObjectInfo = { key: 'k', size: 5, etag: A, lastModified: 0 }
  const file = (size: number, etag: string): Parameters<typeof isSameFile>[1] => ({
    ...{ key: 'k', size, etag, period: { kind: 'day', label: '2024-01-01', from: 0, to: 1 } },
    dataset: { exchange: 'binance', market: 'spot', dataType: 'trades', symbol: 'X' },
  })

  test('needs the same size and the same digest', () => {
    expect(isSameFile(held, file(5, `"${A.toUpperCase()}"`), undefined)).toBe(true)
    expect(isSameFile(held, file(6, A), undefined)).toBe(false)
    expect(isSameFile(held, file(5, B), undefined)).toBe(false)
    expect(isSameFile(held, file(5, ''), undefined)).toBe(false)
    expect(isSameFile(held, file(5, `${A}-3`), undefined)).toBe(false)
  })

  test('believes what was remembered, as long as neither end has changed', () => {
    const known = { sha256: '', etag: A, sourceEtag: `${B}-3` }
    expect(isSameFile(held, file(5, `${B}-3`), known)).toBe(true)
    expect(isSameFile(held, file(5, `${B}-4`), known)).toBe(false)
    expect(isSameFile({ ...held, etag: B }, file(5, `${B}-3`), known)).toBe(false)
  })

  test('etags that depend on parts compare with none', () => {
    expect([compareEtags(A, A), compareEtags(A, B), compareEtags(A, `${A}-1`), compareEtags('', '')]).toEqual([
      ...['same', 'different', 'incomparable', 'incomparable'],
    ])
  })
})
