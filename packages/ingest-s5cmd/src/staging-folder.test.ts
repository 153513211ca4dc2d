import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withStagingFolder } from './staging-folder.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lake-staging-'))
})
afterEach(async () => rm(root, { recursive: true }))

describe('withStagingFolder', () => {
  test('gives a folder that is gone afterwards, also after a failure', async () => {
    const fail = withStagingFolder(root, async (folder) => {
      await writeFile(join(folder, 'a'), 'x')
      throw new Error('no')
    })
    await expect(fail).rejects.toThrow('no')
    expect(await withStagingFolder(root, async (folder) => readdir(folder))).toEqual([])
    expect(await readdir(root)).toEqual([])
  })

  test('removes what killed processes left, and nothing of those that run', async () => {
    const { pid: dead } = spawnSync(process.execPath, ['-e', ''])
    const mine = `lake-transfer-${process.pid}-abc`
    for (const name of [`lake-transfer-${dead}-abc`, mine, 'lake-transfer-1-abc', 'other-2-abc']) {
      await mkdir(join(root, name))
    }
    await withStagingFolder(root, async () => Promise.resolve())
    expect((await readdir(root)).sort()).toEqual(['lake-transfer-1-abc', mine, 'other-2-abc'].sort())
  })
})
