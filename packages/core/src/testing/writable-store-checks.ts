import { expect, vi } from 'vitest'
import type { ObjectInfo, ObjectStore } from '../object-store.ts'
import { readObject } from '../read-object.ts'
import {
  BAD_KEYS,
  expectBytes,
  expectCode,
  expectErrorCode,
  failureOf,
  listedKeys,
  sampleBytes,
  type StoreCheck,
  streamOf,
} from './store-check.ts'

const ONE = Uint8Array.of(1)
const TWO = Uint8Array.of(2)

/** What every writable store promises to a single writer, given an empty store. */
export const WRITABLE_CHECKS: readonly StoreCheck[] = [
  {
    name: 'is empty at first',
    run: async (store) => {
      expect(await listedKeys(store)).toEqual([])
      expect(await listedKeys(store, 'any/prefix')).toEqual([])
      expect(await store.head('a/b')).toBeUndefined()
    },
  },
  {
    name: 'tells of a put what head and list tell after it',
    run: async (store) => {
      const before = Date.now() * 1000
      const info = await store.put('a/b c', sampleBytes(10))
      expect(info).toMatchObject({ key: 'a/b c', size: 10 })
      expect(info.etag).not.toBe('')
      const head = await store.head('a/b c')
      expect(Math.abs((head?.lastModified ?? 0) - before)).toBeLessThan(600_000_000)
      expectStill(head, info)
      for await (const listed of store.list()) expectStill(listed, info)
    },
  },
  {
    name: 'stores a stream of many chunks, also of one buffer that is filled again and again',
    run: async (store) => {
      const buffer = new Uint8Array(1000)
      const refilled = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
        for (let round = 0; round < 300; round++) yield buffer.fill(round % 251)
      }
      expect((await store.put('stream', refilled())).size).toBe(300_000)
      const stored = await readObject(store, 'stream')
      expectBytes(
        stored,
        Uint8Array.from({ length: 300_000 }, (_, index) => Math.floor(index / 1000) % 251),
      )
      expect((await store.put('none', streamOf([]))).size).toBe(0)
      expect(await readObject(store, 'none')).toHaveLength(0)
    },
  },
  {
    name: 'keeps its own copy of what it was given and of what it gave',
    run: async (store) => {
      const bytes = sampleBytes(100)
      await store.put('a', bytes)
      bytes.fill(0)
      const first = await readObject(store, 'a')
      expectBytes(first, sampleBytes(100))
      first.fill(0)
      expectBytes(await readObject(store, 'a'), sampleBytes(100))
    },
  },
  {
    name: 'gives every replacement by other bytes another etag',
    run: async (store) => {
      const etags = new Set<string>()
      for (let round = 0; round < 20; round++) etags.add((await store.put('a', Uint8Array.of(round % 2, round))).etag)
      expect(etags.size).toBe(20)
      expect(etags).toContain((await store.head('a'))?.etag)
    },
  },
  {
    name: 'puts with ifAbsent only where nothing is',
    run: async (store) => {
      const first = await store.put('a', ONE, { ifAbsent: true })
      await expectCode(store.put('a', TWO, { ifAbsent: true }), 'CONFLICT')
      await expectCode(store.put('a', streamOf([TWO]), { ifAbsent: true }), 'CONFLICT')
      expectStill(await store.head('a'), first)
      expectBytes(await readObject(store, 'a'), ONE)
      await store.delete('a')
      await store.put('a', TWO, { ifAbsent: true })
      expectBytes(await readObject(store, 'a'), TWO)
    },
  },
  {
    name: 'puts with ifMatch only over the object of that etag',
    run: async (store) => {
      const first = await store.put('a', ONE)
      const second = await store.put('a', TWO, { ifMatch: first.etag })
      await expectCode(store.put('a', ONE, { ifMatch: first.etag }), 'CONFLICT')
      await expectCode(store.put('a', streamOf([ONE]), { ifMatch: `${second.etag}x` }), 'CONFLICT')
      expectStill(await store.head('a'), second)
      expectBytes(await readObject(store, 'a'), TWO)
    },
  },
  {
    name: 'refuses ifMatch on what is absent or was deleted, and makes nothing',
    run: async (store) => {
      await expectCode(store.put('folder/a', ONE, { ifMatch: 'abc' }), 'CONFLICT')
      const { etag } = await store.put('folder/b', ONE)
      await store.delete('folder/b')
      await expectCode(store.put('folder/b', ONE, { ifMatch: etag }), 'CONFLICT')
      expect(await listedKeys(store)).toEqual([])
    },
  },
  {
    name: 'refuses ifAbsent together with ifMatch',
    run: async (store) => {
      await expectCode(store.put('a', ONE, { ifAbsent: true, ifMatch: 'abc' }), 'BAD_REQUEST')
      expect(await listedKeys(store)).toEqual([])
    },
  },
  {
    name: 'refuses to put and delete under keys that could leave the store',
    run: async (store) => {
      for (const key of BAD_KEYS) {
        await expectCode(store.put(key, ONE), 'BAD_REQUEST')
        await expectCode(store.delete(key), 'BAD_REQUEST')
      }
      expect(await listedKeys(store)).toEqual([])
    },
  },
  {
    name: 'stores nothing of a body that throws, and throws what the body threw',
    run: async (store) => {
      const failure = new Error('the source broke')
      const breaking = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
        yield sampleBytes(400_000)
        throw failure
      }
      expect(await failureOf(store.put('folder/new', breaking()))).toBe(failure)
      expect(await failureOf(store.put('folder/new', breaking(), { ifAbsent: true }))).toBe(failure)
      expect(await store.head('folder/new')).toBeUndefined()
      expect(await listedKeys(store)).toEqual([])
      const old = await store.put('folder/old', ONE)
      expect(await failureOf(store.put('folder/old', breaking()))).toBe(failure)
      expect(await failureOf(store.put('folder/old', breaking(), { ifMatch: old.etag }))).toBe(failure)
      expectStill(await store.head('folder/old'), old)
      expectBytes(await readObject(store, 'folder/old'), ONE)
      expect(await listedKeys(store)).toEqual(['folder/old'])
      await store.put('folder/old', TWO, { ifMatch: old.etag })
    },
  },
  {
    name: 'deletes one object and no other, and what is not there without complaint',
    run: async (store) => {
      for (const key of ['a/b', 'a/b.x', 'a/c', 'a-b']) await store.put(key, ONE)
      await store.delete('a/b')
      await store.delete('a/b')
      await store.delete('a')
      await store.delete('never/was')
      await store.delete('a-b/below/an/object')
      expect(await store.head('a/b')).toBeUndefined()
      await expectCode(store.get('a/b'), 'NOT_FOUND')
      expect(await listedKeys(store)).toEqual(['a-b', 'a/b.x', 'a/c'])
      await store.put('a/b', TWO)
      expectBytes(await readObject(store, 'a/b'), TWO)
    },
  },
  {
    name: 'goes on listing while objects are deleted',
    run: async (store) => {
      const keys = Array.from({ length: 30 }, (_, index) => `folder-${index % 3}/${String(index).padStart(2, '0')}`)
      for (const key of keys) await store.put(key, ONE)
      const seen: string[] = []
      for await (const { key } of store.list()) {
        if (seen.push(key) === 1) await Promise.all(keys.slice(1, -1).map(async (other) => store.delete(other)))
      }
      expect(seen[0]).toBe('folder-0/00')
      expect(seen.at(-1)).toBe('folder-2/29')
      expect(await listedKeys(store)).toEqual(['folder-0/00', 'folder-2/29'])
    },
  },
  {
    name: 'throws the reason of an abort that came before as it is, and changes nothing',
    run: async (store) => {
      const reason = new Error('the user pressed a key')
      const signal = AbortSignal.abort(reason)
      const old = await store.put('old', ONE)
      expect(await failureOf(store.put('new', ONE, { signal }))).toBe(reason)
      expect(await failureOf(store.put('old', streamOf([TWO]), { signal }))).toBe(reason)
      expect(await failureOf(store.delete('old', { signal }))).toBe(reason)
      expect(await listedKeys(store)).toEqual(['old'])
      expectStill(await store.head('old'), old)
    },
  },
  {
    name: 'throws the reason of an abort during the body as it is, closes the body and stores nothing',
    run: async (store) => {
      for (const key of ['new', 'old']) {
        const old = key === 'old' ? await store.put('old', ONE) : undefined
        const reason = new Error(`no more of ${key}`)
        const controller = new AbortController()
        let closed = false
        const body = streamOf(chunksThatAbort(controller, reason), () => { closed = true }) // prettier-ignore
        expect(await failureOf(store.put(key, body, { signal: controller.signal }))).toBe(reason)
        await vi.waitFor(() => {
          expect(closed).toBe(true)
        })
        expectStill(await store.head(key), old)
      }
      expect(await listedKeys(store)).toEqual(['old'])
    },
  },
  {
    name: 'does not wait for a body that hangs once it is aborted',
    run: async (store) => {
      const reason = new Error('waited long enough')
      const controller = new AbortController()
      const hanging = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
        yield sampleBytes(1000)
        setTimeout(() => { controller.abort(reason) }, 5) // prettier-ignore
        await new Promise(() => undefined)
      }
      expect(await failureOf(store.put('a', hanging(), { signal: controller.signal }))).toBe(reason)
      expect(await listedKeys(store)).toEqual([])
      await store.put('a', ONE, { ifAbsent: true })
    },
  },
]

