import type { ObjectStore } from '../object-store.ts'
import type { StoreOperation } from './store-operation.ts'

/** What went through a store so far, by operation; the numbers keep growing. */
export type OperationCounts = Readonly<Record<StoreOperation, Readonly<Count>>>

interface Count {
  /** Calls; a listing counts when its first entry is asked for. */
  requests: number
  /** Body bytes that gets delivered or puts took; 0 for the other operations. */
  bytes: number
}

/**
 * A store that counts requests and bytes on their way to `inner`, for tests that hold a budget.
 * It has no `copy`, so that every byte is seen.
 *
 * @example
 * const { store, counts } = countingStore(memoryStore())
 * await store.put('a', Uint8Array.of(1, 2))
 * counts.put // { requests: 1, bytes: 2 }
 */
export function countingStore(inner: ObjectStore): { readonly store: ObjectStore; readonly counts: OperationCounts } {
  const counts = { list: zero(), head: zero(), get: zero(), put: zero(), delete: zero() }
  const store: ObjectStore = {
    url: inner.url,
    async *list(options) {
      counts.list.requests++
      yield* inner.list(options)
    },
    async head(key, options) {
      counts.head.requests++
      return inner.head(key, options)
    },
    async get(key, options) {
      counts.get.requests++
      const { info, body } = await inner.get(key, options)
      return { info, body: counted(body, counts.get) }
    },
    async put(key, body, options) {
      counts.put.requests++
      if (Symbol.asyncIterator in body) return inner.put(key, counted(body, counts.put), options)
      counts.put.bytes += body.length
      return inner.put(key, body, options)
    },
    async delete(key, options) {
      counts.delete.requests++
      await inner.delete(key, options)
    },
  }
  return { store, counts }
}

function zero(): Count {
  return { requests: 0, bytes: 0 }
}

async function* counted(body: AsyncIterable<Uint8Array>, count: Count): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of body) {
    count.bytes += chunk.length
    yield chunk
  }
}
