import { readFile } from 'node:fs/promises'
import { getDefaultHighWaterMark } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { processRunner } from './process-runner.ts'
import type { ProgramEnd, ProgramRun } from './runner.ts'

describe('processRunner', () => {
  test('gives whole lines of both outputs, the last one without its end too', async () => {
    const { out, error, end } = await node(
      "process.stdout.write('a\\nbé'); setTimeout(() => { process.stdout.write('b\\n\\nlast'); console.error('e') }, 50)",
    )
    expect(out).toEqual(['a', 'béb', '', 'last'])
    expect(error).toEqual(['e'])
    expect(end).toEqual({ exitCode: 0, killedBy: null })
  })

  test('gives all that a program says in a flood, in its order', async () => {
    const { out } = await node('for (let n = 0; n < 100_000; n++) process.stdout.write(`line ${n}\\n`)')
    expect(out).toEqual(Array.from({ length: 100_000 }, (_, n) => `line ${n}`))
  })

  test('leaves other streams as they are', async () => {
    const usual = getDefaultHighWaterMark(false)
    await node('')
    expect(getDefaultHighWaterMark(false)).toBe(usual)
  })

  test('feeds far more lines than a pipe holds, and pulls them only as they are read', async () => {
    let pulled = 0
    function* lines(): Generator<string> {
      for (; pulled < 20_000; pulled++) yield 'x'.repeat(100)
    }
    const program =
      "let n = 0; process.stdin.on('data', (c) => { n += c.length }); process.stdin.on('end', () => console.log(n))"
    expect((await node(program, { input: lines() })).out).toEqual([String(20_000 * 101)])
  })

  test('a program that ends without reading its input is no error', async () => {
    const input = Array.from({ length: 50_000 }, () => 'x'.repeat(100))
    expect((await node('process.exit(3)', { input })).end).toEqual({ exitCode: 3, killedBy: null })
  })

  test('tells of the signal that ended a program', async () => {
    expect((await node("process.kill(process.pid, 'SIGKILL')")).end).toEqual({ exitCode: null, killedBy: 'SIGKILL' })
  })

  test('an abort ends the program with its children, even one that will not go', async () => {
    const abort = new AbortController()
    const pids: number[] = []
    const program = `
      process.on('SIGTERM', () => {})
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
      console.log(process.pid + ' ' + child.pid)
      setInterval(() => {}, 1000)`
    const running = node(program, {
      signal: abort.signal,
      onOutput: (line) => {
        pids.push(...line.split(' ').map(Number))
        abort.abort(new Error('enough'))
      },
    })
    await expect(running).rejects.toThrow('enough')
    expect(pids).toHaveLength(2)
    for (const pid of pids) expect(await isGone(pid)).toBe(true)
  })

  test('an aborted signal starts nothing', async () => {
    await expect(node('', { signal: AbortSignal.abort() })).rejects.toHaveProperty('name', 'AbortError')
  })

  test('a program that is not there is told by name', async () => {
    const running = processRunner().run({
      ...quiet,
      program: '/nowhere/s5cmd',
      args: [],
      environment: {},
      input: ['a'],
    })
    await expect(running).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { program: '/nowhere/s5cmd' } })
  })

  test('hands over arguments as they are, and no environment but its own', async () => {
    const { out } = await node(
      'console.log(JSON.stringify([process.argv.slice(1), process.env.LAKE_TEST, process.env.HOME]))',
      {
        args: ['$HOME; echo *', "it's"],
        environment: { LAKE_TEST: 'x' },
      },
    )
    expect(JSON.parse(out[0] ?? '')).toEqual([['$HOME; echo *', "it's"], 'x', null])
  })
})

const quiet = { onOutput: () => undefined, onErrorOutput: () => undefined }

async function node(
  program: string,
  options: Partial<ProgramRun> = {},
): Promise<{ out: string[]; error: string[]; end: ProgramEnd }> {
  const out: string[] = []
  const error: string[] = []
  const end = await processRunner().run({
    ...{ environment: {}, onOutput: (line) => out.push(line), onErrorOutput: (line) => error.push(line), ...options },
    ...{ program: process.execPath, args: ['-e', program, ...(options.args ?? [])] },
  })
  return { out, error, end }
}

/** Gone or, for a moment, a zombie that its new parent has not asked for yet. */
async function isGone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
    if (status === undefined) {
      try {
        process.kill(pid, 0)
      } catch {
        return true
      }
    } else if (/\) [ZX] /.test(status)) return true
    await sleep(20)
  }
  return false
}
