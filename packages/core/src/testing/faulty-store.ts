import type { LakeError } from '../lake-error.ts'
import type { ObjectStore } from '../object-store.ts'
import type { StoreOperation } from './store-operation.ts'

/**
 * Where a {@link faultyStore} fails. `call` counts the calls of that operation from 1. For `list`, the key is the
 * prefix.
 */
export interface Faults {
  /** The error that the call ends with. A put takes half of its first chunk before it fails. */
  readonly fail?: ((operation: StoreOperation, key: string, call: number) => LakeError | undefined) | undefined
  /** How many bytes a get delivers before its body ends as if it were whole. */
  readonly truncate?: ((key: string, call: number) => number | undefined) | undefined
  /** True: the call hangs until its signal aborts. A get answers, and its body hangs after half of a chunk. */
  readonly stall?: ((operation: StoreOperation, key: string, call: number) => boolean) | undefined
}

/**
 * A store that fails, truncates and stalls where it is told, and otherwise does what `inner` does. A full disk is
 * a `fail` that gives a `NO_SPACE` for a put. It has no `copy`, so that every fault is met.
 *
 * @example
 * const full = new LakeError('NO_SPACE', 'The disk is full. Nothing was changed.')
 * const store = faultyStore(memoryStore(), {
 *   fail: (operation, key) => (operation === 'put' && key.endsWith('.parquet') ? full : undefined),
 * })
 */
export function faultyStore(inner: ObjectStore, faults: Faults): ObjectStore {
  const calls = { list: 0, head: 0, get: 0, put: 0, delete: 0 }

  /** Hangs or throws where the faults say so; gives the number of the call. */
  async function enter(operation: 'list' | 'head' | 'delete', key: string, signal?: AbortSignal): Promise<void> {
    const call = ++calls[operation]
    const error = faults.fail?.(operation, key, call)
    if (error !== undefined) throw error
    if (faults.stall?.(operation, key, call) === true) await hang(signal)
  }

  return {
    url: inner.url,
    async *list(options) {
      await enter('list', options?.prefix ?? '', options?.signal)
      yield* inner.list(options)
    },
    async head(key, options) {
      await enter('head', key, options?.signal)
      return inner.head(key, options)
    },
    async get(key, options) {
      const call = ++calls.get
      const error = faults.fail?.('get', key, call)
      if (error !== undefined) throw error
      const { info, body } = await inner.get(key, options)
      if (faults.stall?.('get', key, call) === true) {
        return { info, body: interrupted(body, async () => hang(options?.signal)) }
      }
      const bytes = faults.truncate?.(key, call)
      return { info, body: bytes === undefined ? body : truncated(body, bytes) }
    },
    async put(key, body, options) {
      const call = ++calls.put
      const error = faults.fail?.('put', key, call)
      if (error !== undefined)
        return inner.put(
          key,
          interrupted(body, () => Promise.reject(error)),
          options,
        )
      if (faults.stall?.('put', key, call) === true) {
        return inner.put(
          key,
          interrupted(body, async () => hang(options?.signal)),
          options,
        )
      }
      return inner.put(key, body, options)
    },
    async delete(key, options) {
      await enter('delete', key, options?.signal)
      await inner.delete(key, options)
    },
  }
}

async function hang(signal: AbortSignal | undefined): Promise<never> {
  signal?.throwIfAborted()
  await new Promise<void>((resolve) => {
    signal?.addEventListener('abort', () => { resolve() }, { once: true }) // prettier-ignore
  })
  signal?.throwIfAborted()
  throw new Error('A stalled call went on without an abort')
}

/** Half of the first chunk, then whatever `interrupt` does, which never comes back. */
async function* interrupted(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  interrupt: () => Promise<never>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = Symbol.asyncIterator in body ? body : [body]
  for await (const chunk of chunks) {
    yield chunk.subarray(0, chunk.length >> 1)
    break
  }
  await interrupt()
}

async function* truncated(body: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  let left = bytes
  for await (const chunk of body) {
    if (chunk.length >= left) {
      yield chunk.subarray(0, left)
      return
    }
    left -= chunk.length
    yield chunk
  }
}
