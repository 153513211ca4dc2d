import { LakeError, type ObjectStore } from '@lake/core'
import { faultyStore } from '@lake/core/testing'
import { memoryStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import type { ArchiveFile } from './archive-file.ts'
import { fillArchive, sha256Of, textsOf } from './testing/fill-archive.ts'
import { transfer } from './transfer.ts'
import { type Verification, verifyArchive, type VerifyArchiveOptions } from './verify-archive.ts'

describe('verifyArchive', () => {
  test('reads everything in bronze, and tells in order what it found', async () => {
    const { target, files } = await lake(5)
    await target.put('bronze/binance/rest/page.json', Buffer.from('{}'))
    const found = await verify({ target })
    expect(found.map(({ key, state }) => [key, state])).toEqual(files.map(({ key }) => [bronzeKey(key), 'verified']))
    expect(found[0]?.sha256).toBe(found[0]?.expected)
  })

  test('a file without CHECKSUM is a state; with one that cannot be read too', async () => {
    const { target, files } = await lake(3)
    await target.delete(`${bronzeKey(files[0]?.key)}.CHECKSUM`)
    await target.put(`${bronzeKey(files[1]?.key)}.CHECKSUM`, Buffer.from('no checksum'))
    const found = await verify({ target })
    expect(found.map(({ state }) => state)).toEqual(['unverified', 'unverified', 'verified'])
    expect(found[0]).not.toHaveProperty('error')
    expect(found[1]?.error?.code).toBe('BAD_FORMAT')
    expect(Object.keys(await textsOf(target, '_lake/quarantine'))).toEqual([])
  })

  test('what an inventory has counts more than the CHECKSUM beside the file', async () => {
    const { target, files } = await lake(2)
    const [first, second] = files.map(({ key }) => bronzeKey(key))
    const wanted = [
      { key: first ?? '', sha256: '0'.repeat(64) },
      { key: second ?? '', sha256: undefined },
      { key: 'bronze/binance/archive/absent.zip', sha256: '1'.repeat(64) },
    ]
    const found = await verify({ target, files: wanted })
    expect(found.map(({ state }) => state)).toEqual(['quarantined', 'verified', 'missing'])
  })

  test('a damaged file is put aside, and fetched once more', async () => {
    const { source, target, files } = await lake(3)
    const before = await textsOf(target, 'bronze/')
    const key = bronzeKey(files[1]?.key)
    await target.put(key, Buffer.from('damaged'))
    const found = await verify({ target, source })
    expect(found.map(({ state }) => state)).toEqual(['verified', 'repaired', 'verified'])
    const { quarantineKey = '' } = found[1] ?? {}
    expect(quarantineKey).toBe(`_lake/quarantine/archive/${sha256Of(Buffer.from('damaged')).slice(0, 12)}/${key}`)
    expect(await textsOf(target, 'bronze/')).toEqual(before)
    expect((await textsOf(target, '_lake/quarantine'))[quarantineKey]).toBe('damaged')
    expect((await verify({ target })).every(({ state }) => state === 'verified')).toBe(true)
  })

  test('a damaged file that has no source stays in quarantine', async () => {
    const { source, target, files } = await lake(2)
    const [first, second] = files.map(({ key }) => bronzeKey(key))
    await target.put(first ?? '', Buffer.from('damaged'))
    expect((await verify({ target }))[0]).toMatchObject({ state: 'quarantined', size: 7 })
    expect(await target.head(first ?? '')).toBeUndefined()
    await target.put(second ?? '', Buffer.from('damaged too'))
    await source.delete(files[1]?.key ?? '')
    const found = await verify({ target, source })
    expect(found).toMatchObject([{ state: 'quarantined', error: { code: 'NOT_FOUND' } }])
  })

  test('a source that is damaged in the same way is tried once, and reported', async () => {
    const { source, target, files } = await lake(1)
    for (const [store, key] of [[source, files[0]?.key ?? ''], [target, bronzeKey(files[0]?.key)]] as const) await store.put(key, Buffer.alloc(500, 'bad')) // prettier-ignore
    const found = await verify({ target, source })
    expect(found).toMatchObject([{ state: 'quarantined', error: { code: 'CHECKSUM_MISMATCH' } }])
  })

  test('a later version is compared with its own CHECKSUM, and its place is not taken by another one', async () => {
    const { source, target, files } = await lake(1)
    const [file] = files
    if (file === undefined) throw new Error('no file')
    const restated = await restate(source, file, 'second')
    await transfer({ files: [restated], source, target, s5cmd: false })
    expect((await verify({ target })).map(({ state }) => state)).toEqual(['verified', 'verified'])
    const later = Object.keys(await textsOf(target, 'bronze/')).find((key) => /restated-\w+\.zip$/.test(key)) ?? ''
    await target.put(later, Buffer.from('damaged'))
    expect(await verify({ target, source, files: [{ key: later }] })).toMatchObject([{ state: 'repaired' }])
    await target.put(later, Buffer.from('damaged'))
    await restate(source, file, 'third ')
    expect(await verify({ target, source, files: [{ key: later }] })).toMatchObject([{ state: 'quarantined' }])
    expect(Object.keys(await textsOf(target, 'bronze/')).filter((key) => key.endsWith('.zip'))).toHaveLength(2)
  })

  test('killed between the copy and the removal, it does the same again', async () => {
    const { target, files } = await lake(1)
    const key = bronzeKey(files[0]?.key)
    await target.put(key, Buffer.from('damaged'))
    const broken = new LakeError('UNAVAILABLE', 'gone')
    const dying = faultyStore(target, { fail: (operation) => (operation === 'delete' ? broken : undefined) })
    await expect(verify({ target: dying })).rejects.toBe(broken)
    expect(await verify({ target })).toMatchObject([{ state: 'quarantined' }])
    expect(await target.head(key)).toBeUndefined()
  })

  test('a target that fails, and faults of the program, are thrown', async () => {
    const { target } = await lake(1)
    const refused = new LakeError('NO_PERMISSION', 'no')
    const locked = faultyStore(target, { fail: (operation) => (operation === 'get' ? refused : undefined) })
    await expect(verify({ target: locked })).rejects.toBe(refused)
    const buggy: ObjectStore = {
      ...target,
      get: async (key, options) =>
        key.endsWith('CHECKSUM') ? Promise.reject(new TypeError('a bug')) : target.get(key, options),
    }
    await expect(verify({ target: buggy })).rejects.toThrow(TypeError)
  })

  test('takes more names than one batch, and stops when aborted', async () => {
    const { target, files } = await lake(1)
    const one = { key: bronzeKey(files[0]?.key) }
    async function* many(): AsyncGenerator<{ readonly key: string }> {
      for (let index = 0; index < 1001; index++) yield one
    }
    expect(await verify({ target, files: many() })).toHaveLength(1001)
    await expect(verify({ target, signal: AbortSignal.abort() })).rejects.toHaveProperty('name', 'AbortError')
  })
})

async function lake(count: number): Promise<{ source: ObjectStore; target: ObjectStore; files: ArchiveFile[] }> {
  const [source, target] = [memoryStore(), memoryStore()]
  const files = await fillArchive({ store: source, count })
  await transfer({ files, source, target, s5cmd: false, saveReport: false })
  return { source, target, files }
}

async function restate(store: ObjectStore, file: ArchiveFile, word: string): Promise<ArchiveFile> {
  const bytes = Buffer.alloc(file.size, word)
  const { etag } = await store.put(file.key, bytes)
  await store.put(`${file.key}.CHECKSUM`, Buffer.from(`${sha256Of(bytes)}  ${file.key.split('/').at(-1)}\n`))
  return { ...file, etag }
}

async function verify(options: VerifyArchiveOptions): Promise<Verification[]> {
  const found: Verification[] = []
  for await (const verification of verifyArchive(options)) found.push(verification)
  return found
}

function bronzeKey(key = ''): string {
  return `bronze/binance/archive/${key}`
}
