import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readlink, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type ObjectStore, readObject } from '@lake/core'
import { describeObjectStore } from '@lake/core/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fileStore } from './file-store.ts'
import { currentProcess, type ProcessIdentity } from './process-identity.ts'
import { stagingName } from './staging-file.ts'

const ONE = Uint8Array.of(1)

describeObjectStore('fileStore', async () => {
  const root = await mkdtemp(join(tmpdir(), 'lake storage-'))
  return { ...fileStore({ root }), [Symbol.asyncDispose]: async () => rm(root, { recursive: true }) }
})

describe('fileStore', () => {
  test('names itself by an absolute file URL that leads back to the folder', async () => {
    const root = join(await temporaryFolder(), 'a lake/100%/龙虾 #1?')
    const store = fileStore({ root: relative(process.cwd(), root) })
    expect(store.url).toMatch(/^file:\/\/\/.*a%20lake\/100%25\/%E9%BE%99%E8%99%BE%20%231%3F$/)
    expect(fileURLToPath(store.url)).toBe(root)
    await store.put('x/y.bin', ONE)
    expect((await stat(join(fileURLToPath(store.url), 'x/y.bin'))).size).toBe(1)
  })

  test('makes its root with the first put, and is empty before', async () => {
    const root = join(await temporaryFolder(), 'not/yet')
    const store = fileStore({ root })
    expect(await keysOf(store)).toEqual([])
    expect(await store.head('a')).toBeUndefined()
    await store.delete('a')
    expect(existsSync(root)).toBe(false)
    await store.put('a', ONE)
    expect(await keysOf(store)).toEqual(['a'])
  })

  test('keeps .tmp for itself and never lists it', async () => {
    const root = await temporaryFolder()
    const store = fileStore({ root })
    await store.put('.tmp2/a', ONE)
    await writeFile(join(root, '.tmp', 'left behind'), '')
    expect(await keysOf(store)).toEqual(['.tmp2/a'])
    for (const prefix of ['.tmp', '.tmp/', '.tmp/left']) {
      expect((await keysOf(store, prefix)).filter((key) => key !== '.tmp2/a')).toEqual([])
    }
    for (const key of ['.tmp', '.tmp/left behind']) {
      await expect(store.get(key)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
      await expect(store.put(key, ONE)).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { key } })
    }
  })

  test('refuses a key that a disk cannot hold, and leaves nothing of it', async () => {
    const root = await temporaryFolder()
    const store = fileStore({ root })
    await store.put('a/b', ONE)
    for (const key of ['a/b/c', 'a/b/c/d', 'a', `x/${'y'.repeat(300)}`]) {
      const error = await failureOf(store.put(key, ONE))
      expect(error).toMatchObject({ code: 'BAD_REQUEST' })
      expect(error.message).toMatch(/Nothing was changed\. .+/)
    }
    expect(await keysOf(store)).toEqual(['a/b'])
    expect(await namesOf(root)).toEqual([])
  })

  test('says so when its root is a file or lies below one', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    for (const root of [file, join(file, 'lake')]) {
      const store = fileStore({ root })
      const error = await failureOf(store.put('a', ONE))
      expect(error).toMatchObject({ code: 'BAD_REQUEST', details: { path: join(root, '.tmp') } })
      await expect(keysOf(store)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    }
  })

  test('takes a put after one that could not make the root, and after somebody removed the folders', async () => {
    const root = join(await temporaryFolder(), 'lake')
    await writeFile(root, 'in the way')
    const store = fileStore({ root })
    await expect(store.put('a/b', ONE)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await rm(root)
    await store.put('a/b', ONE)
    await rm(root, { recursive: true })
    await store.put('a/b', ONE, { ifAbsent: true })
    await rm(join(root, '.tmp'), { recursive: true })
    await store.delete('a/b')
    expect(await keysOf(store)).toEqual([])
  })

  test('keeps etags in a copy that keeps change times', async () => {
    const folder = await temporaryFolder()
    const infos = []
    for (const key of ['a', 'b/c']) infos.push(await fileStore({ root: join(folder, 'lake') }).put(key, ONE))
    await promisify(execFile)('cp', ['-a', join(folder, 'lake'), join(folder, 'copy')])
    const copied = []
    for await (const info of fileStore({ root: join(folder, 'copy') }).list()) copied.push(info)
    expect(copied).toEqual(infos)
  })

  test('changes the etag also when the clock was set back', async () => {
    const root = await temporaryFolder()
    const store = fileStore({ root })
    await store.put('a', ONE)
    await utimes(join(root, 'a'), 4_000_000_000, 4_000_000_000)
    const before = await store.head('a')
    expect(before?.lastModified).toBe(4_000_000_000_000_000)
    const after = await store.put('a', ONE, { ifMatch: before?.etag })
    expect(after.lastModified).toBe(4_000_000_000_000_001)
    expect(after.etag).not.toBe(before?.etag)
    expect(await store.head('a')).toEqual(after)
  })

  test('follows symbolic links, but not in circles', async () => {
    const root = await temporaryFolder()
    const elsewhere = await temporaryFolder()
    const store = fileStore({ root })
    await fileStore({ root: elsewhere }).put('deep/x', ONE)
    await store.put('a/b', ONE)
    await symlink(join(root, 'a/b'), join(root, 'a/link'))
    await symlink(join(elsewhere, 'deep'), join(root, 'folder-link'))
    await symlink(join(root, 'a'), join(root, 'a/circle'))
    await symlink(join(root, 'nowhere'), join(root, 'dangling'))
    await symlink(join(root, 'itself'), join(root, 'itself'))
    expect(await keysOf(store)).toEqual(['a/b', 'a/circle/b', 'a/circle/link', 'a/link', 'folder-link/x'])
    expect(await readObject(store, 'folder-link/x')).toEqual(ONE)
    expect(await store.head('itself')).toBeUndefined()
  })

  test('does not list files whose names cannot be keys, nor what is no file', async () => {
    const root = await temporaryFolder()
    await writeFile(join(root, 'back\\slash'), '')
    await promisify(execFile)('mkfifo', [join(root, 'pipe')])
    await fileStore({ root }).put('a', ONE)
    expect(await keysOf(fileStore({ root }))).toEqual(['a'])
    expect(await fileStore({ root }).head('pipe')).toBeUndefined()
  })

  test('says so when somebody else shortens a file while it is read', async () => {
    const root = await temporaryFolder()
    const store = fileStore({ root })
    await store.put('big', new Uint8Array(2_000_000))
    const reader = (await store.get('big')).body[Symbol.asyncIterator]()
    await reader.next()
    await truncate(join(root, 'big'), 700_000)
    const error = await failureOf((async () => { while ((await reader.next()).done !== true); })()) // prettier-ignore
    expect(error).toMatchObject({ code: 'STORE_FAILED', details: { found: 700_000 } })
  })

  test.skipIf(!existsSync('/proc/self/fd'))('closes every file, however a read ends', async () => {
    const root = await temporaryFolder()
    const store = fileStore({ root })
    await store.put('big', new Uint8Array(2_000_000))
    await store.put('small', ONE)
    const openFiles = async (): Promise<string[]> => {
      const files = (await readdir('/proc/self/fd')).map(async (file) =>
        readlink(`/proc/self/fd/${file}`).catch(() => ''),
      )
      return (await Promise.all(files)).filter((file) => file.startsWith(root))
    }
    const controller = new AbortController()
    for await (const _ of (await store.get('big')).body) break
    for await (const _ of (await store.get('big', { range: { start: 10 } })).body);
    await store.get('small')
    await failureOf(store.get('big', { ifMatch: 'other' }))
    const reader = (await store.get('big', { signal: controller.signal })).body[Symbol.asyncIterator]()
    await reader.next()
    controller.abort(new Error('enough'))
    await failureOf(reader.next())
    expect(await openFiles()).toEqual([])
  })
})

