import { expect } from 'vitest'
import type { ObjectInfo, ObjectStore } from '../object-store.ts'
import { readObject } from '../read-object.ts'
import {
  BAD_KEYS,
  expectBytes,
  expectCode,
  failureOf,
  inByteOrder,
  listedKeys,
  sampleBytes,
  type StoreCheck,
} from './store-check.ts'

const BIG = 'folder/big.bin'
const SMALL = 'folder/small.bin'
const EMPTY = 'empty.bin'

/** The objects that the readable checks expect in a store, and no others. Keys are the awkward ones of real archives. */
export const READABLE_OBJECTS: ReadonlyMap<string, Uint8Array> = new Map([
  [EMPTY, new Uint8Array(0)],
  [SMALL, sampleBytes(1000)],
  [BIG, sampleBytes(3 * 1024 * 1024 + 17)],
  // Siblings whose order differs between names and whole keys, since '-' and '.' come before '/'.
  ['folder-two/a', sampleBytes(3, 2)],
  ['folder.three', sampleBytes(4, 3)],
  ['folder0', sampleBytes(5, 4)],
  // Prefixes of one another that are no folders.
  ['data/BTC/BTC-1m-2020-01-01.zip', sampleBytes(6, 5)],
  ['data/BTC/BTC-1m-2020-01-01.zip.CHECKSUM', sampleBytes(7, 6)],
  ['data/BTCUSDT/BTCUSDT-1m-2020-01-01.zip', sampleBytes(8, 7)],
  // Everything that a URL, an XML page or a shell takes for something else.
  ['symbol=BTC USDT/100% & <more>.bin', sampleBytes(9, 8)],
  ['a%2Fb/c+d?e#f"g\'.bin', sampleBytes(10, 9)],
  ['a&amp;b;c:d,e@f(g)*!~$[h]{i}|^`.bin', sampleBytes(11, 10)],
  // In UTF-16 the surrogates of the emoji come first, in UTF-8 they come last.
  ['币安人生USDT/龙虾.bin', sampleBytes(12, 11)],
  ['word/\uFF5E', sampleBytes(13, 12)],
  ['word/\u{1F600}', sampleBytes(14, 13)],
])

