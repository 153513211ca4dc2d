import { describe, expect, test } from 'vitest'
import { openThreadPool } from './thread-pool.ts'

/** Doubles numbers, fails for texts, ends for null, and never answers to false. */
const module = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from 'node:worker_threads'
    parentPort.on('message', (task) => {
      if (typeof task === 'number') parentPort.postMessage({ result: task * 2, threadId })
      if (typeof task === 'string') throw new RangeError(task)
      if (task === null) process.exit(7)
    })
  `)}`,
)

interface Answer {
  readonly result: number
  readonly threadId: number
}

const open = (size: number) => openThreadPool<number | string | boolean | null, Answer>({ module, size })

describe('a pool of threads', () => {
  test('gives each task its own answer, by no more threads than allowed', async () => {
    await using pool = open(2)
    const answers = await Promise.all([1, 2, 3, 4, 5].map((task) => pool.run(task)))
    expect(answers.map(({ result }) => result)).toEqual([2, 4, 6, 8, 10])
    expect(new Set(answers.map(({ threadId }) => threadId)).size).toBeLessThanOrEqual(2)
  })

  test('starts one thread for one task, and goes on with it', async () => {
    await using pool = open(4)
    const first = await pool.run(1)
    expect(await pool.run(2)).toEqual({ result: 4, threadId: first.threadId })
  })

  test('uses the threads that it was told to start', async () => {
    await using pool = open(2)
    pool.warm(5)
    const [one, other] = await Promise.all([pool.run(1), pool.run(2)])
    expect(one.threadId).not.toBe(other.threadId)
    expect([one.threadId, other.threadId]).toContain((await pool.run(3)).threadId)
  })

  test('passes on what a thread throws, and how one ended, and takes further work', async () => {
    await using pool = open(1)
    await expect(pool.run('bad')).rejects.toThrow(new RangeError('bad'))
    await expect(pool.run(null)).rejects.toThrow('ended with code 7')
    expect(await pool.run(4)).toMatchObject({ result: 8 })
  })

  test('ends the task of an abort, or takes it out of the queue, and no other', async () => {
    await using pool = open(1)
    const [running, queued] = [new AbortController(), new AbortController()]
    const [never, waiting, last] = [
      pool.run(false, { signal: running.signal }),
      pool.run(1, { signal: queued.signal }),
      pool.run(2),
    ]
    queued.abort(new Error('not needed any more'))
    await expect(waiting).rejects.toThrow('not needed any more')
    running.abort(new Error('enough'))
    await expect(never).rejects.toThrow('enough')
    expect(await last).toMatchObject({ result: 4 })
  })

  test('tells tasks that had no turn when it is closed', async () => {
    const pool = open(1)
    const ends = [pool.run(false), pool.run(1)].map((run) => expect(run).rejects.toThrow(/ended/))
    await pool[Symbol.asyncDispose]()
    await Promise.all(ends)
  })
})