describe('the lock of a key', () => {
  test('is not held by processes that have ended', async () => {
    const { root, store, claim } = await lockedStore()
    const own = await currentProcess()
    await claim({ ...own, pid: await endedPid() })
    await claim({ ...own, startTime: String(Number(own.startTime) - 1) })
    await store.put('a', ONE)
    expect(await namesOf(root)).toEqual([])
  })

  test('is held by a process that runs, until the waiting is over', async () => {
    const { root, store, claim } = await lockedStore()
    const path = await claim(await currentProcess())
    const etag = (await store.head('a'))?.etag
    const changes = [
      async () => store.put('a', ONE, { ifMatch: etag }),
      async () => store.put('a', ONE),
      async () => store.delete('a'),
    ]
    for (const change of changes) {
      const error = await failureOf(change())
      expect(error).toMatchObject({ code: 'CONFLICT', details: { key: 'a', claims: [path] } })
      expect(error.message).toContain('Nothing was changed')
    }
    expect(await readObject(store, 'a')).toEqual(Uint8Array.of(0))
    await store.put('b', ONE)
    await rm(path)
    await store.put('a', ONE)
    expect(await namesOf(root)).toEqual([])
  })

  test('is held by another machine for some minutes', async () => {
    const { root, store, claim } = await lockedStore()
    const path = await claim({ machine: '0123456789ab', pid: 1, startTime: '1' })
    await expect(store.put('a', ONE)).rejects.toMatchObject({ code: 'CONFLICT' })
    const old = Date.now() / 1000 - 301
    await utimes(path, old, old)
    await store.put('a', ONE)
    expect(await namesOf(root)).toEqual([])
  })

  test('is had by all who wait for it, one after another', async () => {
    const { root, store, claim } = await lockedStore(30_000)
    const path = await claim(await currentProcess())
    const puts = [1, 2, 3, 4, 5].map(async (byte) => store.put('a', Uint8Array.of(byte)))
    while ((await namesOf(root, 'put-')).length < 5) await turn()
    expect(await readObject(store, 'a')).toEqual(Uint8Array.of(0))
    await rm(path)
    const etags = (await Promise.all(puts)).map(({ etag }) => etag)
    expect(new Set(etags).size).toBe(5)
    expect(etags).toContain((await store.head('a'))?.etag)
    expect(await namesOf(root)).toEqual([])
  })

  test('is not waited for after an abort', async () => {
    const { root, store, claim } = await lockedStore(30_000)
    await claim(await currentProcess())
    const controller = new AbortController()
    const reason = new Error('enough')
    const put = failureOf(store.put('a', ONE, { signal: controller.signal }))
    while ((await namesOf(root, 'put-')).length < 1) await turn()
    controller.abort(reason)
    expect(await put).toBe(reason)
    expect(await namesOf(root)).toHaveLength(1)
  })

  test('is not waited for when the condition cannot be met any more', async () => {
    const { root, store, claim } = await lockedStore(30_000)
    await claim(await currentProcess(), 'new')
    const put = failureOf(store.put('new', ONE, { ifAbsent: true }))
    while ((await namesOf(root, 'put-')).length < 1) await turn()
    await writeFile(join(root, 'new'), 'by the one that holds the lock')
    expect(await put).toMatchObject({ code: 'CONFLICT', details: { key: 'new' } })
    expect(await namesOf(root)).toHaveLength(1)
  })
})

