/** What one address may spend of one market in a window, and what it hears beyond it. */
export interface VenueBudget {
  /** Weight spent in the current window. */
  readonly used: number
  /** Takes a request into account. What it gives is the refusal: 429 beyond the weight, 418 for those who go on regardless. */
  spend(weight: number): { readonly status: 429 | 418; readonly retryAfter: number } | undefined
}

/** How much may be asked for. */
export interface VenueLimit {
  /** The weight of a window: 6000 for spot and 2400 for futures when absent. */
  readonly weight?: number | undefined
  /** The length of the window in milliseconds; a minute when absent. Windows start at multiples of it. */
  readonly windowMillis?: number | undefined
  /** How many requests after a 429 bring a ban; 10 when absent. */
  readonly patience?: number | undefined
  /** The length of a ban in milliseconds; two minutes when absent. */
  readonly banMillis?: number | undefined
}

/**
 * A budget by the venue's clock.
 *
 * @param usual the weight of a window when the limit names none
 * @param now epoch milliseconds
 */
export function venueBudget(limit: VenueLimit | undefined, usual: number, now: () => number): VenueBudget {
  const {
    weight: allowed = usual,
    windowMillis: window = 60_000,
    patience = 10,
    banMillis: ban = 120_000,
  } = limit ?? {}
  let start = 0
  let used = 0
  let refused = 0
  let bannedUntil = 0
  const turn = (): number => {
    const time = now()
    const current = Math.floor(time / window) * window
    if (current !== start) {
      start = current
      used = 0
      refused = 0
    }
    return time
  }
  return {
    get used() {
      turn()
      return used
    },
    spend(weight) {
      const time = turn()
      if (time < bannedUntil) return { status: 418, retryAfter: seconds(bannedUntil - time) }
      used += weight
      if (used <= allowed) return undefined
      refused++
      if (refused <= patience) return { status: 429, retryAfter: seconds(start + window - time) }
      bannedUntil = time + ban
      return { status: 418, retryAfter: seconds(ban) }
    },
  }
}

/** Retry-After is in whole seconds. */
function seconds(millis: number): number {
  return Math.max(1, Math.ceil(millis / 1000))
}
