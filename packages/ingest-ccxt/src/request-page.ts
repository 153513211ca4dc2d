import { LakeError, type RateBudget, type RestEndpoint } from '@lake/core'
import type { Clock } from './clock.ts'
import type { FetchTally } from './fetch-report.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { refusalError, refusalOf, retryAtOf } from './refusal.ts'
import type { RestReply, RestTransport } from './rest-transport.ts'
import type { RowsPlace } from './rows-place.ts'

/** What requests of a venue share. */
export interface RequestContext {
  readonly transport: RestTransport
  readonly limiter: RateLimiter
  readonly clock: Clock
  /** Tries of a request in all. */
  readonly attempts: number
  /** Tries of a request that got no answer at all. */
  readonly connectionAttempts: number
  readonly tally: FetchTally
  readonly signal?: AbortSignal | undefined
}

export interface PageRequest {
  readonly endpoint: RestEndpoint
  readonly parameters: Readonly<Record<string, string | number>>
  /** Where the rows of the answer ought to lie. */
  readonly rows?: RowsPlace | undefined
  readonly budget: RateBudget
  readonly weight: number
}

export interface PageReply {
  readonly reply: RestReply
  readonly requestedAt: number
  readonly receivedAt: number
  /** What of the answer was final: by the venue's clock where it is behind ours. */
  readonly asOf: number
}

/** The pause before the second try; it doubles from try to try, up to the longest. */
const FIRST_PAUSE = 500_000
const LONGEST_PAUSE = 30_000_000

/**
 * One answer of a venue within its budget, asked for again where that may help.
 *
 * @throws {@link LakeError} what stands: `RATE_LIMITED`, `BLOCKED_REGION`, `UNAVAILABLE` after all attempts, and what
 * the venue refuses for good.
 */
export async function requestPage(request: PageRequest, context: RequestContext): Promise<PageReply> {
  const { endpoint, parameters, rows, budget, weight } = request
  const { transport, limiter, clock, tally, signal } = context
  for (let attempt = 1; ; attempt++) {
    const claim = await limiter.acquire(budget, weight, signal)
    if (claim.waited > 0) tally.waits += 1
    tally.waited += claim.waited
    const requestedAt = clock.now()
    tally.requests += 1
    let failure: LakeError
    let { attempts } = context
    try {
      const reply = await transport.send({ endpoint, parameters, rows, signal })
      const receivedAt = clock.now()
      const refusal = refusalOf(reply)
      const limited = refusal?.code === 'RATE_LIMITED'
      const retryAt = limited ? (retryAtOf(reply, receivedAt) ?? receivedAt + budget.window) : undefined
      const answered = { claim, at: receivedAt }
      limiter.learn(budget, { used: usedOf(reply, budget), blockedUntil: retryAt, answered })
      if (refusal === undefined) return { reply, requestedAt, receivedAt, asOf: asOf(reply, requestedAt) }
      failure = refusalError(refusal, endpoint, { status: reply.status, attempts: attempt, parameters, retryAt })
    } catch (error) {
      signal?.throwIfAborted()
      if (!LakeError.is(error)) throw error
      failure = error
      attempts = context.connectionAttempts
    }
    if (!failure.retryable || attempt >= attempts) throw failure
    tally.retries += 1
    if (failure.code !== 'RATE_LIMITED') await pause(attempt, context)
  }
}

/** Waits a random part of a time that doubles from attempt to attempt, so that many who failed together do not return together. */
export async function pause(attempt: number, { clock, tally, signal }: RequestContext): Promise<void> {
  const micros = Math.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))
  tally.waits += 1
  tally.waited += micros
  await clock.sleep(micros, signal)
}

function usedOf({ headers }: RestReply, { usedHeader }: RateBudget): number | undefined {
  const text = usedHeader === undefined ? undefined : headers[usedHeader]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

function asOf({ headers }: RestReply, requestedAt: number): number {
  const date = Date.parse(headers['date'] ?? '') * 1000
  return Number.isFinite(date) ? Math.min(requestedAt, date) : requestedAt
}
