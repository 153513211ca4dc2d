import { LakeError, parsePartitionKey } from '@lake/core'
import { type PrunedVersion, pruneVersions } from '@lake/ledger'
import type { Lake } from './define-lake.ts'
import { certifiedSha256, listCertificates, readCertificates } from './kept-certificates.ts'

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
 * Deletes the bytes of versions that restatements superseded, and their certificates. Reports on the rows that differ stay, and so does what the manifests know of
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
  const before = olderThan === undefined ? undefined : now - olderThan
  const pruned = pruneVersions(lake.store, { keep, before, dryRun, now, signal })
  return dryRun === true ? pruned : withCertificates(lake, pruned, signal)
}

/** A certificate of bytes that are gone says nothing to anybody. Killed before it goes, the next certification deletes it. */
async function* withCertificates(
  { store, ledger }: Lake,
  pruned: AsyncIterable<PrunedVersion>,
  signal: AbortSignal | undefined,
): AsyncGenerator<PrunedVersion, void, undefined> {
  for await (const version of pruned) {
    const partition = parsePartitionKey(version.key)
    if (partition !== undefined) {
      const { series, label } = partition
      const stored = await ledger.manifest(series, label.slice(0, 7))
      const { files = [], superseded = [] } = stored?.manifest ?? {}
      const held = [...files, ...superseded.filter(({ prunedAt }) => prunedAt === undefined)]
      const isHeld = held.some((file) => file.label === label && file.sha256 === version.sha256)
      const keys = isHeld ? [] : ((await listCertificates(store, series, signal)).get(label) ?? [])
      for (const kept of await readCertificates(store, keys, signal)) {
        if (certifiedSha256(kept) === version.sha256) await store.delete(kept.key, { signal })
      }
    }
    yield version
  }
}
