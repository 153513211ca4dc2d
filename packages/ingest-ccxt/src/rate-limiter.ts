import { createHash } from 'node:crypto'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatInstant, LakeError, type RateBudget } from '@lake/core'
import { type Clock, systemClock } from './clock.ts'
import { raceAbort } from './race-abort.ts'
import { openRateLedger, type RateLedger } from './rate-ledger.ts'

export interface RateLimiterOptions {
  /** Where processes of this machine tell each other what they spend. @default `~/.cache/lake/rate-limits` */
  readonly folder?: string | undefined
  /** What tells servers apart that keep budgets of the same name, such as the address of a local one. */
  readonly scope?: string | undefined
  /** The part of each budget that may be spent, above 0 and up to 1. @default 1 */
  readonly share?: number | undefined
  /** How long one is willing to wait when a venue says so, in microseconds; beyond it the request fails. @default 2 minutes */
  readonly patience?: number | undefined
  readonly clock?: Clock | undefined
}

/** A weight that may be spent. */
export interface RateClaim {
  readonly weight: number
  /** Since when it counts, in epoch microseconds UTC. */
  readonly at: number
  /** How long it was waited for, in microseconds. */
  readonly waited: number
}

/** What the answer to a request says about its budget. */
export interface BudgetNews {
  /** How much the venue has counted in this window. */
  readonly used?: number | undefined
  /** Before when it wants no further request, in epoch microseconds UTC. */
  readonly blockedUntil?: number | undefined
  /** What the request was made on, and when its answer was there: it reached the venue somewhere in between. */
  readonly answered?: { readonly claim: RateClaim; readonly at: number } | undefined
}

/** Keeps requests within the budgets of venues, together with all other processes of this machine. */
export interface RateLimiter {
  /**
   * Waits until the weight may be spent, and books it. Whoever came first is served first.
   *
   * @throws {@link LakeError} `RATE_LIMITED` when the venue wants a longer pause than `patience`; `details.retryAt` says until when.
   * @throws {@link LakeError} `BAD_REQUEST` when the weight exceeds the share of the budget.
   */
  acquire(budget: RateBudget, weight: number, signal?: AbortSignal): Promise<RateClaim>
  /** Takes in what a venue's answer says. A request that was on its way for long counts from its answer on. */
  learn(budget: RateBudget, news: BudgetNews): void
}

/**
 * A claim counts so much longer than the window: requests do not all take equally long to arrive. One that was on its way
 * for longer than that may be counted by the venue when its claim is not counted here any more.
 */
const slackOf = (window: number): number => 100_000 + 0.02 * window

/**
 * Opens the budgets of a machine. In any window of a budget no more is spent than its share, however many processes
 * and datasets there are; a ban outlives the process that met it.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when `share` is no part of 1, `NO_PERMISSION` when `folder` cannot be written.
 *
 * @example
 * const limiter = createRateLimiter({ share: 0.5 })
 * await limiter.acquire({ id: 'binance-um', weight: 2400, window: 60_000_000 }, 2)
 */
export function createRateLimiter(options: RateLimiterOptions = {}): RateLimiter {
  const { scope = '', share = 1, patience = 120_000_000, clock = systemClock } = options
  if (!(share > 0 && share <= 1)) {
    throw new LakeError('BAD_REQUEST', `The share of a budget is above 0 and at most 1, not ${share}.`)
  }
  const folder = writableFolder(options.folder === undefined ? defaultFolders() : [options.folder])
  const desks = new Map<string, Desk>()

  const deskOf = ({ id, window }: RateBudget): Desk => {
    const known = desks.get(id)
    if (known !== undefined) return known
    const mark = scope === '' ? '' : `.${createHash('sha256').update(scope).digest('hex').slice(0, 12)}`
    const ledger = openRateLedger({
      ...{ folder, name: `${encodeURIComponent(id)}${mark}`, window: Math.ceil(window + slackOf(window)) },
      now: () => clock.now(),
    })
    const desk: Desk = { ledger, waiting: 0, turn: Promise.resolve() }
    desks.set(id, desk)
    return desk
  }
  /** Books the weight and gives 0, or the microseconds to wait before asking again. */
  const claim = ({ ledger }: Desk, budget: RateBudget, weight: number, now: number): number => {
    const pause = ledger.blockedUntil() - now
    if (pause > patience) throw mustWait(budget, now + pause)
    return pause > 0 ? pause : ledger.claim(weight, budget.weight * share, now)
  }
  /** Waits so long, and then until the weight is booked; gives the instant of that. */
  const wait = async (
    desk: Desk,
    budget: RateBudget,
    weight: number,
    pause: number,
    signal: AbortSignal | undefined,
  ): Promise<number> => {
    for (let micros = pause; ;) {
      if (micros > 0) await clock.sleep(micros, signal)
      signal?.throwIfAborted()
      const now = clock.now()
      micros = claim(desk, budget, weight, now)
      if (micros === 0) return now
    }
  }

  return {
    async acquire(budget, weight, signal) {
      if (weight > budget.weight * share) {
        throw new LakeError(
          'BAD_REQUEST',
          `One request weighs ${weight}, more than the ${budget.weight * share} that may be spent of ${budget.id} at once. Raise the share.`,
          { details: { budget: budget.id, weight, limit: budget.weight * share } },
        )
      }
      signal?.throwIfAborted()
      const start = clock.now()
      const desk = deskOf(budget)
      // Most find nobody before them and enough of the budget, and need not queue.
      const pause = desk.waiting === 0 ? claim(desk, budget, weight, start) : undefined
      if (pause === 0) return { weight, at: start, waited: 0 }
      const { turn } = desk
      const mine = raceAbort(turn, signal).then(() => wait(desk, budget, weight, pause ?? 0, signal))
      // Whoever comes next waits for both, since this one may abort before its turn.
      desk.turn = Promise.allSettled([turn, mine])
      desk.waiting += 1
      try {
        const at = await mine
        return { weight, at, waited: clock.now() - start }
      } finally {
        desk.waiting -= 1
      }
    },
    learn(budget, { used, blockedUntil, answered }) {
      const { ledger } = deskOf(budget)
      if (answered !== undefined && answered.at - answered.claim.at > slackOf(budget.window)) {
        ledger.move(answered.claim.weight, answered.claim.at, answered.at)
      }
      if (used !== undefined) ledger.atLeast(used, clock.now())
      if (blockedUntil !== undefined) ledger.block(blockedUntil)
    },
  }
}

/** Where requests of one budget queue. */
interface Desk {
  readonly ledger: RateLedger
  /** How many wait, and for whom the next one does. */
  waiting: number
  turn: Promise<unknown>
}

/** The error of a venue that wants to be left alone for longer than one is willing to wait. */
function mustWait(budget: RateBudget, retryAt: number): LakeError {
  return new LakeError(
    'RATE_LIMITED',
    `The budget ${budget.id} is blocked until ${formatInstant(retryAt)}, as the venue asked for. What was stored stays; go on after that.`,
    { details: { budget: budget.id, retryAt } },
  )
}

function defaultFolders(): string[] {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return [cache, tmpdir()].map((folder) => join(folder, 'lake', 'rate-limits'))
}

function writableFolder(folders: readonly string[]): string {
  for (const folder of folders) {
    try {
      mkdirSync(folder, { recursive: true })
      accessSync(folder, constants.W_OK)
      return folder
    } catch {
      continue
    }
  }
  throw new LakeError(
    'NO_PERMISSION',
    `Requests are counted in a folder, and ${folders.join(' and ')} cannot be written. Name another as 'folder'.`,
    { details: { folders } },
  )
}
