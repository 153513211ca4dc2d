import { untilAborted } from './until-aborted.ts'

/**
 * The chunks of a body, which may be one array. Ends at once with the reason of an abort, even while the body hangs; what the body
 * itself throws passes as it is. The body is closed in every case.
 */
export async function* bodyChunks(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  signal?.throwIfAborted()
  if (!(Symbol.asyncIterator in body)) {
    if (body.length > 0) yield body
    signal?.throwIfAborted()
    return
  }
  const reader = body[Symbol.asyncIterator]()
  let isDone = false
  try {
    while (!isDone) {
      const next = await untilAborted(reader.next(), signal)
      if (next.done === true) isDone = true
      else yield next.value
    }
  } finally {
    const closing = isDone ? undefined : close(reader)
    // A body that hangs would not answer, so an abort does not wait for it.
    if (signal?.aborted !== true) await closing
  }
}

/** Lets go of a body that is not read to its end. Whatever it says to that is no news: the put has failed already. */
async function close(reader: AsyncIterator<Uint8Array>): Promise<void> {
  await Promise.allSettled([reader.return?.()])
}
