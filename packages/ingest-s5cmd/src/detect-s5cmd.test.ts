import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { findTool, needsTool } from '@lake/storage/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { detectS5cmd } from './detect-s5cmd.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lake-detect-'))
})
afterEach(async () => rm(folder, { recursive: true, force: true }))

describe('detectS5cmd', () => {
  test('finds the real program and its version', async ({ skip }) => {
    const path = findTool('s5cmd')
    if (path === undefined) return skip(needsTool('s5cmd'))
    expect(await detectS5cmd({ path })).toEqual({ s5cmd: { path, version: '2.3.0' } })
  })

  test('takes the first executable on PATH, not a file beside it that is none', async () => {
    const path = await script('echo v2.9.1-abc')
    const other = await mkdtemp(join(folder, 'other-'))
    await writeFile(join(other, 's5cmd'), 'no program')
    const environment = { PATH: ['', other, folder, '/usr/bin', '/bin'].join(delimiter) }
    expect(await detectS5cmd({ environment })).toEqual({ s5cmd: { path, version: '2.9.1' } })
  })

  test.each([
    ['echo v1.4.0', 'is version 1.4.0: s5cmd 2.0.0 or later is needed'],
    ['echo hello; exit 1', 'does not tell its version'],
  ])('refuses a program that says: %s', async (body, problem) => {
    expect((await detectS5cmd({ path: await script(body) })).problem).toContain(problem)
  })

  test('its absence is told, not thrown', async () => {
    expect((await detectS5cmd({ environment: { PATH: folder } })).problem).toContain('There is no s5cmd on PATH')
    expect((await detectS5cmd({ environment: {} })).problem).toContain('There is no s5cmd on PATH')
    expect((await detectS5cmd({ path: join(folder, 'absent') })).problem).toContain('cannot be started')
  })

  test('an abort passes', async () => {
    const path = await script('echo v2.3.0')
    await expect(detectS5cmd({ path, signal: AbortSignal.abort() })).rejects.toHaveProperty('name', 'AbortError')
  })
})

async function script(body: string): Promise<string> {
  const path = join(folder, 's5cmd')
  await writeFile(path, `#!/bin/sh\n${body}\n`)
  await chmod(path, 0o755)
  return path
}
