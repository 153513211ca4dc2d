import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { ColumnAnswer, ColumnTask } from './column-task.ts'

/** Threads that decode the columns of files. */
export interface ReadThreads extends AsyncDisposable {
  /** Has a column decoded, by a thread that is free or as soon as one is. What is transferred is gone here. */
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
  const workers = new Set<Worker>()
  const idle: Worker[] = []
  const queue: Job[] = []
  const jobs = new Map<Worker, Job>()
  let most = existsSync(module) ? threads : 0

  function settle(worker: Worker, answer: ColumnAnswer): void {
    const job = jobs.get(worker)
    jobs.delete(worker)
    job?.resolve(answer)
  }
  function start(): Worker {
    const worker = new Worker(module)
    workers.add(worker)
    worker.on('message', (answer: ColumnAnswer) => {
      settle(worker, answer)
      idle.push(worker)
      assign()
    })
    // Its column is decoded by whoever asked, and the next one by another thread.
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      workers.delete(worker)
      if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1)
      settle(worker, FAILED)
      assign()
    })
    return worker
  }
  function assign(): void {
    while (queue.length > 0) {
      const worker = idle.pop() ?? (workers.size < most ? start() : undefined)
      const job = worker === undefined ? undefined : queue.shift()
      if (worker === undefined || job === undefined) return
      jobs.set(worker, job)
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
      await Promise.all([...workers].map((worker) => worker.terminate()))
    },
  }
}

const FAILED: ColumnAnswer = { values: undefined }

interface Job {
  readonly task: ColumnTask
  readonly transfer: readonly ArrayBuffer[]
  readonly resolve: (answer: ColumnAnswer) => void
}
