import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { ColumnAnswer, ColumnTask } from './column-task.ts'

/** Threads that decode the columns of files. */
export interface ReadThreads extends AsyncDisposable {
  /** Has a column decoded, by a thread that has the least to do. What is transferred is gone here. */
  read(task: ColumnTask, transfer: readonly ArrayBuffer[]): Promise<ColumnAnswer>
}

export interface ReadThreadsOptions {
  /** How many; they start one by one, as there are columns for them. */
  readonly threads: number
  /** The module that they run, when it does not lie beside this one. */
  readonly worker?: URL | undefined
}

/** Beside this module in a build. Sources cannot be run by a thread, nor can what was bundled without it. */
const WORKER = new URL('./column-worker.js', import.meta.url)

/**
 * Opens threads for {@link readParquet}, which has files decoded by them, column by column, where it is given the path of
 * a file. None starts before it is needed. They take tens of milliseconds to start: keep them for many files, and end
 * them, because a process with threads does not end by itself.
 *
 * @example
 * await using threads = openReadThreads({ threads: 2 })
 * for (const file of files) console.log((await readParquet(file, { threads })).numRows)
 */
export function openReadThreads({ threads, worker: module = WORKER }: ReadThreadsOptions): ReadThreads {
  const workers = new Map<Worker, Job[]>()
  const queue: Job[] = []
  let most = existsSync(module) ? threads : 0

  function start(): Worker {
    const worker = new Worker(module)
    const jobs: Job[] = []
    workers.set(worker, jobs)
    worker.on('message', (answer: ColumnAnswer) => {
      jobs.shift()?.resolve(answer)
      assign()
    })
    // Its columns are decoded by whoever asked, and the next ones by another thread.
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      workers.delete(worker)
      for (const { resolve } of jobs.splice(0)) resolve(FAILED)
      assign()
    })
    return worker
  }
  /** The thread with the least to do, if it has room for more. */
  function freeWorker(): Worker | undefined {
    const [least] = [...workers].sort(([, some], [, others]) => some.length - others.length)
    if (workers.size < most && (least === undefined || least[1].length > 0)) return start()
    return least !== undefined && least[1].length < AT_ONCE ? least[0] : undefined
  }
  function assign(): void {
    while (queue.length > 0) {
      const worker = freeWorker()
      const job = worker === undefined ? undefined : queue.shift()
      if (worker === undefined || job === undefined) return
      workers.get(worker)?.push(job)
      worker.postMessage(job.task, job.transfer)
    }
  }
  return {
    read(task, transfer) {
      if (most === 0) return Promise.resolve(FAILED)
      return new Promise((resolve) => {
        queue.push({ task, transfer, resolve })
        assign()
      })
    },
    async [Symbol.asyncDispose]() {
      most = 0
      for (const { resolve } of queue.splice(0)) resolve(FAILED)
      await Promise.all([...workers.keys()].map((worker) => worker.terminate()))
    },
  }
}

// A thread has the next column there when it is done with one, and need not wait for this thread to hear of it.
const AT_ONCE = 2

const FAILED: ColumnAnswer = { values: undefined }

interface Job {
  readonly task: ColumnTask
  readonly transfer: readonly ArrayBuffer[]
  readonly resolve: (answer: ColumnAnswer) => void
}
