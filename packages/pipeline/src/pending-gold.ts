import { type DatasetId, formatDatasetId } from '@lake/core'
import type { Lake } from './define-lake.ts'

/*
 * Healing, updating and recording write silver first and the gold above it after that. A process that is killed in
 * between would leave gold that nobody knows to be stale, since silver then has nothing left to do. So the months are
 * noted before silver is touched, and the note is taken away when their gold is there.
 */

const PREFIX = '_lake/pending/gold/'

const keyOf = (dataset: DatasetId, month: string): string => `${PREFIX}${formatDatasetId(dataset)}/${month}`

/** Notes that the gold of months of a dataset has to be looked at. */
export async function notePendingGold(lake: Lake, dataset: DatasetId, months: Iterable<string>): Promise<void> {
  for (const month of months) await lake.store.put(keyOf(dataset, month), new Uint8Array())
}

/** Takes the notes of months away. */
export async function settlePendingGold(lake: Lake, dataset: DatasetId, months: Iterable<string>): Promise<void> {
  for (const month of months) await lake.store.delete(keyOf(dataset, month))
}

/** The months of each dataset, by its id, whose gold nobody has looked at since silver was touched. */
export async function listPendingGold(
  lake: Lake,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const pending = new Map<string, string[]>()
  for await (const { key } of lake.store.list({ prefix: PREFIX, signal })) {
    const end = key.lastIndexOf('/')
    const id = key.slice(PREFIX.length, end)
    pending.set(id, [...(pending.get(id) ?? []), key.slice(end + 1)])
  }
  return pending
}
