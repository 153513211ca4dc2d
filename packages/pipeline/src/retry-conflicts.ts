import { LakeError } from '@lake/core'

/** Each conflict means that somebody else got something done. */
const MAXIMUM_ATTEMPTS = 5

/**
 * Does work again when another worker committed first: it then decides anew on what that one left.
 *
 * @param beforeRetry reads again what the decision rests on
 *
 * @throws {@link LakeError} `CONFLICT` when that happens five times in a row, and whatever else the work throws.
 */
export async function retryConflicts<T>(work: () => Promise<T>, beforeRetry?: () => Promise<void>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!LakeError.is(error) || error.code !== 'CONFLICT' || attempt === MAXIMUM_ATTEMPTS) throw error
      await beforeRetry?.()
    }
  }
}
