import type { ObjectStore } from '@lake/core'

/** A store whose process dies, and how many moments to die at there were. */
export interface MortalStore {
  readonly store: ObjectStore
  readonly moments: () => number
}

/**
 * A store whose process kills itself, as `kill -9` does, at a chosen moment: each call is one, and so are the middle and
 * the end of each body that is put.
 *
 * @param killAt the number of the moment, from 1 on; any other text and nobody dies
 */
export function mortalStore(inner: ObjectStore, killAt: string): MortalStore {
  let moments = 0

  function moment(): void {
    if (String(++moments) === killAt) process.kill(process.pid, 'SIGKILL')
  }

  async function* halves(body: Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const chunks = body instanceof Uint8Array ? [body] : body
    for await (const chunk of chunks) {
      const middle = chunk.length >>> 1
      yield chunk.subarray(0, middle)
      moment()
      yield chunk.subarray(middle)
    }
  }

  const store: ObjectStore = {
    url: inner.url,
    list: (options) => inner.list(options),
    head: async (key, options) => {
      moment()
      return inner.head(key, options)
    },
    get: async (key, options) => {
      moment()
      return inner.get(key, options)
    },
    put: async (key, body, options) => {
      moment()
      const info = await inner.put(key, halves(body), options)
      moment()
      return info
    },
    delete: async (key, options) => {
      moment()
      return inner.delete(key, options)
    },
  }
  return { store, moments: () => moments }
}
