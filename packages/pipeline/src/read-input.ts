import { type DatasetId, readObject, type TimeRange } from '@lake/core'
import { decodePage, readFramesPage } from '@lake/ingest-ccxt'
import { type KeptBytes, originalKey } from '@lake/ingest-s5cmd'
import type { SharedFile } from '@lake/parse'
import type { Lake } from './define-lake.ts'
import type { HeldFile } from './held-file.ts'
import { sharedFileOf } from './shared-file.ts'
import type { SilverInput } from './silver-task.ts'

export interface ReadInputOptions {
  readonly lake: Lake
  readonly dataset: DatasetId
  /** The largest share of the lines of a file that may be put aside, by its hash. */
  readonly quarantineLimit: (sha256: string) => number
  /** Bytes that a run has read already. */
  readonly kept?: KeptBytes | undefined
  readonly signal?: AbortSignal | undefined
}

/** A bronze file as an input of a partition. */
export async function readInput(
  { lake, dataset, quarantineLimit, kept, signal }: ReadInputOptions,
  file: HeldFile,
  partition: TimeRange,
): Promise<SilverInput> {
  const { source, key, sha256, period } = file
  if (source === 'archive') {
    const bytes = kept?.take(key, sha256) ?? (await readObject(lake.store, key, { signal }))
    const shared = sharedNames(lake, dataset, key)
    return {
      source,
      key,
      name: originalKey(key),
      period,
      sha256,
      quarantineLimit: quarantineLimit(sha256),
      shared,
      bytes,
    }
  }
  // What a page holds outside of its own range, and outside of the partition's, belongs to others.
  const range = { from: Math.max(period.from, partition.from), to: Math.min(period.to, partition.to) }
  if (source === 'ws') {
    return { source, key, page: await readFramesPage({ store: lake.store, dataset, key, range, signal }) }
  }
  const { envelope, body } = decodePage(await readObject(lake.store, key, { signal }), key)
  return { source, key, page: { envelope: { ...envelope, range }, body } }
}

/** Plain data, since it goes into a thread. */
function sharedNames(lake: Lake, dataset: DatasetId, key: string): SharedFile | undefined {
  const shared = sharedFileOf(lake.exchange(dataset.exchange), dataset, key)
  return shared && { namesBegin: shared.namesBegin }
}
