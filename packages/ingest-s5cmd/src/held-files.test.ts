import type { ObjectInfo, ObjectStore } from '@lake/core'
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

  test('asks once for folders that lie together', async () => {
    const { store, counts } = countingStore(memoryStore())
    const files = [
      ...(await fillArchive({ store, count: 50, symbol: 'AUSDT' })),
      ...(await fillArchive({ store, count: 50, symbol: 'BUSDT' })),
    ]
    const held = await heldFiles(store, keysOf(files), undefined)
    expect(held.size).toBe(100)
    expect(counts.list.requests).toBe(1)
    expect(counts.head.requests).toBe(0)
  })

  test('asks for each folder that is left when too much lies between them', async () => {
    const inner = memoryStore()
    const files = [
      ...(await fillArchive({ store: inner, count: 2, symbol: 'AUSDT', checksums: false })),
      ...(await fillArchive({ store: inner, count: 2, symbol: 'YUSDT', checksums: false })),
      ...(await fillArchive({ store: inner, count: 2, symbol: 'ZUSDT', checksums: false })),
    ]
    let entries = 0
    let listings = 0
    const crowded: ObjectStore = {
      ...inner,
      async *list(options = {}) {
        listings++
        for await (const info of inner.list(options)) {
          entries++
          yield info
          // What nobody asked for, between A and Y.
          if (!info.key.includes('AUSDT')) continue
          for (let index = 0; index < 5000; index++, entries++) yield { ...info, key: `${info.key}.${index}` }
        }
      },
    }
    expect([...(await heldFiles(crowded, keysOf(files), undefined)).keys()]).toEqual(keysOf(files))
    expect(listings).toBe(4)
    expect(entries).toBeLessThan(3000 + 5010)
  })

  test('reads no further than the last key that it was asked for', async () => {
    const inner = memoryStore()
    const files = await fillArchive({ store: inner, count: 30, checksums: false })
    const listed: string[] = []
    const watched: ObjectStore = {
      ...inner,
      async *list(options = {}) {
        for await (const info of inner.list(options)) {
          listed.push(info.key)
          yield info
        }
      },
    }
    await heldFiles(watched, keysOf(files.slice(0, 8)), undefined)
    expect(listed).toEqual(keysOf(files.slice(0, 8)))
  })
})

function keysOf(files: readonly { readonly key: string }[]): string[] {
  return files.map(({ key }) => key)
}

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
