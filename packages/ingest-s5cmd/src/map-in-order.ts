import { setMaxListeners } from 'node:events'

export interface MapOptions<T, R> {
  /** How many run at once. */
  readonly concurrency: number
  /** Its signal aborts with `signal`, and when nobody waits for the result any more. */
  readonly work: (item: T, signal: AbortSignal) => Promise<R>
  readonly signal?: AbortSignal | undefined
}

/** Finished results wait for a slow one before them: this many times the concurrency, then nothing new starts. */
const AHEAD = 4

/**
 * Results of concurrent work, in the order of the items. The first failure in that order ends the stream after the
 * results before it; however it ends, what still runs is aborted and waited for.
 */
export async function* mapInOrder<T, R>(
  items: Iterable<T>,
  options: MapOptions<T, R>,
): AsyncGenerator<R, void, undefined> {
  const { concurrency, work, signal } = options
  const stop = new AbortController()
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
  // Everything that runs listens to it, and its parts do: that many listeners are no leak.
  setMaxListeners(0, either)
  const iterator = items[Symbol.iterator]()
  const results: Promise<R>[] = []
  let running = 0
  let isOver = false

  function fill(): void {
    while (!isOver && running < concurrency && results.length < concurrency * AHEAD) {
      const next = iterator.next()
      if (next.done === true) return
      running++
      const result = work(next.value, either)
      results.push(result)
      // The rejection itself reaches the reader when its turn comes.
      result.then(
        () => {
          running--
          fill()
        },
        () => {
          isOver = true
        },
      )
    }
  }

  try {
    for (;;) {
      signal?.throwIfAborted()
      fill()
      const result = results.shift()
      if (result === undefined) return
      yield await result
    }
  } finally {
    isOver = true
    stop.abort()
    await Promise.allSettled(results)
  }
}
