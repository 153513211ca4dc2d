import type { Clock } from '../clock.ts'
import type { LinkEnd, LinkEvents, LiveLink } from './live-link.ts'

const [FIRST_WAIT, LONGEST_WAIT] = [250_000, 30_000_000]
/** A connection that covered for so long was a good one: the next one need not wait long. */
const GOOD_MICROS = 10_000_000

/** Gives up a connection for a reason, and lets none be opened until the reason is gone. */
export interface Brake {
  reason: string | undefined
  stop: (() => void) | undefined
}

export interface KeepOptions {
  readonly link: LiveLink
  readonly events: Omit<LinkEvents, 'alive'> & {
    /** The coverage ended; `since` is the last instant of which it is known that nothing was missed. */
    lost(since: number, reason: string): void
    /** Every end of a connection. */
    ended(end: LinkEnd): void
  }
  readonly brake: Brake
  readonly clock: Clock
  /** From 0 to below 1. */
  readonly random: () => number
  readonly signal: AbortSignal
  /** Told whenever something was received, with the instant. */
  readonly onAlive: (at: number) => void
}

/**
 * Connects, and connects again after each end, until the signal aborts or the venue refuses for good. The wait
 * between two tries is random up to a bound that doubles from a quarter of a second to half a minute.
 *
 * @returns how the last connection ended
 */
export async function keepConnected(options: KeepOptions): Promise<LinkEnd> {
  const { link, events, brake, clock, random, signal, onAlive } = options
  let tries = 0
  let wasCovered = false
  for (;;) {
    let [aliveAt, coveredAt] = [clock.now(), 0]
    const stop = new AbortController()
    brake.stop = () => { stop.abort(brake.reason) } // prettier-ignore
    const end = await link.connect(
      {
        alive() {
          aliveAt = clock.now()
          onAlive(aliveAt)
        },
        covered() {
          coveredAt = clock.now()
          wasCovered = true
          events.covered()
        },
        frame: events.frame,
        malformed: events.malformed,
      },
      AbortSignal.any([signal, stop.signal]),
    )
    brake.stop = undefined
    const now = clock.now()
    if (coveredAt > 0) events.lost(end.isOrderly ? now : Math.max(aliveAt, coveredAt), end.reason)
    events.ended(end)
    // Who was served before is refused for a while only.
    const isFinal = end.fatal === 'blocked' || (end.fatal === 'refused' && !wasCovered)
    if (signal.aborted || isFinal) return end
    tries = coveredAt > 0 && now - coveredAt >= GOOD_MICROS ? 0 : tries + 1
    const wait = random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries)
    try {
      await clock.sleep(wait, signal)
      while (brake.reason !== undefined) await clock.sleep(FIRST_WAIT, signal)
    } catch {
      return { reason: 'stopped', isOrderly: true }
    }
  }
}
