import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readObject } from '@lake/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { s3Store } from '../s3-store.ts'
import { parseAccessLog } from './access-log.ts'
import { findTool, needsTool } from './find-tool.ts'
import { startS3Server } from './s3-server.ts'

describe('findTool', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lake-tools-'))
    vi.spyOn(process, 'cwd').mockReturnValue(join(folder, 'packages', 'storage'))
    vi.stubEnv('PATH', join(folder, 'path'))
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true })
  })

  test('prefers .tools/bin of a folder above to the PATH, and takes programs only', async () => {
    const tools = join(folder, '.tools', 'bin')
    await mkdir(join(folder, 'path', 'a-folder'), { recursive: true })
    await mkdir(tools, { recursive: true })
    const place = async (path: string, mode: number): Promise<void> => {
      await writeFile(path, '')
      await chmod(path, mode)
    }
    await place(join(folder, 'path', 'both'), 0o755)
    await place(join(tools, 'both'), 0o755)
    await place(join(folder, 'path', 'one'), 0o755)
    await place(join(tools, 'one'), 0o644)
    expect(['both', 'one', 'a-folder', 'none'].map(findTool)).toEqual([
      join(tools, 'both'),
      // Whoever may do everything may still not run what nobody may.
      join(folder, 'path', 'one'),
      undefined,
      undefined,
    ])
  })

  test('is why startS3Server may refuse', async () => {
    await expect(startS3Server({ buckets: [] })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: 'needs tool versitygw: run npm run setup:tools',
    })
  })

  test('startS3Server says what a server said that does not start', async () => {
    await mkdir(join(folder, 'path'))
    const program = join(folder, 'path', 'versitygw')
    await writeFile(program, '#!/bin/sh\necho no room >&2\nexit 1\n')
    await chmod(program, 0o755)
    await expect(startS3Server({ buckets: [] })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: matching(/did not start at http:\/\/127.0.0.1:\d+/),
    })
  })
})

test('parseAccessLog reads requests and nothing else', () => {
  const start = 'test lake [23/November/2026:16:47:49 +0000] 127.0.0.1 test 5OHK3XDRYHV0D1WR'
  const lines = [
    'log starts 2026-11-23',
    `${start} s3_PutObject a b/1+%2F&<.x /lake/a%20b/1%2B%252F%26%3C.x?x-id=PutObject 200 - 0 5 1 1 - agent`,
    `${start} s3_GetObject a /lake/a 404 NoSuchKey 12 0 0 0 - agent`,
  ]
  expect(parseAccessLog(lines.join('\n'))).toEqual([
    { operation: 'PutObject', path: 'lake/a b/1+%2F&<.x', query: '?x-id=PutObject', status: 200 },
    { operation: 'GetObject', path: 'lake/a', query: '', status: 404 },
  ])
})

test('startS3Server keeps a directory that it is given, and counts what is asked of it', async ({ skip }) => {
  if (findTool('versitygw') === undefined) skip(needsTool('versitygw'))
  const directory = await mkdtemp(join(tmpdir(), 'lake-buckets-'))
  try {
    const policy = { Version: '2012-10-17', Statement: [] }
    for (const round of [1, 2]) {
      await using server = await startS3Server({ buckets: ['lake'], directory, policies: { other: policy } })
      const store = s3Store({ bucket: 'lake', ...server })
      if (round === 1) await store.put('a', Uint8Array.of(1, 2))
      expect(await readObject(store, 'a')).toHaveLength(2)
      const operations = (await server.requests()).map(({ operation }) => operation)
      expect(operations).toEqual(round === 1 ? ['PutObject', 'GetObject'] : ['GetObject'])
    }
  } finally {
    await rm(directory, { recursive: true })
  }
})

function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern)
}
