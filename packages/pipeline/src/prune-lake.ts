import { LakeError } from '@lake/core'
import { type PrunedVersion, pruneVersions } from '@lake/ledger'
import type { Lake } from './define-lake.ts'

/** Which kept versions of partitions may go. */
export interface PruneRequest {
  /** The newest versions of each partition that stay; none when absent. */
  readonly keep?: number | undefined
  /** Only versions that were superseded at least so long ago, in microseconds. */
  readonly olderThan?: number | undefined
  /** True tells what would go, and takes nothing away. */
  readonly dryRun?: boolean | undefined
}

/**
 * Deletes the bytes of versions that restatements superseded. Their reports stay, and so does what the manifests know of
 * them; the lake can no more be read as it stood while they were the truth.
 *
 * @throws {@link LakeError} `BAD_REQUEST` when neither `keep` nor `olderThan` is given, `CONFLICT` when a partition was
 * committed at the same time: what is done is done, and the same call goes on.
 *
 * @example
 * for await (const { key } of pruneLake(lake, { keep: 3 })) console.log(key)
 */
export function pruneLake(
  lake: Lake,
  { keep, olderThan, dryRun }: PruneRequest,
  signal?: AbortSignal,
): AsyncGenerator<PrunedVersion, void, undefined> {
  if (keep === undefined && olderThan === undefined) {
    throw new LakeError(
      'BAD_REQUEST',
      'Say which versions may go: how many of each partition stay (--keep 3), or how old they are (--older-than 90d). Nothing was deleted.',
    )
  }
  const now = lake.now()
  return pruneVersions(lake.store, {
    ...{ keep, dryRun, now, signal },
    before: olderThan === undefined ? undefined : now - olderThan,
  })
}
