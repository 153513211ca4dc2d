import { LakeError } from '@lake/core'
import { describe, expect, test } from 'vitest'
import { runS5cmd, type S5cmdRun } from './run-s5cmd.ts'
import type { ProgramRun, Runner } from './runner.ts'

const PAIRS = ['a', 'b', 'c'].map((key) => ({ from: `s3://x/${key}`, to: `s3://y/${key}` }))

describe('runS5cmd', () => {
  test('hands over one quoted line for each pair, and options before them', async () => {
    const seen = await record({ endpoint: 'http://s3.test', workers: 4, sourceRegion: 'r1', targetRegion: 'r2' })
    expect(seen.args).toEqual(['--json', '--retry-count', '3', '--endpoint-url', 'http://s3.test', '--numworkers', '4', 'run']) // prettier-ignore
    expect((await linesOf(seen))[0]).toBe("cp --source-region r1 --destination-region r2 --raw 's3://x/a' 's3://y/a'")
    expect((await record({ anonymous: true })).args).toContain('--no-sign-request')
    expect((await record({ requesterPays: true })).args.join(' ')).toContain('--request-payer requester')
  })

  test('starts before it is known what to copy, and ends when that cannot be known', async () => {
    const order: string[] = []
    const pulling: Runner['run'] = async ({ input, onOutput }) => {
      order.push('started')
      for await (const line of input ?? []) {
        order.push(line.slice(0, 2))
        onOutput(copied(line.at(-2) ?? ''))
      }
      return { exitCode: 0, killedBy: null }
    }
    const later = async (): Promise<typeof PAIRS> => {
      await Promise.resolve()
      order.push('known')
      return PAIRS
    }
    expect(await run(pulling, { pairs: later() })).toEqual([undefined, undefined, undefined])
    expect(order).toEqual(['started', 'known', 'cp', 'cp', 'cp'])
    const cause = new LakeError('UNAVAILABLE', 'No listing.')
    await expect(run(pulling, { pairs: Promise.reject(cause) })).rejects.toBe(cause)
    // Also when the program never asks for its lines.
    const silent: Runner['run'] = async () => Promise.resolve({ exitCode: 0, killedBy: null })
    await expect(run(silent, { pairs: Promise.reject(cause) })).rejects.toBe(cause)
  })

  test('believes results, not the exit code: what is not reported has failed', async () => {
    const outcomes = await run(async ({ onOutput }) => {
      onOutput(copied('a'))
      onOutput('{"operation":"cp","success":3,"error":0}')
      return { exitCode: 0, killedBy: null }
    })
    expect(outcomes[0]).toBeUndefined()
    expect(outcomes.slice(1).map((error) => error?.code)).toEqual(['UNAVAILABLE', 'UNAVAILABLE'])
    expect(outcomes[1]?.message).toBe('s5cmd gave no result for s3://x/b: it ended with exit code 0.')
  })

  test('tells which pair failed, and why, from either output', async () => {
    const outcomes = await run(async ({ onOutput, onErrorOutput }) => {
      onErrorOutput(failed('b', 'NoSuchKey: gone. status code: 404'))
      onOutput(failed('c', 'SlowDown: status code: 503'))
      onOutput(copied('a'))
      return { exitCode: 1, killedBy: null }
    })
    expect(outcomes.map((error) => error?.code)).toEqual([undefined, 'NOT_FOUND', 'UNAVAILABLE'])
  })

  test('a complaint about no pair explains the silence', async () => {
    const outcomes = await run(async ({ onErrorOutput }) => {
      onErrorOutput('ERROR "run": "bogus" command (line: 0) not found')
      onErrorOutput('{"operation":"run","command":"run","error":"more"}')
      return { exitCode: null, killedBy: 'SIGSEGV' }
    })
    expect(outcomes[2]?.message).toContain('it ended with SIGSEGV and said: ERROR "run": "bogus" command')
  })

  test('results for what nobody asked for count for nothing', async () => {
    const outcomes = await run(async ({ onOutput }) => {
      onOutput(copied('z'))
      onOutput(failed('z', 'NoSuchKey'))
      return { exitCode: 0, killedBy: null }
    })
    expect(outcomes.every((error) => error !== undefined)).toBe(true)
  })

  test('ends a run that says nothing, and keeps what was reported', async () => {
    const outcomes = await run(
      async ({ onOutput, signal }) => {
        onOutput(copied('a'))
        return new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            reject(new Error('killed'))
          })
        })
      },
      { stallMillis: 20 },
    )
    expect(outcomes.map((error) => error?.code)).toEqual([undefined, 'UNAVAILABLE', 'UNAVAILABLE'])
    expect(outcomes[1]?.message).toContain('stopped after 0.02 s without a sign of life')
  })

  test('an abort passes as it is', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const running = run(
      async ({ signal }) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            reject(new Error('killed'))
          })
          abort.abort(reason)
        }),
      { signal: abort.signal },
    )
    await expect(running).rejects.toBe(reason)
  })

  test('a program that cannot be started is told as it is', async () => {
    const error = new LakeError('UNSUPPORTED', 'no such program')
    await expect(run(async () => Promise.reject(error))).rejects.toBe(error)
  })

  test('credentials take the way of the environment, and are in no message', async () => {
    const credentials = { accessKeyId: 'AKIASECRET', secretAccessKey: 'hush-hush', sessionToken: 'token-token' }
    let seen: ProgramRun | undefined
    const outcomes = await run(
      async (program) => {
        seen = program
        program.onErrorOutput(failed('a', 'Denied for AKIASECRET with hush-hush and token-token'))
        program.onErrorOutput('panic: hush-hush')
        return { exitCode: 2, killedBy: null }
      },
      { credentials, environment: { AWS_SECRET_ACCESS_KEY: 'other', AWS_PROFILE: 'mine', OTHER: 'x', no_proxy: 'y' } },
    )
    expect(seen?.environment).toEqual({
      AWS_ACCESS_KEY_ID: 'AKIASECRET',
      AWS_SECRET_ACCESS_KEY: 'hush-hush',
      AWS_SESSION_TOKEN: 'token-token',
      GOGC: '400',
      no_proxy: 'y',
    })
    expect([seen?.program, ...(seen?.args ?? []), ...(await linesOf(seen))].join(' ')).not.toMatch(/AKIA|hush|token/)
    const told = outcomes.map((error) => `${error?.message ?? ''}${JSON.stringify(error?.details)}`).join()
    expect(told).not.toMatch(/AKIA|hush|token-token/)
    expect(told).toContain('Denied for *** with *** and ***')
  })
})

function copied(key: string): string {
  return JSON.stringify({ operation: 'cp', success: true, source: `s3://x/${key}`, destination: `s3://y/${key}` })
}

function failed(key: string, error: string): string {
  return JSON.stringify({ operation: 'cp', command: `cp s3://x/${key} s3://y/${key}`, error })
}

async function run(program: Runner['run'], options: Partial<S5cmdRun> = {}): Promise<(LakeError | undefined)[]> {
  return runS5cmd({
    ...{ s5cmd: { path: 's5cmd', version: '2.3.0' }, runner: { run: program }, pairs: PAIRS },
    ...{ environment: {}, retries: 3, stallMillis: 60_000, ...options },
  })
}

async function record(options: Partial<S5cmdRun>): Promise<ProgramRun> {
  let seen: ProgramRun | undefined
  await run(async (program) => {
    seen = program
    return { exitCode: 0, killedBy: null }
  }, options)
  if (seen === undefined) throw new Error('nothing was run')
  return seen
}

async function linesOf(run: ProgramRun | undefined): Promise<string[]> {
  const lines: string[] = []
  for await (const line of run?.input ?? []) lines.push(line)
  return lines
}
