import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { fileStore } from './file-store.ts'

vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>()
  return { ...actual, readdir: vi.fn(actual.readdir) }
})

test('a listing opens only the folders that can hold keys with the prefix, one after another', async () => {
  const root = await mkdtemp(join(tmpdir(), 'lake-list-'))
  onTestFinished(async () => rm(root, { recursive: true }))
  const store = fileStore({ root })
  for (const key of ['a/b/c/1', 'a/b/cd/2', 'a/b/x/3', 'a/y/4', 'z/5']) await store.put(key, Uint8Array.of(1))
  const foldersOf = async (prefix: string): Promise<string[]> => {
    vi.mocked(readdir).mockClear()
    for await (const { key } of store.list({ prefix })) expect(key.startsWith(prefix)).toBe(true)
    return vi.mocked(readdir).mock.calls.map(([folder]) => relative(root, String(folder)))
  }
  expect(await foldersOf('a/b/c')).toEqual(['a/b', 'a/b/c', 'a/b/cd'])
  expect(await foldersOf('a/b/c/')).toEqual(['a/b/c'])
  expect(await foldersOf('a/b/c/1')).toEqual(['a/b/c'])
  expect(await foldersOf('none/here/')).toEqual(['none/here'])
  expect(await foldersOf('../')).toEqual([])
  expect(await foldersOf('z')).toEqual(['', 'z'])
  vi.mocked(readdir).mockClear()
  for await (const { key } of store.list()) {
    expect(key).toBe('a/b/c/1')
    break
  }
  expect(vi.mocked(readdir)).toHaveBeenCalledTimes(4)
})