/** What every store promises to readers, given exactly {@link READABLE_OBJECTS}. */
export const READABLE_CHECKS: readonly StoreCheck[] = [
  {
    name: 'gives back every object byte for byte, with its size',
    run: async (store) => {
      for (const [key, bytes] of READABLE_OBJECTS) {
        const { info, body } = await store.get(key)
        expect(info).toMatchObject({ key, size: bytes.length })
        const chunks: Uint8Array[] = []
        for await (const chunk of body) chunks.push(chunk)
        expectBytes(Buffer.concat(chunks), bytes, key)
      }
    },
  },
  {
    name: 'tells the same of an object in head, get and list',
    run: async (store) => {
      for (const key of READABLE_OBJECTS.keys()) {
        const head = await store.head(key)
        const { info, body } = await store.get(key)
        for await (const _ of body) break
        expect(info).toEqual(head)
        expect(Number.isSafeInteger(head?.lastModified)).toBe(true)
        expect(head?.lastModified).toBeGreaterThan(1_000_000_000_000_000)
      }
    },
  },
  {
    name: 'does not find what is not there, nor folders, nor what would lie below an object',
    run: async (store) => {
      for (const key of ['missing', 'folder', 'folder/small', 'folder/small.bin/x', 'word', `${'long'.repeat(50)}/x`]) {
        expect(await store.head(key), key).toBeUndefined()
        await expectCode(store.get(key), 'NOT_FOUND')
      }
    },
  },
  {
    name: 'refuses keys that could leave the store',
    run: async (store) => {
      for (const key of BAD_KEYS) {
        await expectCode(store.head(key), 'BAD_REQUEST')
        await expectCode(store.get(key), 'BAD_REQUEST')
      }
    },
  },
  {
    name: 'reads ranges as Uint8Array.slice does, and tells the size of the whole',
    run: async (store) => {
      const ranges: (readonly [number, number?])[] = [
        [0],
        [0, 10],
        [10, 11],
        [990],
        [990, 5000],
        [1000],
        [1000, 2000],
        [4000],
        [4000, 5000],
        [7, 7],
      ]
      for (const [start, end] of ranges) {
        for (const key of [SMALL, EMPTY, BIG]) {
          const all = bytesOf(key)
          const { info, body } = await store.get(key, { range: { start, end } })
          expect(info).toMatchObject({ key, size: all.length })
          const chunks: Uint8Array[] = []
          for await (const chunk of body) chunks.push(chunk)
          expectBytes(Buffer.concat(chunks), all.slice(start, end), `${key} ${start}..${end ?? ''}`)
        }
      }
    },
  },
  {
    name: 'reads ranges far into a big object',
    run: async (store) => {
      const all = bytesOf(BIG)
      for (const [start, end] of [
        [1_048_575, 1_048_577],
        [1_500_000, 3_000_001],
        [3_145_740, undefined],
      ] as const) {
        expectBytes(await readObject(store, BIG, { range: { start, end } }), all.slice(start, end))
      }
    },
  },
  {
    name: 'refuses ranges that are none',
    run: async (store) => {
      for (const range of [
        { start: -1 },
        { start: 0.5 },
        { start: Number.NaN },
        { start: 5, end: 4 },
        { start: 0, end: -1 },
      ]) {
        await expectCode(store.get(SMALL, { range }), 'BAD_REQUEST')
      }
      await expectCode(store.get(SMALL, { range: { start: 0, end: 1.5 } }), 'BAD_REQUEST')
    },
  },
  {
    name: 'gets an object only with the etag that was asked for',
    run: async (store) => {
      const etag = (await store.head(SMALL))?.etag ?? ''
      expect(await readObject(store, SMALL, { ifMatch: etag })).toHaveLength(1000)
      await expectCode(store.get(SMALL, { ifMatch: `${etag}x` }), 'CONFLICT')
      await expectCode(store.get(SMALL, { ifMatch: `${etag}x`, range: { start: 1, end: 2 } }), 'CONFLICT')
      await expectCode(store.get('missing', { ifMatch: etag }), 'NOT_FOUND')
    },
  },
  {
    name: 'lets a reader stop early and start again',
    run: async (store) => {
      for (let round = 0; round < 20; round++) {
        for await (const chunk of (await store.get(BIG)).body) {
          expect(chunk.length).toBeGreaterThan(0)
          break
        }
      }
      expect(await readObject(store, BIG)).toHaveLength(3 * 1024 * 1024 + 17)
    },
  },
  {
    name: 'serves many readers at once',
    run: async (store) => {
      const keys = [...READABLE_OBJECTS.keys()].filter((key) => key !== BIG)
      const reads = Array.from({ length: 8 }, () => keys).flat()
      const bodies = await Promise.all(reads.map(async (key) => readObject(store, key)))
      for (const [index, key] of reads.entries()) expect(bodies[index]).toHaveLength(bytesOf(key).length)
    },
  },
  {
    name: 'throws the reason of an abort as it is, before and while it reads',
    run: async (store) => {
      const reason = new Error('the user pressed a key')
      const signal = AbortSignal.abort(reason)
      expect(await failureOf(store.head(SMALL, { signal }))).toBe(reason)
      expect(await failureOf(store.get(SMALL, { signal }))).toBe(reason)
      const controller = new AbortController()
      const { body } = await store.get(BIG, { signal: controller.signal })
      const reader = body[Symbol.asyncIterator]()
      expect((await reader.next()).done).toBe(false)
      controller.abort(reason)
      expect(await failureOf(drain(reader))).toBe(reason)
    },
  },
]

