import { setTimeout as sleep } from 'node:timers/promises'
import { LakeError, type ObjectStore } from '@lake/core'

/**
 * The same store, whose bodies together deliver no more than so many bytes a second.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when that is not a positive number.
 */
export function throttledStore(inner: ObjectStore, bytesPerSecond: number): ObjectStore {
  if (!(bytesPerSecond > 0)) {
    throw new LakeError(
      'BAD_REQUEST',
      `A bandwidth cap is a positive number of bytes a second, ${bytesPerSecond} is not.`,
    )
  }
  let free = performance.now()
  async function* slowed(
    body: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of body) {
      // Each chunk takes its turn on one line: what is sent now, the next has to wait for.
      const start = Math.max(free, performance.now())
      free = start + (chunk.length / bytesPerSecond) * 1000
      const wait = free - performance.now()
      if (wait >= 1) await sleep(wait, undefined, { signal }).catch(() => signal?.throwIfAborted())
      yield chunk
    }
  }
  return {
    ...inner,
    get: async (key, options) => {
      const { info, body } = await inner.get(key, options)
      return { info, body: slowed(body, options?.signal) }
    },
  }
}
