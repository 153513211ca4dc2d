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
 * The sha256 that a store itself computed of each of these objects, in their order. The first object of a run tells
 * whether it computes any: otherwise no request is spent on the rest.
 */
export async function storedDigests(
  end: S3End,
  keys: readonly string[],
  { tally, learnt, signal }: StoredDigestsOptions,
): Promise<(string | undefined)[]> {
  const { storedSha256 } = end
  const nothing = keys.map(() => undefined)
  const [first, ...others] = keys
  if (storedSha256 === undefined || first === undefined || learnt.computesNoDigest) return nothing
  const ask = async (key: string, aborted?: AbortSignal): Promise<string | undefined> => {
    tally.requests++
    return storedSha256(key, aborted)
  }
  const digest = await ask(first, signal)
  if (digest === undefined) {
    learnt.computesNoDigest = true
    return nothing
  }
  const digests: (string | undefined)[] = [digest]
  for await (const other of mapInOrder(others, { concurrency: AT_ONCE, signal, work: ask })) digests.push(other)
  return digests
}
