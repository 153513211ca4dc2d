import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeObjectStore } from '@lake/core/testing'
import { fileStore } from './file-store.ts'

describeObjectStore('fileStore', async () => {
  const root = await mkdtemp(join(tmpdir(), 'lake storage-'))
  return { ...fileStore({ root }), [Symbol.asyncDispose]: async () => rm(root, { recursive: true }) }
})
