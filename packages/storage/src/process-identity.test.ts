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
  vi.mocked(readFile).mockReset()
  vi.mocked(readlink).mockReset()
  vi.restoreAllMocks()
})

describe('a process', () => {
  test('is the same as long as it runs', async () => {
    const own = await currentProcess()
    expect(own).toEqual(await currentProcess())
    expect(own.pid).toBe(process.pid)
    expect(own.machine).toMatch(/^[0-9a-f]{12}$/)
    expect(await hasEnded(own)).toBe(false)
  })

  test('has ended once it is gone', async () => {
    const child = spawn(process.execPath, ['--version'])
    await once(child, 'exit')
    expect(await hasEnded({ ...(await currentProcess()), pid: child.pid ?? 0 })).toBe(true)
  })

  test('has ended when another one has its id, or when nobody has asked for its end yet', async () => {
    const own = { machine: '', pid: process.pid, startTime: '4711' }
    const status = (state: string, startTime: string): string =>
      `${process.pid} (odd) name (1)) ${state} ${'0 '.repeat(18)}${startTime} 0 0`
    for (const [text, ended] of [
      [status('S', '4711'), false],
      [status('R', '4711'), false],
      [status('Z', '4711'), true],
      [status('X', '4711'), true],
      [status('S', '4712'), true],
      ['', true],
    ] as const) {
      vi.mocked(readFile).mockResolvedValueOnce(text)
      expect(await hasEnded(own), text).toBe(ended)
    }
  })

  test('counts as running when the system tells no more than that its id is in use', async () => {
    vi.mocked(readFile).mockRejectedValue(new Error('no /proc'))
    vi.mocked(readlink).mockRejectedValue(new Error('no /proc'))
    const own = await currentProcess()
    expect(own.startTime).toBe('0')
    expect(await hasEnded(own)).toBe(false)
    expect(await hasEnded({ ...own, startTime: '4711' })).toBe(false)
  })

  test('counts as running when it belongs to somebody else', async () => {
    vi.mocked(readFile).mockRejectedValue(new Error('hidden'))
    vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
    })
    expect(await hasEnded({ machine: '', pid: 1, startTime: '1' })).toBe(false)
  })
})
