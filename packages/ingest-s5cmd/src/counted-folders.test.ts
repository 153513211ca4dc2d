import { memoryStore } from '@lake/storage'
import { beforeEach, expect, test } from 'vitest'
import { type CountedFolders, countedFolders } from './counted-folders.ts'

let counted: CountedFolders

beforeEach(async () => {
  const store = memoryStore()
  for (const key of ['a/1', 'a/2', 'a/b/3', 'a/b/c/4', 'ab/5', '6']) await store.put(key, Buffer.from(key))
  counted = countedFolders(store)
})

test('a listing tells of each folder below it, with what lies deeper', async () => {
  await list({ prefix: 'a/' })
  expect(['a/', 'a/b/', 'a/b/c/'].map(counted.objectsIn)).toEqual([4, 2, 1])
  expect(['', 'ab/', 'x/'].map(counted.objectsIn)).toEqual([undefined, undefined, undefined])
  await list({})
  expect(['', 'a/', 'ab/'].map(counted.objectsIn)).toEqual([6, 4, 1])
})

test('the same listing once more tells the same', async () => {
  await list({ prefix: 'a/' })
  await list({ prefix: 'a/' })
  expect(counted.objectsIn('a/')).toBe(4)
})

test('part of a folder, a folded listing and one that was not read to its end tell nothing', async () => {
  await list({ prefix: 'a/b' })
  await list({ prefix: 'a/', delimiter: '/' })
  for await (const _ of counted.store.list({ prefix: 'a/' })) break
  expect(['a/', 'a/b/'].map(counted.objectsIn)).toEqual([undefined, undefined])
})

test('an empty folder has nothing', async () => {
  await list({ prefix: 'x/' })
  expect(counted.objectsIn('x/')).toBe(0)
})

async function list(options: { prefix?: string; delimiter?: '/' }): Promise<void> {
  for await (const _ of counted.store.list(options)) continue
}
