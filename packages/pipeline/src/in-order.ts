/**
 * Results of concurrent work in the order of the items, with at most `concurrency` begun and not yet taken. However it
 * ends, what was begun is waited for.
 */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  concurrency: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const iterator = items[Symbol.iterator]()
  const begun: Promise<R>[] = []
  const begin = (item: T): void => {
    const result = work(item)
    // The rejection itself reaches the reader when its turn comes.
    result.catch(() => undefined)
    begun.push(result)
  }
  try {
    for (;;) {
      while (begun.length < concurrency) {
        const next = iterator.next()
        if (next.done === true) break
        begin(next.value)
      }
      const result = begun.shift()
      if (result === undefined) return
      yield await result
    }
  } finally {
    await Promise.allSettled(begun)
  }
}
