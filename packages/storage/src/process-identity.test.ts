import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readlink } from 'node:fs/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { currentProcess, hasEnded } from './process-identity.ts'

vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>()
  return { ...actual, readFile: vi.fn(actual.readFile), readlink: vi.fn(actual.readlink) }
})

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a process', () => {
  test('is the same as long as it runs', async () => {
    const own = await currentProcess()
    expect(own).toEqual(await currentProcess())
    expect(own).toMatchObject({ pid: process.pid, machine: expect.stringMatching(/^[0-9a-f]{12}$/) as string })
    expect(await hasEnded(own)).toBe(false)
  })

  test('has ended once it is gone', async () => {
    const child = spawn(process.execPath, ['--version'])
    await once(child, 'exit')
    expect(await hasEnded({ ...(await currentProcess()), pid: child.pid ?? 0 })).toBe(true)
  })

  test('has ended when another has its id', async () => {
    const own = await currentProcess()
    if (own.startTime === '0') return
    expect(await hasEnded({ ...own, startTime: `${own.startTime}1` })).toBe(true)
  })
})
