import { expect, test } from 'vitest'
import { readObject } from '../read-object.ts'
import { countingStore } from './counting-store.ts'
import { plainStore } from './plain-store.ts'
import { listedKeys, sampleBytes, streamOf } from './store-check.ts'

test('countingStore counts requests and the bytes of bodies', async () => {
  const { store, counts } = countingStore(plainStore())
  await store.put('a', sampleBytes(10))
  await store.put('b', streamOf([sampleBytes(3), sampleBytes(4)]))
  await readObject(store, 'a')
  await readObject(store, 'b', { range: { start: 2, end: 4 } })
  await store.head('a')
  expect(await listedKeys(store)).toEqual(['a', 'b'])
  await store.delete('a')
  expect(counts).toEqual({
    list: { requests: 1, bytes: 0 },
    head: { requests: 1, bytes: 0 },
    get: { requests: 2, bytes: 12 },
    put: { requests: 2, bytes: 17 },
    delete: { requests: 1, bytes: 0 },
  })
  expect(store.url).toBe('test:')
})

test('countingStore counts only the bytes that were delivered before a reader stopped', async () => {
  const { store, counts } = countingStore(plainStore())
  await store.put('a', sampleBytes(2_500_000))
  for await (const chunk of (await store.get('a')).body) {
    expect(chunk.length).toBe(1_000_000)
    break
  }
  expect(counts.get).toEqual({ requests: 1, bytes: 1_000_000 })
})
