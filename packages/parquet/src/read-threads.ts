import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { ColumnAnswers, ColumnJob } from './column-task.ts'

/** Threads that decode the columns of files. */
export interface ReadThreads extends AsyncDisposable {
  /** How many there are at most. */
  readonly count: number
  /**
   * Has tasks done, by all threads or, where memory is transferred to it, by the one with the least to do. What could not be
   * done is not among the answers, or has no values.
   */
  read(job: ColumnJob, transfer?: readonly ArrayBuffer[]): Promise<ColumnAnswers>
}

export interface ReadThreadsOptions {
  /** How many; they start when there are columns for them. */
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
  /** What each thread has to do, in the order of its answers. */
  const workers = new Map<Worker, Reading[]>()
  let most = existsSync(module) ? threads : 0

  function start(): void {
    const worker = new Worker(module)
    const readings: Reading[] = []
    workers.set(worker, readings)
    worker.on('message', (answers: ColumnAnswers) => {
      readings.shift()?.hear(answers)
    })
    // Its columns are decoded by whoever asked, and the next ones by another thread.
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      workers.delete(worker)
      for (const { hear } of readings.splice(0)) hear([])
    })
  }
  /** So many threads, those with the least to do. */
  function freest(count: number): [Worker, Reading[]][] {
    const idle = [...workers.values()].filter((readings) => readings.length === 0).length
    for (let more = Math.min(count - idle, most - workers.size); more > 0; more--) start()
    return [...workers].sort(([, some], [, others]) => some.length - others.length).slice(0, count)
  }
  return {
    count: threads,
    read(job, transfer = []) {
      const chosen = freest(transfer.length > 0 ? 1 : job.tasks.length)
      if (most === 0 || chosen.length === 0) return Promise.resolve([])
      return new Promise((resolve) => {
        const reading = createReading(job.tasks.length, chosen.length, resolve)
        for (const [worker, readings] of chosen) {
          readings.push(reading)
          worker.postMessage(job, transfer)
        }
      })
    },
    async [Symbol.asyncDispose]() {
      most = 0
      await Promise.all([...workers.keys()].map((worker) => worker.terminate()))
    },
  }
}

/** A job that threads have begun. */
interface Reading {
  /** Takes what one of the threads did, which is nothing where it ended. */
  readonly hear: (answers: ColumnAnswers) => void
}

/** Is done when all tasks are, or no thread is left: a thread that is busy with another job is not waited for. */
function createReading(tasks: number, threads: number, resolve: (answers: ColumnAnswers) => void): Reading {
  const heard: ColumnAnswers[number][] = []
  let left = threads
  return {
    hear(answers) {
      heard.push(...answers)
      left--
      if (heard.length === tasks || left === 0) resolve(heard)
    },
  }
}
