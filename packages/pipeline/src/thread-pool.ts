import { type ResourceLimits, Worker } from 'node:worker_threads'

export interface ThreadPoolOptions {
  /** What the threads run: it answers each message that it gets with one. */
  readonly module: URL
  /** How many at most; they start one by one, as there is work for them. */
  readonly size: number
  readonly resourceLimits?: ResourceLimits | undefined
}

/** Threads that do one task at a time each. */
export interface ThreadPool<Task, Answer> extends AsyncDisposable {
  /** Starts so many threads, as far as there are fewer: they load their module while nothing is asked of them yet. */
  warm(count: number): void
  /** The answer to a task, in turn. Aborting ends the thread that is at it. */
  run(task: Task, options?: RunTaskOptions): Promise<Answer>
}

interface RunTaskOptions {
  /** Memory that the thread gets instead of a copy. */
  readonly transferList?: readonly ArrayBuffer[] | undefined
  readonly signal?: AbortSignal | undefined
}

interface Job<Task, Answer> {
  readonly task: Task
  readonly transferList: readonly ArrayBuffer[]
  readonly resolve: (answer: Answer) => void
  readonly reject: (reason: unknown) => void
  /** The thread that is at it. */
  worker?: Worker
}

/** Opens a pool; no thread starts yet. */
export function openThreadPool<Task, Answer>(options: ThreadPoolOptions): ThreadPool<Task, Answer> {
  const { module, size, resourceLimits } = options
  const workers = new Set<Worker>()
  const idle: Worker[] = []
  const queue: Job<Task, Answer>[] = []
  const jobs = new Map<Worker, Job<Task, Answer>>()

  const start = (): Worker => {
    const worker = new Worker(module, resourceLimits === undefined ? {} : { resourceLimits })
    workers.add(worker)
    worker.on('message', (answer: Answer) => {
      const job = jobs.get(worker)
      jobs.delete(worker)
      idle.push(worker)
      job?.resolve(answer)
      assign()
    })
    worker.on('error', (error) => {
      lose(worker, error)
    })
    worker.on('exit', (code) => {
      lose(worker, new Error(`A worker thread ended with code ${code} in the middle of its work.`))
    })
    return worker
  }
  const lose = (worker: Worker, reason: unknown): void => {
    workers.delete(worker)
    if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1)
    const job = jobs.get(worker)
    jobs.delete(worker)
    job?.reject(reason)
    assign()
  }
  const assign = (): void => {
    while (queue.length > 0) {
      const worker = idle.pop() ?? (workers.size < size ? start() : undefined)
      if (worker === undefined) return
      const job = queue.shift()
      if (job === undefined) return
      job.worker = worker
      jobs.set(worker, job)
      worker.postMessage(job.task, job.transferList)
    }
  }
  const stop = (job: Job<Task, Answer>, reason: unknown): void => {
    const { worker } = job
    if (worker === undefined) {
      if (queue.includes(job)) queue.splice(queue.indexOf(job), 1)
      job.reject(reason)
    } else if (jobs.get(worker) === job) {
      lose(worker, reason)
      void worker.terminate()
    }
  }
  return {
    warm: (count) => {
      while (workers.size < Math.min(count, size)) idle.push(start())
    },
    run: async (task, { transferList = [], signal } = {}) => {
      signal?.throwIfAborted()
      const { promise, ...settle } = withResolvers<Answer>()
      const job: Job<Task, Answer> = { task, transferList, ...settle }
      const onAbort = (): void => {
        stop(job, signal?.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      queue.push(job)
      assign()
      try {
        return await promise
      } finally {
        signal?.removeEventListener('abort', onAbort)
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const job of queue.splice(0)) job.reject(new Error('The threads were ended before this task had its turn.'))
      await Promise.all([...workers].map(async (worker) => worker.terminate()))
    },
  }
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers<T>(): {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (reason: unknown) => void
} {
  let resolve: (value: T) => void = () => undefined
  let reject: (reason: unknown) => void = () => undefined
  const promise = new Promise<T>((...both) => {
    ;[resolve, reject] = both
  })
  return { promise, resolve, reject }
}
