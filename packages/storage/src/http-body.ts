import { LakeError } from '@lake/core'
import type { ByteRange } from './byte-range.ts'
import { describedObject, etagCondition, type HttpObject } from './http-object.ts'
import type { HttpAnswer } from './http-request.ts'
import { pauseAfter, type RetryPolicy, withRetries } from './retry.ts'

export interface HttpBody {
  readonly url: string
  readonly object: HttpObject
  readonly answer: HttpAnswer
  /** The bytes that are wanted. */
  readonly range: ByteRange
  readonly policy: RetryPolicy
  readonly signal: AbortSignal | undefined
  /** Asks for the object again, with further headers. */
  readonly ask: (headers: Readonly<Record<string, string>>) => Promise<HttpAnswer>
}

/**
 * The wanted bytes, exactly. When the connection breaks, the rest is asked for under the condition that the object is
 * still the same; without a strong etag nobody could tell, so a break is final then.
 *
 * @throws {@link LakeError} `UNAVAILABLE` when the rest cannot be had; the bytes so far are right.
 */
export async function* resumedBody(body: HttpBody): AsyncGenerator<Uint8Array, void, undefined> {
  const { range, policy, signal } = body
  let { answer, object } = body
  let position = range.start
  for (let failures = 0; ;) {
    try {
      for await (const chunk of cut(answer, object, { start: position, end: range.end })) {
        position += chunk.length
        yield chunk
        signal?.throwIfAborted()
      }
      if (position === range.end) return
      throw endedEarly(body, position)
    } catch (error) {
      signal?.throwIfAborted()
      const condition = etagCondition(object.info.etag)
      if (condition === undefined) throw error
      failures++
      await pauseAfter(error, failures, policy, signal)
      const headers = { range: `bytes=${position}-${range.end - 1}`, 'if-range': condition }
      answer = await withRetries(policy, signal, async () => body.ask(headers))
      object = sameObject(body, answer, position)
    }
  }
}

/** The part of an answer's body that is wanted; also from a server that does not know ranges and sends everything. */
async function* cut(
  answer: HttpAnswer,
  { start, end }: HttpObject,
  wanted: ByteRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  let position = start
  for await (const chunk of answer.chunks()) {
    const part = chunk.subarray(Math.max(0, wanted.start - position), Math.max(0, wanted.end - position))
    position += chunk.length
    if (part.length > 0) yield part
    // Reading on to a near end keeps the connection for the next request; a far one costs too much.
    if (position >= wanted.end && wanted.end < end) return
  }
}

function sameObject({ url, object: { info } }: HttpBody, answer: HttpAnswer, position: number): HttpObject {
  const object = describedObject(info.key, url, answer)
  if (object?.info.etag === info.etag && object.info.size === info.size && object.start <= position) return object
  answer.close()
  const message = `${url} broke off at byte ${position}, and was replaced before the rest was read. Read it again.`
  throw new LakeError('UNAVAILABLE', message, {
    details: { url, position, expected: info.etag, found: object?.info.etag ?? '' },
  })
}

function endedEarly({ url, range, object }: HttpBody, position: number): LakeError {
  return new LakeError('UNAVAILABLE', `${url} ended at byte ${position}, before byte ${range.end}. Read it again.`, {
    details: { url, position, expected: range.end, size: object.info.size },
  })
}
