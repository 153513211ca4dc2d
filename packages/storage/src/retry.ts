import { setTimeout as sleep } from 'node:timers/promises'
import { LakeError } from '@lake/core'
import { untilAborted } from './until-aborted.ts'

export interface RetryPolicy {
  /** How often a temporary failure is tried again. */
  readonly retries: number
  /** The first pause, doubled with every further failure; up to half of it is left to chance. */
  readonly backoffMillis: number
}

/**
 * The result of the first attempt that succeeds. Only `UNAVAILABLE` is tried again; when the other side named a
 * time (`details.retryAfterMillis`), after that time.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failures = 0; ;) {
    try {
      return await attempt()
    } catch (error) {
      signal?.throwIfAborted()
      failures++
      await pauseAfter(error, failures, policy, signal)
    }
  }
}

/** Waits before the next attempt; throws the error when it is no use, or was the last that is allowed. */
export async function pauseAfter(
  error: unknown,
  failures: number,
  { retries, backoffMillis }: RetryPolicy,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!LakeError.is(error) || error.code !== 'UNAVAILABLE') throw error
  const asked = error.details['retryAfterMillis']
  const millis = typeof asked === 'number' ? asked : backoffMillis * 2 ** (failures - 1) * (1 - Math.random() / 2)
  if (failures > retries || millis > LONGEST_PAUSE_MILLIS) {
    const message = `${error.message} Tried ${failures} times.`
    throw new LakeError('UNAVAILABLE', message, {
      cause: error.cause,
      details: { ...error.details, attempts: failures },
    })
  }
  await untilAborted(sleep(millis), signal)
}

/** Whoever asks for more patience than this gets none: the caller may have better things to do. */
const LONGEST_PAUSE_MILLIS = 60_000
