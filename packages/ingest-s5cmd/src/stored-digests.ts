import { mapInOrder } from './map-in-order.ts'
import type { S3End } from './transfer-end.ts'
import type { TransferTally } from './transfer-tally.ts'

const AT_ONCE = 16

export interface StoredDigestsOptions {
  readonly tally: TransferTally
  /** What the run has learnt of its target. */
  readonly learnt: LearntOfTarget
  readonly signal: AbortSignal | undefined
}

/** Grows during a run. */
export interface LearntOfTarget {
  /** It was asked, and computes no sha256: no further request is spent on that. */
  computesNoDigest: boolean
}

/**
 * The sha256 that a store itself computed of these objects, by key; 64 hex digits each. The first object of a run tells whether it
 * computes any: otherwise no request is spent on the rest.
 */
export async function storedDigests(
  end: S3End,
  keys: readonly string[],
  { tally, learnt, signal }: StoredDigestsOptions,
): Promise<Map<string, string>> {
  const { storedSha256 } = end
  const [first, ...others] = keys
  if (storedSha256 === undefined || first === undefined || learnt.computesNoDigest) return new Map()
  const ask = async (key: string, aborted?: AbortSignal): Promise<string | undefined> => {
    tally.requests++
    return storedSha256(key, aborted)
  }
  const digestOfFirst = await ask(first, signal)
  if (digestOfFirst === undefined) {
    learnt.computesNoDigest = true
    return new Map()
  }
  const digests = new Map([[first, digestOfFirst]])
  const work = async (key: string, aborted: AbortSignal) => ({ key, digest: await ask(key, aborted) })
  for await (const { key, digest } of mapInOrder(others, { concurrency: AT_ONCE, signal, work })) {
    if (digest !== undefined) digests.set(key, digest)
  }
  return digests
}