describe('the first put of a fileStore', () => {
  test('clears away what processes left that have ended, and nothing else', async () => {
    const root = await temporaryFolder()
    const own = await currentProcess()
    const foreign = { machine: '0123456789ab', pid: 1, startTime: '1' }
    await mkdir(join(root, '.tmp'))
    const leave = async (name: string, ageSeconds = 0): Promise<string> => {
      const time = Date.now() / 1000 - ageSeconds
      await writeFile(join(root, '.tmp', name), 'half')
      await utimes(join(root, '.tmp', name), time, time)
      return name
    }
    await leave(stagingName('put', { ...own, pid: await endedPid() }))
    await leave(stagingName('lock-abc', { ...own, startTime: '1' }))
    await leave(stagingName('put', foreign), 90_000)
    await leave('of unknown origin', 90_000)
    const kept = [
      await leave(stagingName('put', own), 90_000),
      await leave(stagingName('put', { ...own, pid: process.ppid, startTime: '0' })),
      await leave(stagingName('put', foreign), 80_000),
      await leave('of unknown origin, new'),
    ]
    await fileStore({ root }).put('a', ONE)
    expect((await namesOf(root)).sort()).toEqual(kept.sort())
  })
})

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lake-storage-'))
  onTestFinished(async () => rm(folder, { recursive: true }))
  return folder
}

async function keysOf(store: ObjectStore, prefix?: string): Promise<string[]> {
  const keys = []
  for await (const { key } of store.list({ prefix })) keys.push(key)
  return keys
}

async function namesOf(root: string, start = ''): Promise<string[]> {
  return (await readdir(join(root, '.tmp'))).filter((name) => name.startsWith(start))
}

async function turn(): Promise<void> {
  await new Promise(setImmediate)
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work
  } catch (error) {
    if (error instanceof Error) return error
  }
  return expect.fail('expected an error')
}

/** A store with an object `a`, and a way to claim a key as some process would. */
async function lockedStore(lockTimeoutMillis = 50): Promise<{
  readonly root: string
  readonly store: ObjectStore
  readonly claim: (owner: ProcessIdentity, key?: string) => Promise<string>
}> {
  const root = await temporaryFolder()
  const store = fileStore({ root, lockTimeoutMillis })
  await store.put('a', Uint8Array.of(0))
  const claim = async (owner: ProcessIdentity, key = 'a'): Promise<string> => {
    const hash = createHash('sha256').update(key).digest('hex').slice(0, 32)
    const path = join(root, '.tmp', stagingName(`lock-${hash}-0`, owner))
    await writeFile(path, '')
    return path
  }
  return { root, store, claim }
}

/** The id of a process that has ended. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'])
  await once(child, 'exit')
  return child.pid ?? 0
}
