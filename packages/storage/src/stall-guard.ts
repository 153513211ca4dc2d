import { LakeError } from '@lake/core'
import { untilAborted } from './until-aborted.ts'

/** Watches over one request: ends it on the caller's abort, and when one step of it takes too long. */
export interface StallGuard {
  /** For the request itself. */
  readonly signal: AbortSignal
  /** Waits for a step. Throws the reason of an abort, or `UNAVAILABLE` when the step takes too long. */
  wait<T>(step: Promise<T>): Promise<T>
  /** Ends the request if it still runs. */
  readonly close: () => void
}

export function stallGuard(url: string, timeoutMillis: number, signal: AbortSignal | undefined): StallGuard {
  const controller = new AbortController()
  const abort = (): void => {
    controller.abort(signal?.reason)
  }
  if (signal?.aborted === true) abort()
  signal?.addEventListener('abort', abort)
  const stall = (): void => {
    const message = `${url} sent nothing for ${timeoutMillis / 1000} s. Try again later.`
    controller.abort(new LakeError('UNAVAILABLE', message, { details: { url, timeoutMillis } }))
  }
  return {
    signal: controller.signal,
    async wait(step) {
      const timer = setTimeout(stall, timeoutMillis)
      try {
        return await untilAborted(step, controller.signal)
      } finally {
        clearTimeout(timer)
      }
    },
    close() {
      signal?.removeEventListener('abort', abort)
      controller.abort()
    },
  }
}
