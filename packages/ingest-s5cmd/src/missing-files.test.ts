import { memoryStore } from '@lake/storage'
import { expect, test } from 'vitest'
import { defaultTargetKey } from './default-target-key.ts'
import { missingFiles } from './missing-files.ts'
import { fillArchive } from './testing/fill-archive.ts'

test('a file is missing until the target holds one of its size, and again when its etag tells another', async () => {
  const target = memoryStore()
  const files = await fillArchive({ store: memoryStore(), count: 4 })
  expect(await missingFiles({ files, target })).toEqual({ files, held: 0 })
  for (const file of files.slice(0, 3)) await target.put(defaultTargetKey(file), new Uint8Array(file.size))
  await target.put(defaultTargetKey(files[2] ?? expect.fail()), new Uint8Array(1))
  expect(await missingFiles({ files, target })).toEqual({ files: files.slice(2), held: 2 })
  const etags = new Map<string, string>()
  for await (const { key, etag } of target.list()) etags.set(key, etag)
  const known = (file: (typeof files)[number]): { etag: string; sourceEtag: string } => ({
    etag: etags.get(defaultTargetKey(file)) ?? '',
    sourceEtag: file === files[1] ? 'as it was before' : file.etag,
  })
  expect(await missingFiles({ files, target, known })).toEqual({ files: files.slice(1), held: 1 })
})

test('a later version counts where the inventory knows it', async () => {
  const target = memoryStore()
  const files = await fillArchive({ store: memoryStore(), count: 1 })
  const key = 'elsewhere.zip'
  const { etag } = await target.put(key, new Uint8Array(files[0]?.size ?? 0))
  const known = (): { key: string; etag: string; sourceEtag: string } => ({
    key,
    etag,
    sourceEtag: files[0]?.etag ?? '',
  })
  expect(await missingFiles({ files, target, known })).toEqual({ files: [], held: 1 })
})
