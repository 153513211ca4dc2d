import { LakeError } from '@lake/core'
import type { Piscina } from 'piscina'
import type { SilverFile } from './encode-silver.ts'
import { hasFunctions } from './lake-contract.ts'
import type { SilverInput, SilverTask } from './silver-task.ts'
import type { SilverAnswer } from './silver-worker.ts'

/** Computes partitions, several at once where the machine has cores for it. */
export interface SilverThreads extends AsyncDisposable {
  /** How many partitions are worth having in work at once. */
  readonly concurrency: number
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
  let pool: Promise<Piscina<SilverTask, SilverAnswer>> | undefined
  let seen = 0
  return {
    concurrency: threads + 1,
    run: async (task, signal) => {
      signal?.throwIfAborted()
      seen += task.inputs.reduce((total, input) => total + bytesOf(input).length, 0)
      const isBound =
        worker === undefined || threads === 0 || typeof task.policy === 'function' || hasFunctions(task.contract)
      if (isBound || seen < worthAThread) {
        const { runSilverTask } = await import('./silver-task.ts')
        return runSilverTask(task, signal)
      }
      pool ??= startThreads(worker, threads)
      const transferList = task.inputs.flatMap((input) => transferable(bytesOf(input)))
      const answer = await (await pool).run(task, { transferList, ...(signal === undefined ? {} : { signal }) })
      if ('file' in answer) return answer.file
      const { code, message, details } = answer.error
      throw new LakeError(code, message, { details })
    },
    [Symbol.asyncDispose]: async () => {
      await (await pool)?.destroy()
    },
  }
}

async function startThreads(worker: URL, threads: number): Promise<Piscina<SilverTask, SilverAnswer>> {
  const pool = await import('piscina')
  return new pool.Piscina({
    filename: worker.href,
    name: 'work',
    minThreads: threads,
    maxThreads: threads,
    resourceLimits: LIMITS,
  })
}

/** Values lie outside of the heap, so a little of it is enough for what is young: 20 MB less a thread, as fast. */
const LIMITS = { maxYoungGenerationSizeMb: 4 } as const

/** Beside this module in a build; sources cannot be run by a thread, so there the main thread does the work. */
const WORKER = import.meta.url.endsWith('.js') ? new URL('./silver-worker.js', import.meta.url) : undefined

function bytesOf(input: SilverInput): Uint8Array {
  return input.source === 'archive' ? input.bytes : input.page.body
}

/** A buffer that others share, as Node pools small ones, is copied instead. */
function transferable({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : []
}
