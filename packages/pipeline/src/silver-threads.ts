import { LakeError } from '@lake/core'
import type { SilverFile } from './encode-silver.ts'
import { hasFunctions } from './lake-contract.ts'
import type { SilverInput, SilverTask } from './silver-task.ts'
import type { SilverAnswer } from './silver-worker.ts'
import { openThreadPool } from './thread-pool.ts'
import { transferable } from './transferable.ts'

/** Computes partitions, several at once where the machine has cores for it. */
export interface SilverThreads extends AsyncDisposable {
  /** How many partitions are worth having in work at once. */
  readonly concurrency: number
  /** Says what is to come, so that threads for it load their code while the first files are on their way. */
  expect(work: { readonly partitions: number; readonly bytes: number }): void
  /** Computes a partition. Aborting ends the thread that is at it. */
  run(task: SilverTask, signal?: AbortSignal): Promise<SilverFile>
}

export interface SilverThreadsOptions {
  /** The module that the threads run. */
  readonly worker?: URL | undefined
  /** The first so many bytes of input are done in the main thread. */
  readonly worthAThread?: number | undefined
}

/** Below this, starting threads takes longer than the work: so many bytes of input are done in the main thread. */
const WORTH_A_THREAD = 2 ** 20

/**
 * Opens threads for the work of one run; none start before there is enough to do.
 *
 * @param threads how many; 0 does everything in the main thread
 */
export function openSilverThreads(
  threads: number,
  { worker = WORKER, worthAThread = WORTH_A_THREAD }: SilverThreadsOptions = {},
): SilverThreads {
  const pool =
    worker === undefined || threads === 0
      ? undefined
      : openThreadPool<SilverTask, SilverAnswer>({ module: worker, size: threads, resourceLimits: LIMITS })
  let seen = 0
  return {
    concurrency: threads + 1,
    expect: ({ partitions, bytes }) => {
      if (seen + bytes < worthAThread) return
      seen += bytes
      pool?.warm(partitions)
    },
    run: async (task, signal) => {
      signal?.throwIfAborted()
      seen += task.inputs.reduce((total, input) => total + bytesOf(input).length, 0)
      const isBound = typeof task.policy === 'function' || hasFunctions(task.contract)
      if (pool === undefined || isBound || seen < worthAThread) {
        const { runSilverTask } = await import('./silver-task.ts')
        return runSilverTask(task, signal)
      }
      const transferList = task.inputs.flatMap((input) => transferable(bytesOf(input)))
      const answer = await pool.run(task, { transferList, signal })
      if ('file' in answer) return answer.file
      const { code, message, details } = answer.error
      throw new LakeError(code, message, { details })
    },
    [Symbol.asyncDispose]: async () => {
      await pool?.[Symbol.asyncDispose]()
    },
  }
}

/** Values lie outside of the heap, so a little of it is enough for what is young: 20 MB less a thread, as fast. */
const LIMITS = { maxYoungGenerationSizeMb: 4 } as const

/** Beside this module in a build; sources cannot be run by a thread, so there the main thread does the work. */
const WORKER = import.meta.url.endsWith('.js') ? new URL('./silver-worker.js', import.meta.url) : undefined

function bytesOf(input: SilverInput): Uint8Array {
  return input.source === 'archive' ? input.bytes : input.page.body
}