/** Holds that an object is what a put has told; of the time, a put need not tell. */
function expectStill(now: ObjectInfo | undefined, told: ObjectInfo | undefined): void {
  expect(now).toEqual(told?.lastModified === 0 ? { ...told, lastModified: now?.lastModified } : told)
}

function* chunksThatAbort(controller: AbortController, reason: unknown): Generator<Uint8Array, void, undefined> {
  yield sampleBytes(300_000)
  controller.abort(reason)
  yield sampleBytes(300_000)
  yield sampleBytes(300_000)
}

/** What those stores promise besides whose etag and time are of the change that was made, and not of the bytes. */
export const CHANGE_CHECKS: readonly StoreCheck[] = [
  {
    name: 'gives every replacement another etag, also when the bytes are the same',
    run: async (store) => {
      const etags = new Set<string>()
      for (let round = 0; round < 40; round++) etags.add((await store.put('a', round < 20 ? ONE : TWO)).etag)
      expect(etags.size).toBe(40)
      expect(etags).toContain((await store.head('a'))?.etag)
    },
  },
  {
    name: 'tells of a put when it was',
    run: async (store) => {
      const info = await store.put('a', ONE)
      expect(await store.head('a')).toEqual(info)
    },
  },
]

/** What every writable store promises to several writers and readers at once, given an empty store. */
export const CONCURRENCY_CHECKS: readonly StoreCheck[] = [
  {
    name: 'lets exactly one of 20 writers with ifAbsent win',
    run: async (store) => {
      const winner = await raceWriters(store, { ifAbsent: true })
      expectBytes(await readObject(store, 'folder/contended'), winner)
      expect(await listedKeys(store)).toEqual(['folder/contended'])
    },
  },
  {
    name: 'lets exactly one of 20 writers with the same ifMatch win',
    run: async (store) => {
      for (let round = 0; round < 3; round++) {
        const { etag } = await store.put('folder/contended', ONE)
        expectBytes(await readObject(store, 'folder/contended'), ONE)
        const winner = await raceWriters(store, { ifMatch: etag })
        expectBytes(await readObject(store, 'folder/contended'), winner)
      }
    },
  },
  {
    name: 'loses no increment of a counter that several writers change by compare-and-swap',
    run: async (store) => {
      const writers = 6
      const increments = 15
      await store.put('counter', Buffer.from('0'))
      await Promise.all(
        Array.from({ length: writers }, async () => {
          for (let done = 0; done < increments;) if (await increment(store, 'counter')) done++
        }),
      )
      expect(Buffer.from(await readObject(store, 'counter')).toString()).toBe(String(writers * increments))
    },
  },
  {
    name: 'does not let a put without conditions slip through a compare-and-swap',
    run: async (store) => {
      await store.put('a', ONE)
      for (let round = 0; round < 20; round++) {
        const etag = (await store.head('a'))?.etag
        const replacement = Uint8Array.of(2, round)
        const puts = [store.put('a', ONE, { ifMatch: etag }), store.put('a', replacement)] as const
        const [swap, replace] = await Promise.allSettled(puts)
        expect(replace.status).toBe('fulfilled')
        if (swap.status === 'rejected') expectErrorCode(swap.reason, 'CONFLICT')
        // Either the swap came first and was replaced, or it came second and had to fail.
        expectBytes(await readObject(store, 'a'), replacement)
      }
    },
  },
  {
    name: 'never shows a reader half of an object or a mix of two, while a writer replaces it',
    run: async (store) => {
      const rounds = 20
      const sizes = new Map<string, number>()
      const write = async (version: number): Promise<void> => {
        const bytes = new Uint8Array(1_500_000 + version * 1001).fill(version)
        sizes.set((await store.put('folder/big', bytes)).etag, bytes.length)
      }
      const reads: { etag: string; size: number; length: number; mixed: boolean }[] = []
      await write(0)
      let writing = true
      const read = async (): Promise<void> => {
        while (writing) {
          const { info, body } = await store.get('folder/big')
          const chunks: Uint8Array[] = []
          for await (const chunk of body) chunks.push(chunk)
          const bytes = Buffer.concat(chunks)
          reads.push({ etag: info.etag, size: info.size, length: bytes.length, mixed: !isUniform(bytes) })
        }
      }
      const readers = Array.from({ length: 3 }, read)
      for (let version = 1; version <= rounds; version++) await write(version)
      writing = false
      await Promise.all(readers)
      expect(reads.length).toBeGreaterThan(3)
      for (const { etag, size, length, mixed } of reads) {
        expect({ mixed, size, length }).toEqual({ mixed: false, size: length, length: sizes.get(etag) })
      }
    },
  },
  {
    name: 'keeps writers of different keys apart',
    run: async (store) => {
      const keys = Array.from({ length: 30 }, (_, index) => `folder-${index % 4}/deep/${index}`)
      await Promise.all(keys.map(async (key) => store.put(key, streamOf([Buffer.from(key), ONE]), { ifAbsent: true })))
      expect((await listedKeys(store)).sort()).toEqual([...keys].sort())
      for (const key of keys) expect(Buffer.from(await readObject(store, key)).toString()).toBe(`${key}\u0001`)
    },
  },
]

