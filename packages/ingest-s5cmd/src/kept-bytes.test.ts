import { createHash } from 'node:crypto'
import type { ObjectStore } from '@lake/core'
import { memoryStore } from '@lake/storage'
import { expect, test } from 'vitest'
import { keptBytes } from './kept-bytes.ts'

const BYTES = Buffer.from('some bytes')
const SHA256 = createHash('sha256').update(BYTES).digest('hex')

test('what was hashed is given away once, and only by its digest', async () => {
  const { store, objects } = await filled('a', 'b')
  const kept = keptBytes()
  for (const object of objects) expect(await kept.digest(store, object, {})).toBe(SHA256)
  expect(kept.take('a', '0'.repeat(64))).toBeUndefined()
  expect(kept.take('b', SHA256)).toEqual(new Uint8Array(BYTES))
  expect(kept.take('b', SHA256)).toBeUndefined()
})

test('beyond the limit a digest is all that is kept, until something was taken', async () => {
  const { store, objects } = await filled('a', 'b', 'c')
  const kept = keptBytes(2 * BYTES.length)
  for (const object of objects) expect(await kept.digest(store, object, {})).toBe(SHA256)
  expect(['a', 'b', 'c'].map((key) => kept.take(key, SHA256)?.length)).toEqual([BYTES.length, BYTES.length, undefined])
  const [first] = objects
  if (first === undefined) throw new Error('no object')
  for (let round = 0; round < 3; round++) await kept.digest(store, first, {})
  expect(kept.take('a', SHA256)).toHaveLength(BYTES.length)
})

test('a read that fails takes no room', async () => {
  const { store, objects } = await filled('a')
  const [object] = objects
  if (object === undefined) throw new Error('no object')
  const kept = keptBytes(BYTES.length)
  await expect(kept.digest(store, { key: 'absent', size: BYTES.length }, {})).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
  await kept.digest(store, object, {})
  expect(kept.take('a', SHA256)).toHaveLength(BYTES.length)
})

async function filled(...keys: string[]): Promise<{ store: ObjectStore; objects: { key: string; size: number }[] }> {
  const store = memoryStore()
  const objects: { key: string; size: number }[] = []
  for (const key of keys) objects.push(await store.put(key, BYTES))
  return { store, objects }
}