/** What a store that can list promises of its listing, given exactly {@link READABLE_OBJECTS}. */
export const LISTING_CHECKS: readonly StoreCheck[] = [
  {
    name: 'lists every object once, in the order of the UTF-8 bytes of the keys',
    run: async (store) => {
      expect(await listedKeys(store)).toEqual(inByteOrder(READABLE_OBJECTS.keys()))
      expect(await listedKeys(store, '')).toEqual(inByteOrder(READABLE_OBJECTS.keys()))
    },
  },
  {
    name: 'lists what head tells',
    run: async (store) => {
      for await (const info of store.list()) {
        const head = await store.head(info.key)
        // A listing may know less: no etag, or a time to the second.
        expect(info).toMatchObject({ key: head?.key, size: head?.size })
        expect([head?.etag, '']).toContain(info.etag)
        expect(Math.abs(info.lastModified - (head?.lastModified ?? 0))).toBeLessThan(1_000_000)
      }
    },
  },
  {
    name: 'lists by any prefix, whether it ends at a folder or not',
    run: async (store) => {
      const prefixes = ['folder', 'folder/', 'folder/s', 'folder/small.bin', 'folder/small.bin/', 'data/BTC', 'data/BTC/',
        'data/BTC/BTC-1m-2020-01-01.zip', 'data/BTC/BTC-1m-2020-01-01.zip.', 'data/BTCU', 'd', 'symbol=BTC ', 'a%2Fb/', 'a%2', 'a/b',
        'a&', '币安', '币安人生USDT/龙', 'word/\u{1F600}', 'none', 'none/at/all', 'data/none/', 'FOLDER'] // prettier-ignore
      for (const prefix of prefixes) {
        const expected = inByteOrder(READABLE_OBJECTS.keys()).filter((key) => key.startsWith(prefix))
        expect(await listedKeys(store, prefix), prefix).toEqual(expected)
      }
    },
  },
  {
    name: 'lists with a delimiter what lies directly below a prefix, a folder once',
    run: async (store) => {
      const prefixes = ['', 'data/', 'data/BTC', 'data/BTC/', 'data/BTC/BTC-1m-2020-01-01.zip', 'folder', 'folder/', 'fold',
        'a', 'symbol=BTC ', '币', '币安人生USDT/', 'word/', 'none/'] // prettier-ignore
      for (const prefix of prefixes) {
        const below = [...READABLE_OBJECTS.keys()].filter((key) => key.startsWith(prefix))
        const folded = below.map((key) => {
          const slash = key.indexOf('/', prefix.length)
          return slash < 0 ? key : key.slice(0, slash + 1)
        })
        const entries: ObjectInfo[] = []
        for await (const entry of store.list({ prefix, delimiter: '/' })) entries.push(entry)
        expect(
          entries.map(({ key }) => key),
          prefix,
        ).toEqual(inByteOrder(new Set(folded)))
        for (const { key, size } of entries) expect(size).toBe(READABLE_OBJECTS.get(key)?.length ?? 0)
      }
    },
  },
  {
    name: 'lists nothing for a prefix that no key can have',
    run: async (store) => {
      for (const prefix of ['/', '/folder', '../', 'folder/../', './folder', 'folder//', 'a\0b', '..']) {
        expect(await listedKeys(store, prefix), prefix).toEqual([])
      }
    },
  },
  {
    name: 'lets a listing be stopped early and started again',
    run: async (store) => {
      for (let round = 0; round < 3; round++) {
        const keys: string[] = []
        for await (const { key } of store.list()) if (keys.push(key) === 2) break
        expect(keys).toEqual(inByteOrder(READABLE_OBJECTS.keys()).slice(0, 2))
      }
    },
  },
  {
    name: 'throws the reason of an abort as it is, before and while it lists',
    run: async (store) => {
      const reason = new Error('the user pressed a key')
      expect(await failureOf(drain(listing(store, AbortSignal.abort(reason))))).toBe(reason)
      const controller = new AbortController()
      const reader = listing(store, controller.signal)
      expect((await reader.next()).done).toBe(false)
      controller.abort(reason)
      expect(await failureOf(drain(reader))).toBe(reason)
    },
  },
]

function bytesOf(key: string): Uint8Array {
  return READABLE_OBJECTS.get(key) ?? expect.fail(`the suite has no object ${key}`)
}

function listing(store: ObjectStore, signal: AbortSignal): AsyncIterator<unknown> {
  return store.list({ signal })[Symbol.asyncIterator]()
}

async function drain(reader: AsyncIterator<unknown>): Promise<void> {
  while ((await reader.next()).done !== true);
}
