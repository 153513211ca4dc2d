import { setTimeout as sleep } from 'node:timers/promises'
import { LakeError } from '@lake/core'

/** Each conflict means that somebody else got something done. */
const MAXIMUM_ATTEMPTS = 10

/** Workers in step would meet again at once: each waits a random while, up to 10 ms and then twice as long each time. */
const FIRST_PAUSE = 10
const LONGEST_PAUSE = 500

/**
 * Does work again when another worker committed first: it then decides anew on what that one left.
 *
 * @param beforeRetry reads again what the decision rests on
 *
 * @throws {@link LakeError} `CONFLICT` when that happens ten times in a row, and whatever else the work throws.
 */
export async function retryConflicts<T>(work: () => Promise<T>, beforeRetry?: () => Promise<void>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!LakeError.is(error) || error.code !== 'CONFLICT' || attempt === MAXIMUM_ATTEMPTS) throw error
      await sleep(Math.random() * Math.min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE))
      await beforeRetry?.()
    }
  }
}
