import { setTimeout as delay } from 'node:timers/promises'

/** Time, so that a test can have its own. */
export interface Clock {
  /** Epoch microseconds. */
  now(): number
  /** Comes back after so many microseconds, or fails with the signal's reason. */
  sleep(micros: number, signal?: AbortSignal): Promise<void>
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now() * 1000,
  async sleep(micros, signal) {
    signal?.throwIfAborted()
    try {
      // A timer longer than 2^31 ms would fire at once.
      await delay(Math.min(Math.ceil(micros / 1000), 2_147_483_647), undefined, { signal })
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  },
}
