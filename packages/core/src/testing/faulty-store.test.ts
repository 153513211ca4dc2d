import { describe, expect, test } from 'vitest'
import { LakeError } from '../lake-error.ts'
import { readObject } from '../read-object.ts'
import { faultyStore } from './faulty-store.ts'
import { plainStore } from './plain-store.ts'
import { expectBytes, failureOf, listedKeys, sampleBytes, streamOf } from './store-check.ts'
import { STORE_OPERATIONS } from './store-operation.ts'

const FULL = new LakeError('NO_SPACE', 'The disk is full. Nothing was changed.')

describe('faultyStore', () => {
  test('does what the inner store does where no fault is told', async () => {
    const store = faultyStore(plainStore(), {})
    const info = await store.put('a', streamOf([Uint8Array.of(1), Uint8Array.of(2)]))
    expect(await store.head('a')).toEqual(info)
    expectBytes(await readObject(store, 'a'), Uint8Array.of(1, 2))
    expect(await listedKeys(store)).toEqual(['a'])
    await store.delete('a')
    expect(await listedKeys(store)).toEqual([])
    expect(store.url).toBe('test:')
  })

  test('fails the call that it is told to fail, counting each operation from 1', async () => {
    const inner = plainStore()
    await inner.put('a', Uint8Array.of(1))
    const seen: string[] = []
    const store = faultyStore(inner, {
      fail: (operation, key, call) => {
        seen.push(`${operation} ${key} ${call}`)
        return call === 2 ? FULL : undefined
      },
    })
    const calls = {
      list: async () => listedKeys(store, 'a'),
      head: async () => store.head('a'),
      get: async () => store.get('a'),
      put: async () => store.put('a', Uint8Array.of(2)),
      delete: async () => store.delete('a'),
    }
    for (const operation of STORE_OPERATIONS) {
      await calls[operation]()
      expect(await failureOf(calls[operation]())).toBe(FULL)
    }
    expect(seen).toEqual(STORE_OPERATIONS.flatMap((operation) => [`${operation} a 1`, `${operation} a 2`]))
  })

  test('fails a put in the middle of its body, closes the body and leaves the old object', async () => {
    const inner = plainStore()
    const old = await inner.put('a', Uint8Array.of(1))
    let taken = 0
    let closed = false
    const body = streamOf([sampleBytes(100), sampleBytes(100)], () => { closed = true }) // prettier-ignore
    const watched = {
      ...inner,
      put: async (key: string, chunks: Uint8Array | AsyncIterable<Uint8Array>) => {
        for await (const chunk of Symbol.asyncIterator in chunks ? chunks : [chunks]) taken += chunk.length
        return inner.put(key, new Uint8Array(0))
      },
    }
    const store = faultyStore(watched, { fail: (operation) => (operation === 'put' ? FULL : undefined) })
    expect(await failureOf(store.put('a', body))).toBe(FULL)
    expect({ taken, closed }).toEqual({ taken: 50, closed: true })
    expect(await inner.head('a')).toEqual(old)
  })

  test('truncates a body without a word', async () => {
    const inner = plainStore()
    await inner.put('a', sampleBytes(2_500_000))
    const lengths = [0, 10, 1_000_000, 1_200_000, 9_000_000]
    const store = faultyStore(inner, { truncate: (_, call) => lengths[call - 1] })
    for (const length of [...lengths, 2_500_000]) {
      expectBytes(await readObject(store, 'a'), sampleBytes(2_500_000).subarray(0, length))
    }
  })

  test.each(STORE_OPERATIONS)('stalls a %s until it is aborted', async (operation) => {
    const inner = plainStore()
    await inner.put('a', sampleBytes(100))
    const store = faultyStore(inner, { stall: (stalled) => stalled === operation })
    const reason = new Error('no longer wanted')
    const controller = new AbortController()
    const { signal } = controller
    const calls = {
      list: async () => store.list({ signal })[Symbol.asyncIterator]().next(),
      head: async () => store.head('a', { signal }),
      get: async () => readObject(store, 'a', { signal }),
      put: async () => store.put('a', Uint8Array.of(1, 2), { signal }),
      delete: async () => store.delete('a', { signal }),
    }
    const call = failureOf(calls[operation]())
    setTimeout(() => { controller.abort(reason) }, 5) // prettier-ignore
    expect(await call).toBe(reason)
    expectBytes(await readObject(inner, 'a'), sampleBytes(100))
  })

  test('delivers half of a chunk before the body of a get stalls', async () => {
    const inner = plainStore()
    await inner.put('a', sampleBytes(100))
    const store = faultyStore(inner, { stall: (operation) => operation === 'get' })
    const controller = new AbortController()
    const { info, body } = await store.get('a', { signal: controller.signal })
    expect(info.size).toBe(100)
    const reader = body[Symbol.asyncIterator]()
    expect((await reader.next()).value).toHaveLength(50)
    controller.abort()
    expect(await failureOf(reader.next())).toBe(controller.signal.reason)
  })
})
