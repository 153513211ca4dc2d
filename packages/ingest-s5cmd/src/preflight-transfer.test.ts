import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStore, memoryStore } from '@lake/storage'
import { describe, expect, test } from 'vitest'
import { preflightTransfer } from './preflight-transfer.ts'
import { fillArchive } from './testing/fill-archive.ts'
import { transfer } from './transfer.ts'

const MEBIBYTE = 1024 ** 2

describe('preflightTransfer', () => {
  test('asks the disk of a folder, also of one that is not there yet', async () => {
    const files = await fillArchive({ store: memoryStore(), count: 2 })
    const target = fileStore({ root: join(tmpdir(), `lake-absent-${process.pid}`, 'deep') })
    const { bytesNeeded, bytesFree = 0 } = await preflightTransfer({ files, target })
    expect(bytesNeeded).toBe(1000)
    expect(bytesFree).toBeGreaterThan(0)
  })

  test('says what is missing when it does not fit, beside a reserve', async () => {
    const files = await fillArchive({ store: memoryStore(), count: 3, bytes: MEBIBYTE })
    const target = fileStore({ root: tmpdir() })
    const room = async (): Promise<number> => Promise.resolve(66 * MEBIBYTE)
    await expect(preflightTransfer({ files, target, freeBytes: room })).rejects.toMatchObject({
      code: 'NO_SPACE',
      message: expect.stringMatching(
        /has room for 69.2 MB, and needs 70.3 MB: 3.1 MB for 3 files, and 67.1 MB that are left/,
      ) as unknown,
      details: { bytesNeeded: 3 * MEBIBYTE, bytesFree: 66 * MEBIBYTE, files: 3 },
    })
    expect(await preflightTransfer({ files: files.slice(1), target, freeBytes: room })).toEqual({
      bytesNeeded: 2 * MEBIBYTE,
      bytesFree: 66 * MEBIBYTE,
    })
  })

  test('counts only what the target lacks', async () => {
    const root = await mkdtemp(join(tmpdir(), 'lake-preflight-'))
    try {
      const source = memoryStore()
      const files = await fillArchive({ store: source, count: 3, bytes: MEBIBYTE })
      const target = fileStore({ root })
      await transfer({ files: files.slice(0, 2), source, target, s5cmd: false })
      const room = async (): Promise<number> => Promise.resolve(65.5 * MEBIBYTE)
      expect(await preflightTransfer({ files, target, freeBytes: room })).toMatchObject({ bytesNeeded: MEBIBYTE })
      const none = async (): Promise<number> => Promise.resolve(0)
      expect(await preflightTransfer({ files: files.slice(0, 2), target, freeBytes: none })).toMatchObject({
        bytesNeeded: 0,
      })
    } finally {
      await rm(root, { recursive: true })
    }
  })

  test('cannot know the room of what is no folder', async () => {
    const files = await fillArchive({ store: memoryStore(), count: 1 })
    expect(await preflightTransfer({ files, target: memoryStore() })).toEqual({ bytesNeeded: 500 })
  })
})
