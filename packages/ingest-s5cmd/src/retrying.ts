import { setTimeout as sleep } from 'node:timers/promises'
import { LakeError } from '@lake/core'

export interface RetryOptions {
  /** How often it is tried at most. */
  readonly attempts: number
  /** The pause before the second try; it doubles from then on, less a random part. */
  readonly pauseMillis: number
  /** Told of each failure that is followed by another try. */
  readonly onRetry: () => void
  readonly signal?: AbortSignal | undefined
}

/**
 * Tries again what may succeed then: `UNAVAILABLE` after a growing pause, `CONFLICT` at once, because the other
 * writer is done, and `CHECKSUM_MISMATCH` only once, because the bytes are paid for each time.
 */
export async function retrying<T>(options: RetryOptions, work: () => Promise<T>): Promise<T> {
  const { attempts, pauseMillis, onRetry, signal } = options
  let mismatches = 0
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      signal?.throwIfAborted()
      if (!LakeError.is(error) || !error.retryable || attempt >= attempts) throw error
      if (error.code === 'CHECKSUM_MISMATCH' && ++mismatches > 1) throw error
      onRetry()
      if (error.code !== 'CONFLICT') await retryPause(pauseMillis * 2 ** (attempt - 1), signal)
    }
  }
}

/** Waits, somewhat less than asked for. Aborts throw `signal.reason`. */
export async function retryPause(millis: number, signal: AbortSignal | undefined): Promise<void> {
  // Many files fail together when a server is down: the random part keeps them from coming back together.
  const jittered = millis * (0.5 + Math.random() / 2)
  try {
    await sleep(jittered, undefined, { signal })
  } catch (error) {
    // The timer wraps the reason.
    signal?.throwIfAborted()
    throw error
  }
}