/** Puts 20 different bodies under one condition at once; holds that one is stored, and gives it. */
async function raceWriters(
  store: ObjectStore,
  condition: { readonly ifAbsent?: true; readonly ifMatch?: string },
): Promise<Uint8Array> {
  const bodies = Array.from({ length: 20 }, (_, writer) => sampleBytes(1000, writer + 1))
  const results = await Promise.allSettled(
    bodies.map(async (body) =>
      store.put('folder/contended', streamOf([body.subarray(0, 500), body.subarray(500)]), condition),
    ),
  )
  const [winner, ...others] = bodies.filter((_, writer) => results[writer]?.status === 'fulfilled')
  if (winner === undefined || others.length > 0) return expect.fail(`${winner ? 1 + others.length : 0} writers won`)
  for (const result of results) {
    if (result.status === 'rejected') expectErrorCode(result.reason, 'CONFLICT')
    else expectStill(await store.head('folder/contended'), result.value)
  }
  return winner
}

/** One try to add 1 to a decimal number by compare-and-swap; false when somebody else was faster. */
async function increment(store: ObjectStore, key: string): Promise<boolean> {
  const { info, body } = await store.get(key)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  const next = Number(Buffer.concat(chunks).toString()) + 1
  const [result] = await Promise.allSettled([store.put(key, Buffer.from(String(next)), { ifMatch: info.etag })])
  if (result.status === 'rejected') expectErrorCode(result.reason, 'CONFLICT')
  return result.status === 'fulfilled'
}

function isUniform(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, Buffer.alloc(bytes.length, bytes[0])) === 0
}
