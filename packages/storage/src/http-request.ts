import type { ReadableStream, ReadableStreamDefaultReader } from 'node:stream/web'
import { LakeError } from '@lake/core'
import { systemCodeOf } from './file-error.ts'
import { type AnswerHeaders, isTemporary, statusError } from './http-status.ts'
import { stallGuard } from './stall-guard.ts'

/** As much of `fetch` as is used here. */
type Fetch = (
  url: string,
  init: {
    readonly method: string
    readonly headers: Record<string, string>
    readonly signal: AbortSignal
  },
) => Promise<FetchAnswer>

export interface FetchAnswer {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly body: ReadableStream<Uint8Array> | null
}

export interface HttpClient {
  readonly fetch: Fetch
  /** How long to wait for an answer, and for each chunk of it. */
  readonly timeoutMillis: number
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: AnswerHeaders
  /** The body; leaving it early lets go of the connection. */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>
  /** Lets go of a body that is not wanted. */
  close(): void
}

/**
 * One request, without retry.
 *
 * @throws {@link LakeError} `UNAVAILABLE` when there is no connection, no answer in time, or a status that says "not
 *   now" (408, 429, 5xx). Every other status is for the caller to judge.
 */
export async function sendOnce(client: HttpClient, request: HttpRequest): Promise<HttpAnswer> {
  const { method, url, signal } = request
  const guard = stallGuard(url, client.timeoutMillis, signal)
  const guarded = async <T>(step: Promise<T>): Promise<T> => {
    try {
      return await guard.wait(step)
    } catch (error) {
      guard.close()
      signal?.throwIfAborted()
      throw LakeError.is(error) ? error : brokenOff(url, error)
    }
  }
  // As it is stored: a compressed transfer has no length to hold it against.
  const headers = { 'accept-encoding': 'identity', ...request.headers }
  const response = await guarded(client.fetch(url, { method, headers, signal: guard.signal }))
  if (isTemporary(response.status)) {
    guard.close()
    throw statusError(url, response.status, response.headers)
  }

  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader()
    try {
      while (reader !== undefined) {
        const { done, value } = await guarded(reader.read())
        if (done) return
        yield value
      }
    } finally {
      guard.close()
    }
  }

  return { status: response.status, headers: response.headers, chunks, close: guard.close }
}

function brokenOff(url: string, error: unknown): LakeError {
  // `fetch` says only that it failed; what happened is in the cause.
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const reason = systemCodeOf(cause) ?? (cause instanceof Error ? cause.message : String(cause))
  const message = `The connection to ${url} failed: ${reason}. Check the address and the network, or try again later.`
  return new LakeError('UNAVAILABLE', message, { cause: error, details: { url, reason } })
}
